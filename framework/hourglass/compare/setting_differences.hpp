#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hourglass::compare {

/// A setting in which groups differ.
struct SettingDifference {
  std::string key;
  /// One for each group; none where the setting does not apply, or nobody knows.
  std::vector<std::optional<PointValue>> values;
};

/// What the experiment files of groups say.
struct SettingDifferences {
  std::size_t groups = 0;  ///< how many were looked at, from the first
  std::vector<SettingDifference> different;
  Point shared;  ///< what all have alike
};

/// Holds the settings of the first `most_groups` groups against each other, each by its first run
/// that has any. Never the name, nor the seed.
HOURGLASS_API SettingDifferences setting_differences(const Comparison& comparison,
                                                     std::size_t most_groups = 24);

}  // namespace hourglass::compare
