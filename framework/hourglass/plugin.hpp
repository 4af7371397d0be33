#pragma once

// All that a variant's source needs: the base class, the builder, options, operations, and the
// macro that makes a shared library a plugin.

#include <hourglass/core/schedule.hpp>
#include <hourglass/ops/abs.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/batch_topk.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/categorical_cross_entropy.hpp>
#include <hourglass/ops/clip.hpp>
#include <hourglass/ops/concat.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/dropout.hpp>
#include <hourglass/ops/elu.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/gelu.hpp>
#include <hourglass/ops/leaky_relu.hpp>
#include <hourglass/ops/log.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/power.hpp>
#include <hourglass/ops/random.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/slice.hpp>
#include <hourglass/ops/softmax.hpp>
#include <hourglass/ops/softplus.hpp>
#include <hourglass/ops/sparse.hpp>
#include <hourglass/ops/sparse_product.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/squared_error.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/ops/swish.hpp>
#include <hourglass/ops/tanh.hpp>
#include <hourglass/ops/topk.hpp>
#include <hourglass/ops/transpose.hpp>
#include <hourglass/plugin/model_builder.hpp>
#include <hourglass/plugin/plugin_macro.hpp>
#include <hourglass/plugin/variant.hpp>
