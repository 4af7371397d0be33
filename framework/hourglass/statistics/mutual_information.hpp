#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>

namespace hourglass {

/// The entropy of how often each class occurs, in nats: -sum over c of p(c) log p(c). Classes are
/// counted from 0.
HOURGLASS_API double entropy(std::span<const std::int32_t> classes);

/// The mutual information of two classes of the same samples, in nats, from how often each pair
/// occurs: sum over a, b of p(a, b) log(p(a, b) / (p(a) p(b))). 0 where either is constant.
HOURGLASS_API double mutual_information(std::span<const std::int32_t> a,
                                        std::span<const std::int32_t> b);

}  // namespace hourglass
