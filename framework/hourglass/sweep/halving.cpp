#include <hourglass/sweep/halving.hpp>

#include <algorithm>

namespace hourglass {

std::vector<std::int64_t> rungs(const HalvingOptions& options, std::int64_t epochs) {
  std::vector<std::int64_t> out;
  for (std::int64_t rung = options.first; rung < epochs; rung *= options.factor) {
    out.push_back(rung);
  }
  return out;
}

std::vector<std::optional<bool>> go_on(const std::vector<AtRung>& points, int factor) {
  std::vector<std::optional<bool>> decisions(points.size());
  std::vector<double> before;  // sorted
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].absent) continue;
    if (!points[i].value) break;  // whoever comes after is compared with it
    const double value = *points[i].value;
    const auto place = std::ranges::upper_bound(before, value);
    const auto better = place - before.begin();
    before.insert(place, value);
    const auto places = (std::ssize(before) + factor - 1) / factor;
    decisions[i] = better < places;
  }
  return decisions;
}

}  // namespace hourglass
