#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/sweep/points.hpp>

#include <algorithm>
#include <boost/random/sobol.hpp>

namespace hourglass {

using config::Node;

namespace {

/// Each of `points` with each of `more`.
std::vector<Settings> product(const std::vector<Settings>& points,
                              const std::vector<Settings>& more) {
  std::vector<Settings> out;
  for (const Settings& point : points) {
    for (const Settings& each : more) {
      out.push_back(point);
      out.back().insert(out.back().end(), each.begin(), each.end());
    }
  }
  return out;
}

std::vector<Settings> zipped(const std::vector<Axis>& axes) {
  std::vector<Settings> out(axes.front().values.size());
  for (const Axis& axis : axes) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i].push_back({axis.key, axis.values[i]});
  }
  return out;
}

std::vector<Settings> drawn(const Draws& draws, const std::vector<std::vector<double>>& points) {
  std::vector<Settings> out;
  for (const auto& point : points) out.push_back(settings_at(draws, point));
  return out;
}

const Node* value_of(const SweepFile& sweep, const Settings& settings, const std::string& key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? config::value_at(sweep.base, key) : &found->value;
}

}  // namespace

std::vector<std::vector<double>> random_points(int count, std::size_t keys, std::uint64_t seed) {
  std::vector<std::vector<double>> points(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < points.size(); ++i) {
    RandomStream random(seed, "sweep/random", i);
    for (std::size_t k = 0; k < keys; ++k) points[i].push_back(random.uniform());
  }
  return points;
}

std::vector<std::vector<double>> sobol_points(int count, std::size_t keys, std::uint64_t seed) {
  std::vector<std::vector<double>> points(static_cast<std::size_t>(count));
  boost::random::sobol sequence(keys);
  constexpr double kScale = 0x1p-32;
  std::vector<std::uint32_t> shifts;
  for (std::size_t k = 0; k < keys; ++k) {
    shifts.push_back(RandomStream(seed, "sweep/sobol", k).bits());
  }
  // The library leaves out the sequence's first point, the origin.
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t k = 0; k < keys; ++k) {
      const std::uint64_t bits = i == 0 ? 0 : sequence();
      const auto high = static_cast<std::uint32_t>(bits >> 32) ^ shifts[k];
      points[i].push_back(static_cast<double>(high) * kScale);
    }
  }
  return points;
}

Settings settings_at(const Draws& draws, const std::vector<double>& point) {
  Settings settings;
  for (std::size_t k = 0; k < draws.keys.size(); ++k) {
    settings.push_back({draws.keys[k].first, draws.keys[k].second.at(point[k])});
  }
  return settings;
}

std::vector<Settings> listed_points(const SweepFile& sweep) {
  std::vector<Settings> points(1);
  for (const Axis& axis : sweep.grid) points = product(points, zipped({axis}));
  if (!sweep.zip.empty()) points = product(points, zipped(sweep.zip));
  if (const auto& draws = sweep.random) {
    points =
        product(points, drawn(*draws, random_points(draws->count, draws->keys.size(), sweep.seed)));
  }
  if (const auto& draws = sweep.sobol) {
    points =
        product(points, drawn(*draws, sobol_points(draws->count, draws->keys.size(), sweep.seed)));
  }
  return points;
}

Settings applicable(const SweepFile& sweep, const Settings& point) {
  Settings all = sweep.set;
  all.insert(all.end(), point.begin(), point.end());
  const auto admits = [&](const Condition& condition) {
    const Node* value = value_of(sweep, all, condition.other);
    return value != nullptr && std::ranges::any_of(condition.values, [&](const Node& each) {
             return same_value(each, *value);
           });
  };
  Settings out;
  for (const Setting& setting : all) {
    const bool kept = std::ranges::all_of(sweep.when, [&](const Condition& condition) {
      return condition.key != setting.key || admits(condition);
    });
    if (kept) out.push_back(setting);
  }
  return out;
}

std::string label_of(const Settings& point) {
  std::string out;
  for (const auto& [key, value] : point) {
    const std::string shown = value.is_scalar() ? value.text() : config::emit_in_line(value);
    out += text(out.empty() ? "" : ", ", key, "=", shown);
  }
  return out.empty() ? "the base" : out;
}

}  // namespace hourglass
