#pragma once

#include <hourglass/graph/kernel.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <cstdint>
#include <memory>

// A dense layer whose weight is shared out among the threads of the team, as many rows to each
// (Shoeybi et al. 2019 do so among machines). The thread that computes a share's gradient is the
// one whose part of an update's sweep it is, and the one that reads it in the next step: what
// crosses from core to core are activations, which are small beside weights, moments and
// gradients unless the batch is large.

namespace hourglass {

struct DenseSizes {
  std::int64_t batch, in, out;
};

/// Whether a weight of [out, in] may be shared out by its rows, and is plain then: a rule on sizes,
/// threads and, for one thread, whether our own product serves (ops/packed_product). Those that
/// training moves are; of those that only serve ops/dense decides.
bool dense_is_shared(std::int64_t out, std::int64_t in);

/// Whether each thread computes as many samples of y, or of dx, rather than as many columns.
bool shared_forward_by_samples(const DenseSizes& sizes);
bool shared_backward_data_by_samples(const DenseSizes& sizes);

/// y = activation(x W^T + b). Inputs x, W and, where there is a bias, b; output y.
std::unique_ptr<Kernel> shared_dense_forward(const DenseSizes& sizes, bool bias,
                                             onednn::OptionalPostOp activation);
/// dx = dy W. Inputs dy and W; output dx.
std::unique_ptr<Kernel> shared_dense_backward_data(const DenseSizes& sizes);
/// dW = dy^T x, db = sum of dy. Inputs x and dy; outputs dW and, where there is a bias, db.
std::unique_ptr<Kernel> shared_dense_backward_weights(const DenseSizes& sizes, bool bias);

}  // namespace hourglass
