#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

using Rows = std::vector<std::uint32_t>;

/// Divides `rows` in two: a counted random choice of the given part, at least one row, and the
/// rest, both in their order. A pure function of its arguments.
/// Throws OptionError for the option `what` ("validation") when either side would be empty.
HOURGLASS_API std::pair<Rows, Rows> take_part(const Rows& rows, double part, std::uint64_t seed,
                                              std::string_view what);

}  // namespace hourglass
