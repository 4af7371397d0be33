#pragma once

#include <hourglass/core/api.hpp>

#include <string_view>

namespace hourglass {

/// Which way a metric is better. `Unknown` is a number that is no merit by itself, such as the KL
/// term of a bound, a threshold, or what a variant of a user's own has named.
enum class Direction { Lower, Higher, Unknown };

/// Of a metric by its name, "test/probe/linear_accuracy" or "pca/test/probe/linear_accuracy": the
/// last part tells. A loss is better where it is lower.
HOURGLASS_API Direction direction_of(std::string_view metric);

}  // namespace hourglass
