#include <hourglass/compare/json_format.hpp>
#include <hourglass/core/text.hpp>

#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

namespace hourglass::compare {

namespace {

std::string json_text(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_number(double value) { return std::isfinite(value) ? text(value) : "null"; }

std::string json_value(const PointValue& value) {
  return value.kind == PointValue::Kind::Text ? json_text(value.text) : value.text;
}

/// Members and items are JSON already.
using Member = std::pair<std::string, std::string>;

std::string object(const std::vector<Member>& members) {
  std::string out;
  for (const auto& [key, value] : members) {
    out += text(out.empty() ? "" : ", ", json_text(key), ": ", value);
  }
  return "{" + out + "}";
}

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return "[" + out + "]";
}

/// Items on lines of their own.
std::string lines(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "\n  " : ",\n  ") + item;
  return out.empty() ? "[]" : "[" + out + "\n]";
}

std::string numbers(const std::vector<std::size_t>& values) {
  std::vector<std::string> items;
  for (const std::size_t value : values) items.push_back(text(value));
  return list(items);
}

std::string point_json(const Point& point) {
  std::vector<Member> members;
  for (const auto& [key, value] : point) members.emplace_back(key, json_value(value));
  return object(members);
}

std::string metric_json(const MetricSummary& metric) {
  const Estimate& estimate = metric.estimate;
  return object({{"mean", json_number(estimate.mean)},
                 {"sd", json_number(estimate.sd)},
                 {"low", json_number(estimate.interval.low)},
                 {"high", json_number(estimate.interval.high)},
                 {"n", text(estimate.n)},
                 {"not_finite", text(metric.not_finite)},
                 {"rank", json_number(metric.rank)}});
}

std::string run_json(const RunResult& run, bool counted) {
  std::vector<Member> members = {{"folder", json_text(run.folder)},
                                 {"seed", run.seed ? text(*run.seed) : "null"},
                                 {"status", json_text(name_of(run.status))},
                                 {"counted", counted ? "true" : "false"}};
  if (!run.message.empty()) members.emplace_back("message", json_text(run.message));
  return object(members);
}

std::string statuses_json(const RunGroup& group) {
  std::vector<Member> members;
  for (std::size_t i = 0; i < kStatusCount; ++i) {
    if (group.statuses[i] == 0) continue;
    members.emplace_back(name_of(static_cast<Status>(i)), text(group.statuses[i]));
  }
  return object(members);
}

std::string group_json(const Comparison& comparison, const GroupSummary& summary) {
  std::vector<Member> metrics;
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
  return object({{"point", point_json(summary.group.point)},
                 {"n", text(summary.group.counted.size())},
                 {"metrics", object(metrics)},
                 {"statuses", statuses_json(summary.group)},
                 {"runs", list(runs)}});
}

std::string info_json(const MetricInfo& info) {
  const char* direction = info.direction == Direction::Lower    ? "\"lower\""
                          : info.direction == Direction::Higher ? "\"higher\""
                                                                : "null";
  const char* ranked = info.ranked_by == RankedBy::Seeds   ? "\"mean over seeds\""
                       : info.ranked_by == RankedBy::Means ? "\"means\""
                                                           : "null";
  return object({{"name", json_text(info.name)},
                 {"better", direction},
                 {"unit", info.unit.empty() ? "null" : json_text(info.unit)},
                 {"ranked_by", ranked}});
}

const char* verdict_json(Verdict verdict) {
  switch (verdict) {
    case Verdict::FirstBetter: return "\"first is better\"";
    case Verdict::SecondBetter: return "\"second is better\"";
    case Verdict::NotShown: return "\"no difference shown\"";
    case Verdict::TooFewSeeds: break;
  }
  return "\"too few common seeds\"";
}

std::string pair_json(const Comparison& comparison, const GroupPair& pair) {
  const Estimate& difference = pair.test.difference;
  return object({{"metric", json_text(comparison.metrics[pair.metric].name)},
                 {"first", text(pair.first)},
                 {"second", text(pair.second)},
                 {"n", text(difference.n)},
                 {"mean_difference", json_number(difference.mean)},
                 {"sd", json_number(difference.sd)},
                 {"low", json_number(difference.interval.low)},
                 {"high", json_number(difference.interval.high)},
                 {"p", json_number(pair.test.p)},
                 {"p_holm", json_number(pair.p_adjusted)},
                 {"probability_of_improvement", json_number(pair.probability)},
                 {"verdict", verdict_json(pair.verdict)}});
}

std::string faults_json(const Comparison& comparison) {
  std::vector<std::string> faults;
  for (const std::size_t number : comparison.ungrouped) {
    const RunResult& run = comparison.runs[number].result;
    faults.push_back(object({{"folder", json_text(run.folder)}, {"what", json_text(run.message)}}));
  }
  for (const Fault& fault : comparison.faults) {
    faults.push_back(object({{"folder", json_text(fault.where)}, {"what", json_text(fault.what)}}));
  }
  return lines(faults);
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
  std::string out = text("{\"groups\": ", lines(groups), ",\n\"metrics\": ", lines(metrics),
                         ",\n\"comparisons\": ", lines(pairs));
  if (const auto& front = comparison.pareto) {
    out += ",\n\"pareto\": " +
           object({{"metrics", list({json_text(comparison.metrics[front->first].name),
                                     json_text(comparison.metrics[front->second].name)})},
                   {"groups", numbers(front->groups)}});
  }
  return out +
         text(",\n\"faults\": ", faults_json(comparison), ",\n\"notes\": ", list(notes), "}\n");
}

}  // namespace hourglass::compare
