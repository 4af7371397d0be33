#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace hourglass {

/// One of the code's numbers over the samples of a split. It is active where it is not zero.
struct UnitActivity {
  double rate = 0;  ///< the part of the samples in which it is active
  double mean = 0;  ///< over all samples
  /// Of the samples in which it is active, those with the largest values, the largest first: the
  /// value, and where the sample stands in its split.
  std::vector<std::pair<float, std::uint32_t>> top;

  double mean_when_active() const { return rate > 0 ? mean / rate : 0; }
};

/// The activity of every unit, with at most `most_top` samples each. `split` is the split's number.
HOURGLASS_API std::vector<UnitActivity> unit_activity(Model& model, const Source& source,
                                                      std::uint32_t split,
                                                      std::size_t most_top = 0);

/// How many units are active in a sample, on average.
HOURGLASS_API double active_units(const std::vector<UnitActivity>& units);
/// The part of the units that are active in no sample.
HOURGLASS_API double dead_fraction(const std::vector<UnitActivity>& units);

/// How many units have a rate in each bin of a logarithmic scale, four a decade, from one sample to
/// all of them; units without activity are in none.
struct DensityHistogram {
  std::vector<double> log10_rate;  ///< the middle of each bin
  std::vector<double> units;
};
HOURGLASS_API DensityHistogram density_histogram(const std::vector<UnitActivity>& units,
                                                 std::int64_t samples);

}  // namespace hourglass
