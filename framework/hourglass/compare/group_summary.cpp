#include <hourglass/compare/group_summary.hpp>
#include <hourglass/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>

namespace hourglass::compare {

namespace {

constexpr std::size_t kLongestUnit = 12;

/// "dB" of "dB; mean over images of ...".
std::string unit_in(std::string_view protocol) {
  const std::string_view unit = protocol.substr(0, protocol.find(';'));
  return unit.size() < protocol.size() && unit.size() <= kLongestUnit ? std::string(unit) : "";
}

/// What the protocol of a measure says itself, such as one that a plugin brings.
Direction direction_in(std::string_view protocol) {
  if (protocol.ends_with("higher is better")) return Direction::Higher;
  if (protocol.ends_with("lower is better")) return Direction::Lower;
  return Direction::Unknown;
}

/// Numbers for the names of metrics.
class MetricNames {
 public:
  explicit MetricNames(std::span<const Run> runs) {
    for (const Run& run : runs) {
      for (const auto& [name, value] : run.result.numbers) {
        if (numbers_.emplace(name, 0).second) names_.push_back(name);
      }
    }
    const std::vector<std::string> resources = resource_names();
    const auto place = [&](const std::string& name) {
      return std::ranges::find(resources, name) - resources.begin();
    };
    std::ranges::stable_sort(names_, {}, [&](const std::string& name) {
      const auto at = place(name);
      return at == std::ssize(resources) ? -1 : at;
    });
    for (std::size_t i = 0; i < names_.size(); ++i) numbers_[names_[i]] = i;
  }

  std::size_t number(const std::string& name) const { return numbers_.at(name); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

void describe(std::span<const Run> runs, std::vector<MetricInfo>& metrics) {
  std::unordered_map<std::string_view, std::string_view> first;
  std::unordered_map<std::string_view, MetricInfo*> by_name;
  for (MetricInfo& metric : metrics) by_name.emplace(metric.name, &metric);
  for (const Run& run : runs) {
    for (const auto& [name, protocol] : run.result.protocol) {
      const auto metric = by_name.find(name);
      if (metric == by_name.end()) continue;
      const auto [said, fresh] = first.emplace(name, protocol);
      if (fresh) {
        metric->second->unit = unit_in(protocol);
        if (metric->second->direction == Direction::Unknown) {
          metric->second->direction = direction_in(protocol);
        }
      }
      if (said->second != protocol) metric->second->protocols_differ = true;
    }
  }
}

void collect(GroupSummary& summary, std::span<const Run> runs, const MetricNames& names) {
  std::map<std::size_t, MetricSummary> metrics;
  for (const std::size_t number : summary.group.counted) {
    const RunResult& run = runs[number].result;
    for (const auto& [name, value] : run.numbers) {
      const std::size_t metric = names.number(name);
      MetricSummary& of = metrics[metric];
      of.metric = metric;
      if (std::isfinite(value)) {
        of.values.push_back({run.seed, value});
      } else {
        ++of.not_finite;
      }
    }
  }
  for (auto& [number, metric] : metrics) {
    std::ranges::stable_sort(metric.values, {}, &SeedValue::seed);
    summary.metrics.push_back(std::move(metric));
  }
}

void estimate_metrics(GroupSummary& summary, ResampleCache& resamples) {
  for (MetricSummary& metric : summary.metrics) {
    std::vector<double> values;
    for (const SeedValue& each : metric.values) values.push_back(each.value);
    metric.estimate = estimate(values, resamples);
  }
}

}  // namespace

const MetricSummary* GroupSummary::find(std::size_t metric) const {
  const auto at = std::ranges::lower_bound(metrics, metric, {}, &MetricSummary::metric);
  return at == metrics.end() || at->metric != metric ? nullptr : &*at;
}

MetricSummary* GroupSummary::find(std::size_t metric) {
  return const_cast<MetricSummary*>(static_cast<const GroupSummary*>(this)->find(metric));
}

double GroupSummary::mean(std::size_t metric) const {
  const MetricSummary* summary = find(metric);
  return summary == nullptr ? std::numeric_limits<double>::quiet_NaN() : summary->estimate.mean;
}

Summaries summarise(std::vector<RunGroup> groups, std::span<const Run> runs,
                    ResampleCache& resamples) {
  const MetricNames names(runs);
  Summaries all;
  for (const std::string& name : names.names()) {
    all.metrics.push_back({.name = name, .direction = direction_of(name)});
  }
  describe(runs, all.metrics);
  all.groups.resize(groups.size());
  const auto count = static_cast<std::int64_t>(groups.size());
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      all.groups[i].group = std::move(groups[i]);
      collect(all.groups[i], runs, names);
      estimate_metrics(all.groups[i], resamples);
    }
  });
  return all;
}

}  // namespace hourglass::compare
