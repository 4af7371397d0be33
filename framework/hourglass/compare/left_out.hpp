#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>

namespace hourglass::compare {

/// How many runs are in no mean, and why, and how many folders are no run: "2 of 8 runs are not in
/// the means: 1 diverged, 1 repeats a seed". For who sees a format that does not list them. Empty
/// where there are none.
HOURGLASS_API std::string left_out_text(const Comparison& comparison);

}  // namespace hourglass::compare
