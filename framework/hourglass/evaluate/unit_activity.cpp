#include <hourglass/evaluate/unit_activity.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

namespace hourglass {
namespace {

// Keeps the largest, as a heap whose first is the least of them; among equals the first sample.
void keep_top(UnitActivity& unit, float value, std::uint32_t sample, std::size_t most) {
  const auto larger = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  auto& top = unit.top;
  if (top.size() == most) {
    if (most == 0 || !larger(std::pair(value, sample), top.front())) return;
    std::ranges::pop_heap(top, larger);
    top.pop_back();
  }
  top.emplace_back(value, sample);
  std::ranges::push_heap(top, larger);
}

}  // namespace

std::vector<UnitActivity> unit_activity(Model& model, const Source& source, std::uint32_t split,
                                        std::size_t most_top) {
  const auto size = static_cast<std::size_t>(model.code_shape().size());
  std::vector<UnitActivity> units(size);
  model.encode(source, split,
               [&](std::span<const std::uint32_t> indices, const float*, const float* codes) {
                 for (const std::uint32_t sample : indices) {
                   for (std::size_t i = 0; i < size; ++i) {
                     if (codes[i] == 0) continue;
                     units[i].rate += 1;
                     units[i].mean += codes[i];
                     keep_top(units[i], codes[i], sample, most_top);
                   }
                   codes += size;
                 }
               });
  const auto samples = static_cast<double>(std::max<std::int64_t>(source.size(), 1));
  for (UnitActivity& unit : units) {
    unit.rate /= samples;
    unit.mean /= samples;
    std::ranges::sort(unit.top, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
  }
  return units;
}

double active_units(const std::vector<UnitActivity>& units) {
  double sum = 0;
  for (const UnitActivity& unit : units) sum += unit.rate;
  return sum;
}

double dead_fraction(const std::vector<UnitActivity>& units) {
  const auto dead = std::ranges::count_if(units, [](const auto& unit) { return unit.rate == 0; });
  return static_cast<double>(dead) / static_cast<double>(std::max<std::size_t>(units.size(), 1));
}

DensityHistogram density_histogram(const std::vector<UnitActivity>& units, std::int64_t samples) {
  constexpr double kBinsPerDecade = 4;
  const double least = -std::log10(static_cast<double>(std::max<std::int64_t>(samples, 1)));
  const auto bins = std::max<std::size_t>(static_cast<std::size_t>(-least * kBinsPerDecade), 1);
  DensityHistogram histogram;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    histogram.log10_rate.push_back(least + (static_cast<double>(bin) + 0.5) / kBinsPerDecade);
  }
  histogram.units.assign(bins, 0);
  for (const UnitActivity& unit : units) {
    if (unit.rate == 0) continue;
    const double place = (std::log10(unit.rate) - least) * kBinsPerDecade;
    histogram.units[std::min(static_cast<std::size_t>(std::max(place, 0.0)), bins - 1)] += 1;
  }
  return histogram;
}

}  // namespace hourglass
