#pragma once

#include <hourglass/ops/sparse.hpp>

namespace hourglass {

/// The k * batch largest positive elements of the whole of x [batch, n], so that rows have k on
/// average: values and indices are [batch * k], row after row, each row in the order of its
/// indices. An element that is not positive is never taken; where there are fewer positive ones
/// than k * batch, all are taken and the remaining pairs are not used (value 0, index 0). Among
/// equal elements those of the lower row come first, in a row those of the lower index; NaN counts
/// as larger than all numbers, so that it is not lost. Gradient: as that of `topk`. Throws
/// ShapeError unless x has two axes, 1 <= k <= n, and n and batch * k are at most 2^24. B. Bussmann
/// et al., "BatchTopK sparse autoencoders", 2024.
HOURGLASS_API SparseValue batch_topk(Value x, std::int64_t k);

}  // namespace hourglass
