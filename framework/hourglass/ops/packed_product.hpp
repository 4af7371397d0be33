#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/kernel.hpp>
#include <hourglass/onednn/primitive.hpp>
#include <hourglass/ops/packed_product_kernels.hpp>

#include <memory>

// A product of matrices by one thread, for processors with AVX2 and not AVX-512. There oneDNN has
// a single one for plain matrices (2.6 and 3.7 alike), which chooses between two codes in every
// call, and wrongly for the sizes of a thread's share: it takes a quarter longer than this one.

namespace hourglass {

/// Whether this code is faster here than oneDNN's: a rule on the processor and oneDNN's code for
/// it, not on sizes or threads.
HOURGLASS_API bool packed_product_serves();

/// A product with any activation. Inputs a, b and, if there is one, the bias; outputs c and, where
/// a is packed and they are wanted, the row sums. Only the sizes and steps of `product` are looked
/// at.
HOURGLASS_API std::unique_ptr<Kernel> packed_product(
    const PackedProduct& product, onednn::OptionalPostOp activation = std::nullopt);

}  // namespace hourglass
