#pragma once

#include <hourglass/compare/point.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <string>

namespace hourglass::compare {

/// The settings of an experiment, one for each value that is no map, under its dotted path:
/// "train.optimizer.adam.learning_rate". Lists are values, as text in one line, and so is a choice
/// without options: `model.likelihood` is "bernoulli" where the file has `{bernoulli: {}}`. Cut off
/// beyond 5,000 settings, which no experiment has.
HOURGLASS_API Point settings_of(const config::Node& experiment);

/// What an experiment has at these paths, which may lead into lists ("model.encoder.0.dense"), as
/// far as it has them. Maps are values here, as text in one line.
HOURGLASS_API Point settings_at(const config::Node& experiment, std::span<const std::string> paths);

}  // namespace hourglass::compare
