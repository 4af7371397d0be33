#pragma once

#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::compare {

/// The keys in which the groups that have a metric differ, and which may change what is minimised.
/// Where there is one, none of these groups is better than another by its loss.
HOURGLASS_API std::vector<std::string> objective_keys(std::span<const GroupSummary> groups,
                                                      std::size_t metric);

}  // namespace hourglass::compare
