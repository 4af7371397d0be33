#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// The one-to-one assignment of rows to columns with the greatest sum of values: of each row its
/// column, or -1 for the rows that are left over where there are more rows than columns.
/// values: [rows, columns], finite, row by row. Exact, by shortest augmenting paths (H. W. Kuhn,
/// 1955; R. Jonker, A. Volgenant, 1987), in time proportional to min(rows, columns)^2 times the
/// greater number. Of equally good assignments, equal calls give the same.
HOURGLASS_API std::vector<std::int64_t> best_assignment(std::span<const float> values,
                                                        std::int64_t rows, std::int64_t columns);

}  // namespace hourglass
