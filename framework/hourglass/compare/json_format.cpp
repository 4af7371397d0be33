#include <hourglass/compare/json_format.hpp>
#include <hourglass/compare/json_text.hpp>
#include <hourglass/core/text.hpp>

#include <vector>

namespace hourglass::compare {

namespace {

std::string numbers(const std::vector<std::size_t>& values) {
  std::vector<std::string> items;
  for (const std::size_t value : values) items.push_back(text(value));
  return json_list(items);
}

std::string metric_json(const MetricSummary& metric) {
  const Estimate& estimate = metric.estimate;
  return json_object({{"mean", json_number(estimate.mean)},
                      {"sd", json_number(estimate.sd)},
                      {"low", json_number(estimate.interval.low)},
                      {"high", json_number(estimate.interval.high)},
                      {"n", text(estimate.n)},
                      {"not_finite", text(metric.not_finite)},
                      {"rank", json_number(metric.rank)}});
}

std::string run_json(const RunResult& run, bool counted) {
  std::vector<JsonMember> members = {{"folder", json_text(run.folder)},
                                     {"seed", run.seed ? text(*run.seed) : "null"},
                                     {"status", json_text(name_of(run.status))},
                                     {"counted", counted ? "true" : "false"}};
  if (!run.message.empty()) members.emplace_back("message", json_text(run.message));
  return json_object(members);
}

std::string statuses_json(const RunGroup& group) {
  std::vector<JsonMember> members;
  for (std::size_t i = 0; i < kStatusCount; ++i) {
    if (group.statuses[i] == 0) continue;
    members.emplace_back(name_of(static_cast<Status>(i)), text(group.statuses[i]));
  }
  return json_object(members);
}

std::string group_json(const Comparison& comparison, const GroupSummary& summary) {
  std::vector<JsonMember> metrics;
  for (const MetricSummary& metric : summary.metrics) {
    metrics.emplace_back(comparison.metrics[metric.metric].name, metric_json(metric));
  }
  std::vector<std::string> runs;
  std::size_t next = 0;  // both are in rising order
  for (const std::size_t number : summary.group.runs) {
    const bool counted =
        next < summary.group.counted.size() && summary.group.counted[next] == number;
    next += counted;
    runs.push_back(run_json(comparison.runs[number].result, counted));
  }
  return json_object({{"point", point_json(summary.group.point)},
                      {"n", text(summary.group.counted.size())},
                      {"metrics", json_object(metrics)},
                      {"statuses", statuses_json(summary.group)},
                      {"runs", json_list(runs)}});
}

std::string info_json(const MetricInfo& info) {
  const char* direction = info.direction == Direction::Lower    ? "\"lower\""
                          : info.direction == Direction::Higher ? "\"higher\""
                                                                : "null";
  const char* ranked = info.ranked_by == RankedBy::Seeds   ? "\"mean over seeds\""
                       : info.ranked_by == RankedBy::Means ? "\"means\""
                                                           : "null";
  return json_object({{"name", json_text(info.name)},
                      {"better", direction},
                      {"unit", info.unit.empty() ? "null" : json_text(info.unit)},
                      {"ranked_by", ranked}});
}

const char* verdict_json(Verdict verdict) {
  switch (verdict) {
    case Verdict::FirstBetter: return "\"first is better\"";
    case Verdict::SecondBetter: return "\"second is better\"";
    case Verdict::NotShown: return "\"no difference shown\"";
    case Verdict::NotAfterCorrection: return "\"no difference shown after correction\"";
    case Verdict::TooFewSeeds: break;
  }
  return "\"too few common seeds\"";
}

std::string pair_json(const Comparison& comparison, const GroupPair& pair) {
  const Estimate& difference = pair.test.difference;
  return json_object({{"metric", json_text(comparison.metrics[pair.metric].name)},
                      {"first", text(pair.first)},
                      {"second", text(pair.second)},
                      {"n", text(difference.n)},
                      {"mean_difference", json_number(difference.mean)},
                      {"sd", json_number(difference.sd)},
                      {"low", json_number(difference.interval.low)},
                      {"high", json_number(difference.interval.high)},
                      {"p", json_number(pair.test.p)},
                      {"p_holm", json_number(pair.p_adjusted)},
                      {"comparisons", text(pair.adjusted_for)},
                      {"probability_of_improvement", json_number(pair.probability)},
                      {"verdict", verdict_json(pair.verdict)}});
}

std::string faults_json(const Comparison& comparison) {
  std::vector<std::string> faults;
  for (const std::size_t number : comparison.ungrouped) {
    const RunResult& run = comparison.runs[number].result;
    faults.push_back(
        json_object({{"folder", json_text(run.folder)}, {"what", json_text(run.message)}}));
  }
  for (const Fault& fault : comparison.faults) {
    faults.push_back(
        json_object({{"folder", json_text(fault.where)}, {"what", json_text(fault.what)}}));
  }
  return json_lines(faults);
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  std::vector<std::string> groups, metrics, pairs, notes;
  for (const GroupSummary& group : comparison.groups) {
    groups.push_back(group_json(comparison, group));
  }
  for (const MetricInfo& info : comparison.metrics) metrics.push_back(info_json(info));
  for (const GroupPair& pair : comparison.pairs) pairs.push_back(pair_json(comparison, pair));
  for (const std::string& note : comparison.notes) notes.push_back(json_text(note));
  std::string out =
      text("{\"groups\": ", json_lines(groups), ",\n\"metrics\": ", json_lines(metrics),
           ",\n\"comparisons\": ", json_lines(pairs));
  if (const auto& front = comparison.pareto) {
    out += ",\n\"pareto\": " +
           json_object({{"metrics", json_list({json_text(comparison.metrics[front->first].name),
                                               json_text(comparison.metrics[front->second].name)})},
                        {"groups", numbers(front->groups)}});
  }
  return out + text(",\n\"faults\": ", faults_json(comparison), ",\n\"notes\": ", json_list(notes),
                    "}\n");
}

}  // namespace hourglass::compare
