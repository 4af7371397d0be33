#pragma once

#include <hourglass/core/api.hpp>

#include <string_view>

namespace hourglass {

/// Whether models that differ in a setting minimise the same function all the same, so that their
/// losses can be held against each other: how they are trained (`train`, `init_from`, `freeze`), on
/// how many samples (`dataset.limit`, `dataset.labelled`), and of which shape they are
/// (`model.latent`, `encoder`, `decoder`, `initializer`, `code_activation`, `tied`, `output`,
/// `unit_norm`, `pre_bias`, and how many units of a code are active). Of all else, an option of a
/// user's own variant included, nobody knows.
HOURGLASS_API bool keeps_objective(std::string_view key);

/// Whether a metric is a loss: what a model minimises, rather than a measure of it.
HOURGLASS_API bool is_loss(std::string_view metric);

}  // namespace hourglass
