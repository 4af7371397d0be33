#include <hourglass/compare/setting_differences.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace hourglass::compare {

namespace {

/// A damaged run's are empty, as are those of a run without experiment.yaml.
Point settings_of_group(const Comparison& comparison, const RunGroup& group) {
  for (const std::size_t number : group.runs) {
    const Run& run = comparison.runs[number];
    if (!run.result.settings.empty()) return run.result.settings;
    Point read = read_run(run.path, true).settings;
    if (!read.empty()) return read;
  }
  return {};
}

}  // namespace

SettingDifferences setting_differences(const Comparison& comparison, std::size_t most_groups) {
  SettingDifferences out{
      .groups = std::min(most_groups, comparison.groups.size()), .different = {}, .shared = {}};
  std::vector<Point> points;
  for (std::size_t i = 0; i < out.groups; ++i) {
    points.push_back(settings_of_group(comparison, comparison.groups[i].group));
  }
  std::set<std::string> seen = {"name", "seed"};
  for (const Point& point : points) {
    for (const auto& [key, value] : point) {
      if (!seen.insert(key).second) continue;
      SettingDifference setting{.key = key, .values = {}};
      for (const Point& each : points) {
        const PointValue* found = find_value(each, key);
        setting.values.push_back(found == nullptr ? std::nullopt : std::optional(*found));
      }
      const bool alike = std::ranges::all_of(
          setting.values, [&](const auto& each) { return each == setting.values.front(); });
      if (alike) {
        out.shared.emplace_back(key, value);
      } else {
        out.different.push_back(std::move(setting));
      }
    }
  }
  return out;
}

}  // namespace hourglass::compare
