#include <hourglass/evaluate/units.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hourglass {
namespace {

constexpr double kStill = 1e-6;

// Sums of one unit's values, less its first one so that large values do not hide small changes.
struct Unit {
  double first = 0;
  double sum = 0;
  double squares = 0;

  void add(double value) {
    sum += value - first;
    squares += (value - first) * (value - first);
  }
  double mean(double samples) const { return first + sum / samples; }
  double deviation(double samples) const {
    const double shift = sum / samples;
    return std::sqrt(std::max(0.0, squares / samples - shift * shift));
  }
};

}  // namespace

void UnitsMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const auto size = static_cast<std::size_t>(evaluation.model.code_shape().size());
  std::vector<Unit> units(size);
  bool is_first = true;
  evaluation.model.encode(
      evaluation.source(), split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float*, const float* codes) {
        for (std::size_t row = 0; row < indices.size(); ++row, codes += size) {
          for (std::size_t i = 0; i < size; ++i) {
            if (is_first) units[i].first = codes[i];
            units[i].add(codes[i]);
          }
          is_first = false;
        }
      });

  const auto samples = static_cast<double>(evaluation.source().size());
  double largest = 0;
  for (const Unit& unit : units) largest = std::max(largest, unit.deviation(samples));
  const auto dead = std::ranges::count_if(units, [&](const Unit& unit) {
    return unit.deviation(samples) <= kStill * std::max(std::abs(unit.mean(samples)), largest);
  });
  const std::string name = evaluation.named("units/dead_fraction");
  measures.add(name, static_cast<double>(dead) / static_cast<double>(size));
  measures.explain(name,
                   "part of the code's units whose standard deviation over the split is at most "
                   "1e-6 of the larger of their own |mean| and the largest unit's deviation");
}

}  // namespace hourglass
