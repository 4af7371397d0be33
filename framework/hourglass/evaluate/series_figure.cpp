#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/step_scores.hpp>
#include <hourglass/figure/panels.hpp>

#include <cmath>

namespace hourglass {
namespace {

constexpr std::int64_t kMostColumnsShown = 6;

// The columns along `steps`, as the file has them, or, where they are several and each has a scale
// of its own, in the model's scale.
std::vector<figure::Series> columns_along(const DataSet& data, const Series& series,
                                          const std::vector<double>& steps) {
  const Tensor values = series.values.to_f32();
  const std::int64_t columns = values.shape()[1];
  const auto& scale = data.scaling->scale();
  const auto& offset = data.scaling->offset();
  const bool scaled = columns > 1 && scale.size() > 1;
  std::vector<figure::Series> lines;
  for (std::int64_t column = 0; column < std::min(columns, kMostColumnsShown); ++column) {
    const auto named = static_cast<std::size_t>(column);
    figure::Series line{named < series.columns.size() ? series.columns[named] : "", steps, {}};
    const auto place = static_cast<std::size_t>(column * data.windows.size);
    for (const double step : steps) {
      const auto at = static_cast<std::size_t>(static_cast<std::int64_t>(step) * columns + column);
      const double value = static_cast<double>(values.floats()[at]);
      line.y.push_back(scaled ? (value - offset[place]) / scale[place] : value);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<figure::Stretch> anomalous_stretches(const Series& series,
                                                 const std::vector<std::uint32_t>& steps) {
  std::vector<figure::Stretch> stretches;
  const auto truth = series.anomalies.values<std::uint8_t>();
  for (const std::uint32_t step : steps) {
    if (truth[step] == 0) continue;
    if (stretches.empty() || stretches.back().to + 1 != step) {
      stretches.push_back({static_cast<double>(step), static_cast<double>(step)});
    }
    stretches.back().to = step;
  }
  return stretches;
}

}  // namespace

Tensor series_figure(const Evaluation& evaluation, AnomalyScore score, float threshold) {
  const DataSet& data = evaluation.data;
  const std::string split = evaluation.split();
  const Series& series = *data.series.at(split);
  const StepScores scored = step_scores(evaluation.model, evaluation.source(), split_number(split),
                                        score, data.windows.size);
  const std::vector<double> steps(scored.steps.begin(), scored.steps.end());
  const bool scaled = data.columns() > 1 && data.scaling->scale().size() > 1;
  const figure::Panel above{.y_label = scaled ? "scaled value" : "value",
                            .lines = columns_along(data, series, steps),
                            .height = 200};
  const figure::Panel below{.y_label = "score",
                            .lines = {{"", steps, {scored.scores.begin(), scored.scores.end()}}},
                            .level = static_cast<double>(threshold),
                            .may_be_logarithmic = true};
  return figure::panels({above, below}, anomalous_stretches(series, scored.steps),
                        {.title = text(data.name, ": ", split,
                                       " steps and their scores; shaded: anomalies, dashed: the "
                                       "threshold"),
                         .x_label = "time step"});
}

}  // namespace hourglass
