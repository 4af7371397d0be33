#include <hourglass/compare/objective.hpp>

#include <algorithm>
#include <array>

namespace hourglass::compare {

namespace {

/// With all below them.
constexpr std::array<std::string_view, 19> kKeepObjective = {"train",
                                                             "init_from",
                                                             "freeze",
                                                             "dataset.limit",
                                                             "dataset.labelled",
                                                             "model.latent",
                                                             "model.encoder",
                                                             "model.decoder",
                                                             "model.initializer",
                                                             "model.code_activation",
                                                             "model.tied",
                                                             "model.output",
                                                             "model.unit_norm",
                                                             "model.pre_bias",
                                                             "model.penalty.topk.k",
                                                             "model.penalty.topk.k_start",
                                                             "model.penalty.topk.k_epochs",
                                                             "model.penalty.topk.k_test",
                                                             "model.penalty.batch_topk.k"};

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

bool keeps_objective(std::string_view key) {
  return std::ranges::any_of(kKeepObjective, [key](std::string_view known) {
    return key == known || (key.starts_with(known) && key[known.size()] == '.');
  });
}

bool is_loss(std::string_view metric) { return metric.ends_with("/loss"); }

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
