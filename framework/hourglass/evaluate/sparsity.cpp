#include <hourglass/evaluate/sparsity.hpp>
#include <hourglass/evaluate/unit_activity.hpp>
#include <hourglass/figure/line_chart.hpp>

#include <optional>

namespace hourglass {
namespace {

// Sums over a whole split about its mean sample; nothing where all samples are alike.
std::optional<double> variance_explained(const Evaluation& evaluation) {
  const Source& source = evaluation.source();
  const auto features = static_cast<std::size_t>(source.sample_shape().size());
  // Less the first sample, so that a large mean does not hide a small variance.
  std::vector<double> first, sums(features, 0.0);
  double squares = 0, errors = 0;
  evaluation.model.reconstruct(
      source, split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
        if (first.empty()) first.assign(x, x + features);
        for (std::size_t i = 0; i < indices.size() * features; ++i) {
          const double shifted = x[i] - first[i % features], error = double{x[i]} - y[i];
          sums[i % features] += shifted;
          squares += shifted * shifted;
          errors += error * error;
        }
      });
  const auto samples = static_cast<double>(source.size());
  for (const double sum : sums) squares -= sum * sum / samples;
  if (!(squares > 0)) return std::nullopt;
  return 1 - errors / squares;
}

std::vector<UnitActivity> activity(const Evaluation& evaluation) {
  return unit_activity(evaluation.model, evaluation.source(), split_number(evaluation.split()));
}

}  // namespace

void SparsityMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const std::vector<UnitActivity> units = activity(evaluation);
  const auto count = static_cast<double>(units.size());
  const auto add = [&](const char* quantity, double value, const char* sentence) {
    const std::string name = evaluation.named(std::string("sparsity/") + quantity);
    measures.add(name, value);
    measures.explain(name, sentence);
  };
  double mean = 0;
  for (const UnitActivity& unit : units) mean += unit.mean / count;
  add("l0", active_units(units), "units of a sample's code that are not zero, mean over the split");
  add("density", active_units(units) / count, "l0 over the number of units");
  add("dead_fraction", dead_fraction(units),
      "part of the units that are zero in every sample of the split");
  add("mean_activation", mean, "mean of the code over samples and units");
  if (const auto explained = variance_explained(evaluation)) {
    add("variance_explained", *explained,
        "1 - sum of (x - y)^2 over sum of (x - mean)^2, the sums over all samples and features of "
        "the split, the mean that of the split's samples");
  }
}

std::vector<std::pair<std::string, Tensor>> SparsityMetric::figures(
    const Evaluation& evaluation) const {
  const DensityHistogram histogram =
      density_histogram(activity(evaluation), evaluation.source().size());
  return {{"densities.png",
           figure::line_chart({{"units", histogram.log10_rate, histogram.units}},
                              {.title = "How many units are active how often",
                               .x_label = "log10 of the part of samples in which a unit is active",
                               .y_label = "units",
                               .logarithmic = false})}};
}

}  // namespace hourglass
