#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>

namespace hourglass::compare {

/// What the page shows beside the JSON of a comparison, as JSON: `version` of the program; `keys`
/// with their labels; `chosen` metrics, the `standings` of groups by each and the group that
/// `leads` (see leader_of); `protocol`, how metrics were taken; and of the first groups `curves`,
/// `pictures` and `differences` of settings. What belongs to groups is in their order.
HOURGLASS_API std::string page_details(const Comparison& comparison);

}  // namespace hourglass::compare
