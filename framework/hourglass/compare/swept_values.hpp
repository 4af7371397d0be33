#pragma once

#include <hourglass/compare/load_runs.hpp>
#include <hourglass/core/api.hpp>

#include <span>

namespace hourglass::compare {

/// Sets `swept` of each run: what its experiment file has at the swept keys (`settings_at_swept`),
/// and, without one, what its sweep's points.csv says. A list or a map is called what a sweep calls
/// it in a row that agrees with the run of that row: `gaussian` for `{gaussian: {variance:
/// fixed}}`, `32` for `{width: 32, bias: true}`. What the name leaves out is among the settings all
/// the same.
HOURGLASS_API void set_swept_values(std::span<Run> runs);

}  // namespace hourglass::compare
