#pragma once

#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::compare {

/// Whether models that differ in a setting minimise the same function all the same, so that their
/// losses can be held against each other: how they are trained (`train`, `init_from`, `freeze`), on
/// how many samples (`dataset.limit`, `dataset.labelled`), and of which shape they are
/// (`model.latent`, `encoder`, `decoder`, `initializer`, `code_activation`, `tied`, `output`,
/// `unit_norm`, `pre_bias`, and how many units of a code are active). Of all else, an option of a
/// user's own variant included, nobody knows.
HOURGLASS_API bool keeps_objective(std::string_view key);

/// Whether a metric is a loss: what a model minimises, rather than a measure of it.
HOURGLASS_API bool is_loss(std::string_view metric);

/// The keys in which the groups that have a metric differ, and which may change what is minimised.
/// Where there is one, none of these groups is better than another by its loss.
HOURGLASS_API std::vector<std::string> objective_keys(std::span<const GroupSummary> groups,
                                                      std::size_t metric);

}  // namespace hourglass::compare
