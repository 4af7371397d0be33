#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/discrete_factors.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// How important each code is for each factor, [codes][factors], all at least 0.
using Importance = std::vector<std::vector<double>>;

/// The mean over codes of 1 - the entropy, to the base of the number of factors, of a code's
/// importance over factors, weighted by the code's part of all importance: 1 where each code serves
/// one factor. 0 where nothing is important.
HOURGLASS_API double dci_disentanglement(const Importance& importance);

/// The same over codes for each factor: 1 where each factor is served by one code.
HOURGLASS_API double dci_completeness(const Importance& importance);

/// Disentanglement, completeness and informativeness of codes (C. Eastwood, C. K. I. Williams, "A
/// framework for the quantitative evaluation of disentangled representations", 2018). Each factor
/// is read off all codes, of which each has mean 0 and variance 1 in the fitted samples, by
/// multinomial logistic regression with an L1 penalty; a code's importance is the sum over classes
/// of the sizes of its weights.
struct HOURGLASS_API Dci {
  double disentanglement = 0;
  double completeness = 0;
  double informativeness = 0;  ///< part of tried samples whose class is found, mean over factors
  Importance importance;
  bool converged = true;  ///< whether all did
};

inline constexpr double kDciL1 = 1e-3;
/// Fits end at this part of the least subgradient's norm at zero.
inline constexpr double kDciTolerance = 1e-3;

/// codes: [any, codes], of which the first `fitted` are fitted to and the `tried` behind them
/// tried.
HOURGLASS_API Dci measure_dci(const Tensor& codes, std::span<const DiscreteFactor> factors,
                              std::int64_t fitted, std::int64_t tried, double l1 = kDciL1);

}  // namespace hourglass
