#include <hourglass/compare/objective_keys.hpp>
#include <hourglass/experiment/objective.hpp>

#include <algorithm>

namespace hourglass::compare {

namespace {

bool has_values(const GroupSummary& group, std::size_t metric) {
  const MetricSummary* summary = group.find(metric);
  return summary != nullptr && !summary->values.empty();
}

bool agree(const Point& a, const Point& b, const std::string& key) {
  const PointValue* left = find_value(a, key);
  const PointValue* right = find_value(b, key);
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

}  // namespace

std::vector<std::string> objective_keys(std::span<const GroupSummary> groups, std::size_t metric) {
  std::vector<std::string> keys;
  const Point* first = nullptr;
  const auto add_differing = [&](const Point& point, const Point& other) {
    for (const auto& [key, value] : point) {
      const bool fresh = std::ranges::find(keys, key) == keys.end();
      if (fresh && !keeps_objective(key) && !agree(point, other, key)) keys.push_back(key);
    }
  };
  for (const GroupSummary& group : groups) {
    if (!has_values(group, metric)) continue;
    const Point& point = group.group.point;
    if (first == nullptr) first = &point;
    add_differing(*first, point);
    add_differing(point, *first);
  }
  return keys;
}

}  // namespace hourglass::compare
