#include <hourglass/compare/choose_metrics.hpp>
#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/objective_keys.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace hourglass::compare {

namespace {

/// A measure, and the quantity of it that says most, or the best of them that is there.
struct MainQuantity {
  std::string_view measure;
  std::string_view quantity;
};
constexpr std::array<MainQuantity, 13> kMainQuantities = {{
    {"reconstruction", "squared_error_per_feature"},
    {"denoising", "psnr"},
    {"denoising", "squared_error_per_feature"},
    {"units", "dead_fraction"},
    {"sparsity", "variance_explained"},
    {"likelihood", "negative_elbo"},
    {"prior_match", "mmd"},
    {"sample_quality", "frechet_distance"},
    {"probe", "linear_accuracy"},
    {"clustering", "accuracy"},
    {"disentanglement", "factor_vae_score"},
    {"dictionary", "matched_cosine"},
    {"anomaly", "auroc"},
}};
constexpr std::array<std::string_view, 3> kSplits = {"test", "validation", "train"};

bool is_of_split(std::string_view name) {
  const std::string_view split = name.substr(0, name.find('/'));
  return std::ranges::find(kSplits, split) != kSplits.end();
}

/// "test/probe" of "test/probe/linear_accuracy"; empty for losses, baselines and resources.
std::string_view measure_in(std::string_view name) {
  const std::size_t first = name.find('/');
  const std::size_t second = first == name.npos ? name.npos : name.find('/', first + 1);
  return second == name.npos || !is_of_split(name) ? std::string_view() : name.substr(0, second);
}

std::optional<std::size_t> number_of(std::span<const MetricInfo> metrics, std::string_view name) {
  const auto found = std::ranges::find(metrics, name, &MetricInfo::name);
  if (found == metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - metrics.begin());
}

std::size_t main_metric(std::span<const MetricInfo> metrics, std::string_view measure) {
  const std::string_view kind = measure.substr(measure.find('/') + 1);
  for (const MainQuantity& known : kMainQuantities) {
    if (known.measure != kind) continue;
    if (const auto number = number_of(metrics, text(measure, "/", known.quantity))) return *number;
  }
  const auto of_measure = [&](const MetricInfo& metric) {
    return measure_in(metric.name) == measure;
  };
  const auto merit = std::ranges::find_if(metrics, [&](const MetricInfo& metric) {
    return of_measure(metric) && metric.direction != Direction::Unknown;
  });
  const auto any = std::ranges::find_if(metrics, of_measure);
  return static_cast<std::size_t>((merit != metrics.end() ? merit : any) - metrics.begin());
}

std::optional<std::size_t> loss_metric(std::span<const MetricInfo> metrics) {
  for (const std::string_view split : kSplits) {
    if (const auto number = number_of(metrics, text(split, "/loss"))) return number;
  }
  return std::nullopt;
}

/// Of several names that end alike, the ones that are likelier meant.
std::vector<std::string> likelier(std::vector<std::string> names) {
  const auto narrow = [&](const auto& keep) {
    if (names.size() > 1 && std::ranges::any_of(names, keep)) {
      std::erase_if(names, [&](const std::string& name) { return !keep(name); });
    }
  };
  narrow([](const std::string& name) { return is_of_split(name); });
  narrow([](const std::string& name) { return name.starts_with("test/"); });
  return names;
}

}  // namespace

bool is_resource(const std::string& name) {
  const std::vector<std::string> resources = resource_names();
  return std::ranges::find(resources, name) != resources.end();
}

std::vector<std::size_t> usual_metrics(const Summaries& all) {
  std::vector<std::size_t> chosen;
  std::set<std::string_view> seen;
  for (const MetricInfo& metric : all.metrics) {
    const std::string_view measure = measure_in(metric.name);
    if (measure.empty() || !seen.insert(measure).second) continue;
    chosen.push_back(main_metric(all.metrics, measure));
  }
  if (const auto loss = loss_metric(all.metrics)) {
    const bool last = !objective_keys(all.groups, *loss).empty();
    chosen.insert(last ? chosen.end() : chosen.begin(), *loss);
  }
  return chosen;
}

std::size_t find_metric(std::span<const MetricInfo> metrics, const std::string& name) {
  if (const auto number = number_of(metrics, name)) return *number;
  std::vector<std::string> ending, names;
  std::set<std::string> endings;
  for (const MetricInfo& metric : metrics) {
    names.push_back(metric.name);
    endings.insert(metric.name.substr(metric.name.rfind('/') + 1));
    if (metric.name.ends_with("/" + name)) ending.push_back(metric.name);
  }
  ending = likelier(std::move(ending));
  if (ending.size() == 1) return *number_of(metrics, ending.front());
  const std::string shown = clean_text(name, 100);
  if (ending.size() > 1) {
    throw ConfigError(text("metric \"", shown, "\" fits several: ", config::joined(ending)));
  }
  const std::string meant = config::nearest(name, names);
  const std::vector<std::string> short_names(endings.begin(), endings.end());
  throw ConfigError(text("no run has a metric \"", shown, "\"",
                         meant.empty() ? config::suggestion(name, short_names)
                                       : text("; did you mean \"", meant, "\"?")));
}

}  // namespace hourglass::compare
