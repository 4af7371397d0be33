#include <hourglass/compare/choose_metrics.hpp>
#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/comparison.hpp>
#include <hourglass/compare/objective_keys.hpp>
#include <hourglass/compare/rank_groups.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/objective.hpp>
#include <hourglass/statistics/pareto.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hourglass::compare {

namespace {

/// A group's mean as a cost, which is better the lower it is; NaN where it has none.
double cost_of(const GroupSummary& group, std::size_t metric, Direction direction) {
  return direction == Direction::Higher ? -group.mean(metric) : group.mean(metric);
}

void sort_groups(std::vector<GroupSummary>& groups, std::size_t metric, Direction direction) {
  if (direction == Direction::Unknown) return;
  std::ranges::stable_sort(groups, [&](const GroupSummary& a, const GroupSummary& b) {
    const double left = cost_of(a, metric, direction), right = cost_of(b, metric, direction);
    if (std::isnan(left) || std::isnan(right)) return !std::isnan(left) && std::isnan(right);
    return left < right;
  });
}

std::vector<std::size_t> metrics_asked_for(const Comparison& comparison,
                                           const std::vector<std::string>& names) {
  std::vector<std::size_t> chosen;
  for (const std::string& name : names) {
    const std::size_t metric = find_metric(comparison.metrics, name);
    if (std::ranges::find(chosen, metric) == chosen.end()) chosen.push_back(metric);
  }
  return chosen;
}

ParetoFront front_of(const Comparison& comparison, const std::string& names) {
  const std::size_t comma = names.find(',');
  if (comma == names.npos || names.find(',', comma + 1) != names.npos) {
    throw ConfigError(text("--pareto wants two metrics with a comma between, got \"",
                           clean_text(names, 200), "\""));
  }
  ParetoFront front{.first = find_metric(comparison.metrics, names.substr(0, comma)),
                    .second = find_metric(comparison.metrics, names.substr(comma + 1))};
  if (front.first == front.second) {
    throw ConfigError(
        text("--pareto wants two metrics, got ", comparison.metrics[front.first].name, " twice"));
  }
  for (const std::size_t metric : {front.first, front.second}) {
    const MetricInfo& info = comparison.metrics[metric];
    if (info.direction == Direction::Unknown) {
      throw ConfigError(
          text("--pareto: nobody knows which way ", info.name, " is better, so it has no front"));
    }
  }
  std::vector<Costs> costs;
  for (const GroupSummary& group : comparison.groups) {
    costs.push_back({cost_of(group, front.first, comparison.metrics[front.first].direction),
                     cost_of(group, front.second, comparison.metrics[front.second].direction)});
  }
  front.groups = pareto_front(costs);
  return front;
}

/// Losses of groups that minimise different things have no direction: none is better by them.
void take_directions(Comparison& comparison) {
  for (std::size_t metric = 0; metric < comparison.metrics.size(); ++metric) {
    MetricInfo& info = comparison.metrics[metric];
    if (is_loss(info.name) && !objective_keys(comparison.groups, metric).empty()) {
      info.direction = Direction::Unknown;
    }
  }
}

std::string objective_note(const std::vector<std::string>& keys) {
  if (std::ranges::find(keys, "variant") != keys.end()) {
    return "each variant's own objective; compare variants by a measure";
  }
  std::string names;
  for (const std::string& key : keys) names += (names.empty() ? "" : ", ") + key;
  return text("groups may minimise different things, since they differ in ", clean_text(names, 200),
              "; compare them by a measure");
}

void note_what_does_not_compare(Comparison& comparison) {
  for (const std::size_t metric : comparison.chosen) {
    const MetricInfo& info = comparison.metrics[metric];
    if (info.protocols_differ) {
      comparison.notes.push_back(info.name +
                                 ": not all runs took it in the same way; see protocol in their "
                                 "result.yaml");
    }
    if (!is_loss(info.name)) continue;
    const std::vector<std::string> keys = objective_keys(comparison.groups, metric);
    if (!keys.empty()) comparison.notes.push_back(info.name + ": " + objective_note(keys));
  }
}

}  // namespace

Comparison compare_runs(const ComparisonRequest& request) {
  FoundRuns found = find_runs(request.words);
  Comparison comparison;
  comparison.runs = load_runs(found);
  GroupedRuns grouped = group_runs(comparison.runs, found);
  if (grouped.groups.empty() && grouped.ungrouped.empty()) {
    const std::string first =
        found.faults.empty() ? "" : text(": ", found.faults[0].where, " ", found.faults[0].what);
    throw ConfigError("there are no runs to compare" + first);
  }
  comparison.faults = std::move(found.faults);
  comparison.notes = std::move(grouped.notes);
  comparison.keys = std::move(grouped.keys);
  comparison.swept_keys = std::move(found.swept_keys);
  comparison.ungrouped = std::move(grouped.ungrouped);

  ResampleCache resamples;
  Summaries all = summarise(std::move(grouped.groups), comparison.runs, resamples);
  comparison.metrics_asked = !request.metrics.empty();
  if (!comparison.metrics_asked) comparison.chosen = usual_metrics(all);
  comparison.metrics = std::move(all.metrics);
  comparison.groups = std::move(all.groups);
  if (comparison.metrics_asked) {
    comparison.chosen = metrics_asked_for(comparison, request.metrics);
  }
  take_directions(comparison);
  for (std::size_t metric = 0; metric < comparison.metrics.size(); ++metric) {
    MetricInfo& info = comparison.metrics[metric];
    info.ranked_by = rank_groups(comparison.groups, metric, info.direction);
  }
  if (!comparison.chosen.empty()) {
    const std::size_t first = comparison.chosen.front();
    sort_groups(comparison.groups, first, comparison.metrics[first].direction);
  }
  for (const std::size_t metric : comparison.chosen) {
    std::vector<GroupPair> pairs =
        pair_groups(comparison.groups, metric, comparison.metrics[metric].direction, resamples);
    std::ranges::move(pairs, std::back_inserter(comparison.pairs));
  }
  if (!request.pareto.empty()) comparison.pareto = front_of(comparison, request.pareto);
  note_what_does_not_compare(comparison);
  return comparison;
}

std::vector<Standing> standings(const Comparison& comparison, std::size_t metric) {
  std::vector<Standing> all(comparison.groups.size(), Standing::Open);
  const Direction direction = comparison.metrics[metric].direction;
  const auto leader = leader_of(comparison.groups, metric, direction);
  if (!leader) return all;
  std::size_t others = 0, beaten = 0;
  for (const GroupPair& pair : comparison.pairs) {
    if (pair.metric != metric || (pair.first != *leader && pair.second != *leader)) continue;
    const bool is_first = pair.first == *leader;
    const bool leads = pair.verdict == (is_first ? Verdict::FirstBetter : Verdict::SecondBetter);
    if (leads) all[is_first ? pair.second : pair.first] = Standing::Worse;
    ++others;
    beaten += leads;
  }
  if (others > 0 && beaten == others) all[*leader] = Standing::Best;
  return all;
}

}  // namespace hourglass::compare
