#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>

namespace hourglass {

// How well scores rank positive samples (1 in `positive`) before the others (0), in [0, 1]. Equal
// scores are told apart by nothing, whatever their order. NaN where a kind is missing.

/// The area under the receiver operating characteristic: the probability that a positive sample
/// scores higher than another, where a tie counts half. From midranks r of the P positive samples
/// among all, N others: (sum r - P (P + 1) / 2) / (P N). 0.5 by chance.
/// H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically
/// larger than the other", 1947.
HOURGLASS_API double auroc(std::span<const float> scores, std::span<const std::uint8_t> positive);

/// The sum over falling thresholds of (recall - recall before) precision, in steps, without
/// interpolation; equal scores are one threshold. By chance it is the part of positive samples.
HOURGLASS_API double average_precision(std::span<const float> scores,
                                       std::span<const std::uint8_t> positive);

/// The least score that at least `part` (in (0, 1]) of the scores do not exceed. There must be
/// scores.
HOURGLASS_API float quantile(std::span<const float> scores, double part);

}  // namespace hourglass
