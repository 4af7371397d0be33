#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/statistics/interval.hpp>

#include <string>

namespace hourglass::compare {

// Numbers as readers want them: as many digits as mean something.

/// "242.9 ± 1.2": two digits of the deviation, and the mean as far as these go. Without a
/// deviation, or where it is 0 or no more than
/// rounding (1e-12 of the mean), the mean alone with four digits, whole numbers with all.
HOURGLASS_API std::string mean_text(const Estimate& estimate);

/// The mean alone, with the digits that the deviation leaves it.
HOURGLASS_API std::string mean_alone_text(const Estimate& estimate);

/// "[240.1, 245.9]", with the digits of the mean; empty where there is none.
HOURGLASS_API std::string interval_text(const Estimate& estimate);

/// "0.012", "< 0.001"; empty for NaN.
HOURGLASS_API std::string p_text(double p);

/// "0.83"; empty for NaN.
HOURGLASS_API std::string probability_text(double probability);

/// "1", "1.3"; empty for NaN.
HOURGLASS_API std::string rank_text(double rank);

}  // namespace hourglass::compare
