#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// The class of each query by a vote of its `neighbours` nearest rows, Euclidean; of classes with
/// equally many votes, that of the nearest row among theirs. Of rows that are equally far the
/// earlier is nearer.  rows: [n, features], classes: [n], queries: [m, features],
/// neighbours in [1, n].
/// Candidates come from f32 products, 16 more than are wanted, and are then compared by distances
/// in double. The same for any number of threads.
HOURGLASS_API std::vector<std::int32_t> classify_by_neighbours(
    const Tensor& rows, std::span<const std::int32_t> classes, const Tensor& queries,
    std::int64_t neighbours);

}  // namespace hourglass
