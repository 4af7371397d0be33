#include <hourglass/compare/group_curves.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/storage/csv.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace hourglass::compare {

namespace {

constexpr std::array<const char*, 3> kLosses = {"train/loss", "validation/loss", "test/loss"};

using ValuesByEpoch = std::map<double, std::vector<double>>;

std::optional<csv::Table> read_losses(const std::filesystem::path& folder) {
  try {
    return csv::read(folder / "metrics.csv");
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void gather(const csv::Table& table, const char* loss, ValuesByEpoch& values) {
  const int epoch = table.find("epoch"), column = table.find(loss);
  if (epoch < 0 || column < 0) return;
  for (const std::vector<double>& row : table.rows) {
    const double at = row[static_cast<std::size_t>(epoch)];
    const double value = row[static_cast<std::size_t>(column)];
    if (std::isfinite(at) && std::isfinite(value)) values[at].push_back(value);
  }
}

GroupCurve curve_of(const char* loss, const ValuesByEpoch& values, std::size_t most_points) {
  GroupCurve curve{.metric = loss, .points = {}};
  const std::size_t stride = (values.size() + most_points - 1) / most_points;
  std::size_t left = values.size();
  for (const auto& [epoch, all] : values) {
    --left;
    if (left % stride != 0) continue;
    const auto [least, greatest] = std::ranges::minmax(all);
    curve.points.push_back({.epoch = epoch,
                            .n = all.size(),
                            .mean = mean_of(all),
                            .interval = t_interval(all),
                            .range = {least, greatest}});
  }
  return curve;
}

std::vector<GroupCurve> curves_of(const Comparison& comparison, const RunGroup& group,
                                  std::size_t most_points) {
  std::array<ValuesByEpoch, kLosses.size()> values;
  for (const std::size_t run : group.counted) {
    const auto table = read_losses(comparison.runs[run].path);
    if (!table) continue;
    for (std::size_t i = 0; i < kLosses.size(); ++i) gather(*table, kLosses[i], values[i]);
  }
  std::vector<GroupCurve> curves;
  for (std::size_t i = 0; i < kLosses.size(); ++i) {
    if (!values[i].empty()) curves.push_back(curve_of(kLosses[i], values[i], most_points));
  }
  return curves;
}

}  // namespace

std::vector<std::vector<GroupCurve>> group_curves(const Comparison& comparison,
                                                  std::size_t most_groups,
                                                  std::size_t most_points) {
  std::vector<std::vector<GroupCurve>> all(std::min(most_groups, comparison.groups.size()));
  parallel_for(static_cast<std::int64_t>(all.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      all[i] = curves_of(comparison, comparison.groups[i].group, most_points);
    }
  });
  return all;
}

}  // namespace hourglass::compare
