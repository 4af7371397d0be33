#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/group_curves.hpp>
#include <hourglass/compare/group_pictures.hpp>
#include <hourglass/compare/json_text.hpp>
#include <hourglass/compare/page_details.hpp>
#include <hourglass/compare/setting_differences.hpp>
#include <hourglass/compare/shown_keys.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/versions.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace hourglass::compare {

namespace {

/// Enough digits to draw.
std::string drawn_number(double value) {
  if (!std::isfinite(value)) return "null";
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return {buffer, static_cast<std::size_t>(length)};
}

std::string keys_json(const Comparison& comparison) {
  const std::vector<std::string> shown = shown_keys(comparison).shown;
  std::vector<std::string> keys;
  for (const std::string& key : comparison.keys) {
    const bool is_shown = std::ranges::find(shown, key) != shown.end();
    const bool swept = std::ranges::find(comparison.swept_keys, key) != comparison.swept_keys.end();
    keys.push_back(json_object({{"key", json_text(key)},
                                {"label", json_text(is_shown ? short_key(key, shown) : key)},
                                {"shown", text(is_shown)},
                                {"swept", text(swept)}}));
  }
  return json_list(keys);
}

std::string standings_json(const Comparison& comparison) {
  std::vector<JsonMember> metrics;
  for (const std::size_t metric : comparison.chosen) {
    std::vector<std::string> groups;
    for (const Standing standing : standings(comparison, metric)) {
      groups.push_back(standing == Standing::Best    ? "\"best\""
                       : standing == Standing::Worse ? "\"worse\""
                                                     : "null");
    }
    metrics.emplace_back(comparison.metrics[metric].name, json_list(groups));
  }
  return json_object(metrics);
}

std::string leads_json(const Comparison& comparison) {
  std::vector<JsonMember> metrics;
  for (const std::size_t metric : comparison.chosen) {
    const MetricInfo& info = comparison.metrics[metric];
    const auto leader = leader_of(comparison.groups, metric, info.direction);
    metrics.emplace_back(info.name, leader ? text(*leader) : "null");
  }
  return json_object(metrics);
}

/// Of each metric by the first run that tells.
std::string protocol_json(const Comparison& comparison) {
  std::set<std::string> known, seen;
  for (const MetricInfo& info : comparison.metrics) known.insert(info.name);
  std::vector<JsonMember> members;
  for (const Run& run : comparison.runs) {
    for (const auto& [name, manner] : run.result.protocol) {
      if (known.contains(name) && seen.insert(name).second) {
        members.emplace_back(name, json_text(manner));
      }
    }
  }
  return json_object(members);
}

std::string curve_json(const GroupCurve& curve) {
  std::vector<std::string> epoch, n, mean, low, high, least, greatest;
  for (const CurvePoint& point : curve.points) {
    epoch.push_back(drawn_number(point.epoch));
    n.push_back(text(point.n));
    mean.push_back(drawn_number(point.mean));
    low.push_back(drawn_number(point.interval.low));
    high.push_back(drawn_number(point.interval.high));
    least.push_back(drawn_number(point.range.low));
    greatest.push_back(drawn_number(point.range.high));
  }
  return json_object({{"metric", json_text(curve.metric)},
                      {"epoch", json_list(epoch)},
                      {"n", json_list(n)},
                      {"mean", json_list(mean)},
                      {"low", json_list(low)},
                      {"high", json_list(high)},
                      {"least", json_list(least)},
                      {"greatest", json_list(greatest)}});
}

std::string curves_json(const Comparison& comparison) {
  std::vector<std::string> groups;
  for (const std::vector<GroupCurve>& group : group_curves(comparison)) {
    std::vector<std::string> curves;
    for (const GroupCurve& curve : group) curves.push_back(curve_json(curve));
    groups.push_back(json_list(curves));
  }
  return json_lines(groups);
}

std::string pictures_json(const Comparison& comparison) {
  std::vector<std::string> groups;
  for (const std::vector<GroupPicture>& group : group_pictures(comparison)) {
    std::vector<std::string> pictures;
    for (const GroupPicture& picture : group) {
      pictures.push_back(json_object({{"name", json_text(picture.name)},
                                      {"folder", json_text(picture.folder)},
                                      {"uri", json_text(picture.uri)}}));
    }
    groups.push_back(json_list(pictures));
  }
  return json_lines(groups);
}

std::string differences_json(const Comparison& comparison) {
  const SettingDifferences differences = setting_differences(comparison);
  std::vector<std::string> different;
  for (const SettingDifference& setting : differences.different) {
    std::vector<std::string> values;
    for (const auto& value : setting.values) {
      values.push_back(value ? json_text(clean_text(value->text)) : "null");
    }
    different.push_back(
        json_object({{"key", json_text(setting.key)}, {"values", json_list(values)}}));
  }
  return json_object({{"groups", text(differences.groups)},
                      {"different", json_lines(different)},
                      {"shared", point_json(differences.shared)}});
}

}  // namespace

std::string page_details(const Comparison& comparison) {
  std::vector<std::string> chosen;
  for (const std::size_t metric : comparison.chosen) {
    chosen.push_back(json_text(comparison.metrics[metric].name));
  }
  return json_object({{"version", json_text(program_version())},
                      {"keys", keys_json(comparison)},
                      {"chosen", json_list(chosen)},
                      {"standings", standings_json(comparison)},
                      {"leads", leads_json(comparison)},
                      {"protocol", protocol_json(comparison)},
                      {"curves", curves_json(comparison)},
                      {"pictures", pictures_json(comparison)},
                      {"differences", differences_json(comparison)}}) +
         "\n";
}

}  // namespace hourglass::compare
