#include <hourglass/compare/csv_format.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/storage/csv.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::compare {

namespace {

std::string number_or_nothing(double value) {
  return std::isfinite(value) ? csv::field(value) : "";
}

std::string_view better(Direction direction) {
  switch (direction) {
    case Direction::Lower: return "lower";
    case Direction::Higher: return "higher";
    case Direction::Unknown: break;
  }
  return "";
}

std::string_view on_front(const Comparison& comparison, std::size_t group) {
  if (!comparison.pareto) return "";
  const std::vector<std::size_t>& front = comparison.pareto->groups;
  return std::ranges::find(front, group) != front.end() ? "yes" : "no";
}

}  // namespace

std::string to_csv(const Comparison& comparison) {
  std::vector<std::string> header;
  for (const std::string& key : comparison.keys) header.push_back(csv::field(key));
  for (const char* name : {"runs", "completed", "front", "metric", "better", "n", "mean", "sd",
                           "low", "high", "rank"}) {
    header.emplace_back(name);
  }
  std::string out = csv::row(header);
  for (std::size_t group = 0; group < comparison.groups.size(); ++group) {
    const GroupSummary& summary = comparison.groups[group];
    std::vector<std::string> start;
    for (const std::string& key : comparison.keys) {
      const PointValue* value = find_value(summary.group.point, key);
      start.push_back(value == nullptr ? "" : csv::field(value->text));
    }
    start.push_back(text(summary.group.runs.size()));
    start.push_back(text(summary.group.with_status(Status::Completed)));
    start.emplace_back(on_front(comparison, group));
    if (summary.metrics.empty()) {
      std::vector<std::string> row = start;
      row.resize(header.size());
      out += csv::row(row);
    }
    for (const MetricSummary& metric : summary.metrics) {
      const MetricInfo& info = comparison.metrics[metric.metric];
      const Estimate& estimate = metric.estimate;
      std::vector<std::string> row = start;
      row.push_back(csv::field(info.name));
      row.emplace_back(better(info.direction));
      row.push_back(text(estimate.n));
      for (const double value : {estimate.mean, estimate.sd, estimate.interval.low,
                                 estimate.interval.high, metric.rank}) {
        row.push_back(number_or_nothing(value));
      }
      out += csv::row(row);
    }
  }
  return out;
}

}  // namespace hourglass::compare
