#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/sweep/sweep_file.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// Every combination of what a sweep file lists and draws beforehand: grid (the first key varies
/// slowest), zip, random, sobol, in this order; equal draws meet every combination of the rest. All
/// of a search's points but the keys that it chooses.
HOURGLASS_API std::vector<Settings> listed_points(const SweepFile& sweep);

/// The unit cube's points that a sweep's `random` stands for, [count][keys]: counted random
/// numbers, so that more draws begin with the same.
HOURGLASS_API std::vector<std::vector<double>> random_points(int count, std::size_t keys,
                                                             std::uint64_t seed);

/// The same spread evenly: I. M. Sobol's sequence (1967), each coordinate shifted digit by digit
/// by a number that the seed gives.
HOURGLASS_API std::vector<std::vector<double>> sobol_points(int count, std::size_t keys,
                                                            std::uint64_t seed);

/// The settings that a point of the unit cube stands for.
HOURGLASS_API Settings settings_at(const Draws& draws, const std::vector<double>& point);

/// What a sweep sets for a point: its own `set`, then the point's settings, without those that
/// `when` restricts to other values. `base` is what decides where no setting does.
HOURGLASS_API Settings applicable(const SweepFile& sweep, const Settings& point);

/// "variant=vae, model.latent=8"; "the base" where there are none.
HOURGLASS_API std::string label_of(const Settings& point);

}  // namespace hourglass
