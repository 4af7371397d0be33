#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// A factor that samples were made from, as classes.
struct HOURGLASS_API DiscreteFactor {
  std::string name;
  std::vector<std::int32_t> classes;  ///< of each sample, every one in [0, count) occurs
  std::int32_t count = 0;             ///< at least 2
  bool binned = false;                ///< whether classes are bins of many values

  /// Of the samples first .. first + number - 1 only.
  std::vector<std::int32_t> part(std::int64_t first, std::int64_t number) const;
};

/// A factor with more values than these, such as an angle that was drawn, is cut into bins of equal
/// width.
inline constexpr std::int32_t kMostFactorValues = 100;
inline constexpr std::int32_t kFactorBins = 20;

/// The factors of labels that have at least two values, each value a class, in the order of the
/// values. None without factors.
HOURGLASS_API std::vector<DiscreteFactor> discrete_factors(const Labels& labels);

}  // namespace hourglass
