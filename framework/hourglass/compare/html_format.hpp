#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>
#include <string_view>

namespace hourglass::compare {

/// A comparison as one HTML file that asks for nothing from outside: a table to sort, curves,
/// parallel coordinates, Pareto plot, pictures of runs, differences of settings. Reads metrics.csv
/// and pictures of the first groups, see group_curves, group_pictures and setting_differences.
/// Throws ConfigError, saying what to do, where the build has no page.
HOURGLASS_API std::string to_html(const Comparison& comparison);

/// The same with a page of the caller's: see page_template.
HOURGLASS_API std::string to_html(const Comparison& comparison, std::string_view page);

}  // namespace hourglass::compare
