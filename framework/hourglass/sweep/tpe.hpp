#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hourglass {

/// A point of the unit cube that has been tried, and what came of it; less is better. What failed
/// has an infinite value.
struct Trial {
  std::vector<double> point;
  double value = 0;
};

/// A tree-structured Parzen estimator over the unit cube (J. Bergstra et al., "Algorithms for
/// hyper-parameter optimization", 2011): where will a good point probably be?
///
/// The best tenth of the trials, at most 25, are modelled by one density l(u), the others by
/// another, g(u): for each coordinate a mixture of normal distributions about the trials, cut off
/// at 0 and 1, each as wide as the way to its farther neighbour, and one that spans the interval.
/// Of 24 points drawn from l the one with the greatest l/g is suggested. A coordinate that is a
/// choice has frequencies in place of densities. The first `start` points are random.
///
/// A pure function of trials, seed and number: equal trials give equal suggestions.
class HOURGLASS_API Tpe {
 public:
  /// `choices[k]`: how many equal parts coordinate k is a choice of; 0 for numbers.
  Tpe(std::vector<std::size_t> choices, int start, std::uint64_t seed)
      : choices_(std::move(choices)), start_(start), seed_(seed) {}

  /// The point to try as number `number`, counted from 0, after `trials`.
  std::vector<double> suggest(std::uint64_t number, const std::vector<Trial>& trials) const;

 private:
  std::vector<std::size_t> choices_;
  int start_;
  std::uint64_t seed_;
};

}  // namespace hourglass
