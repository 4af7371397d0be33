#pragma once

#include <hourglass/compare/comparison.hpp>

#include <cstddef>
#include <string>

namespace hourglass::cli {

/// A comparison as tables for a terminal of `width` columns.
std::string comparison_table(const compare::Comparison& comparison, std::size_t width);

}  // namespace hourglass::cli
