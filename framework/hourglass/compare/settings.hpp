#pragma once

#include <hourglass/compare/point.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/core/api.hpp>

namespace hourglass::compare {

/// The settings of an experiment, one for each value that is no map, under its dotted path:
/// "train.optimizer.adam.learning_rate". Lists are values, as text in one line. Cut off beyond
/// 5,000 settings, which no experiment has.
HOURGLASS_API Point settings_of(const config::Node& experiment);

}  // namespace hourglass::compare
