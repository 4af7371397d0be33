#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/step_scores.hpp>
#include <hourglass/statistics/pca.hpp>
#include <hourglass/statistics/ranking.hpp>

#include <algorithm>

namespace hourglass {
namespace {

// Of each sample, or of a series of each time step that is in a window.
struct Truth {
  std::vector<std::uint32_t> steps;  // empty where samples are no windows
  std::vector<std::uint8_t> anomalies;

  std::int64_t size() const { return std::ssize(anomalies); }
  std::int64_t count() const { return std::ranges::count(anomalies, 1); }
};

Rows starts_of(const Source& source) {
  Rows starts(static_cast<std::size_t>(source.size()));
  for (std::uint32_t i = 0; i < starts.size(); ++i) starts[i] = source.row(i);
  return starts;
}

Truth truth_of(const DataSet& data, const std::string& split) {
  const Source& source = *data.find(split);
  Truth truth;
  if (!source.labels().has_anomalies()) return truth;
  const auto samples = source.labels().anomalies.values<std::uint8_t>();
  if (!data.windows) {
    truth.anomalies.assign(samples.begin(), samples.end());
    return truth;
  }
  truth.steps = steps_of_windows(starts_of(source), data.windows.size);
  const auto all = data.series.at(split)->anomalies.values<std::uint8_t>();
  for (const std::uint32_t step : truth.steps) truth.anomalies.push_back(all[step]);
  return truth;
}

std::vector<float> scores_of(Model& model, const DataSet& data, const std::string& split,
                             AnomalyScore kind) {
  const Source& source = *data.find(split);
  if (!data.windows) return anomaly_scores(model, source, split_number(split), kind);
  return step_scores(model, source, split_number(split), kind, data.windows.size).scores;
}

std::vector<float> scores_of(const Pca& pca, const DataSet& data, const std::string& split) {
  const Source& source = *data.find(split);
  return data.windows ? step_scores(pca, source, data.windows.size).scores
                      : squared_errors(pca, source);
}

std::string_view meaning_in(const DataSet& data, AnomalyScore kind) {
  return data.windows ? meaning_of_steps(kind) : meaning_of(kind);
}

template <class T>
Tensor tensor_of_all(const std::vector<T>& values) {
  Tensor tensor(Shape{std::ssize(values)}, dtype_of<T>());
  std::ranges::copy(values, tensor.values<T>().begin());
  return tensor;
}

// The split that the threshold is chosen on.
const char* threshold_split(const DataSet& data) {
  return data.find("validation") != nullptr ? "validation" : "train";
}

struct Outcome {
  double true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;

  double recall() const { return true_positive / (true_positive + false_negative); }
  double false_positive_rate() const { return false_positive / (false_positive + true_negative); }
  double f1() const {
    return 2 * true_positive / (2 * true_positive + false_positive + false_negative);
  }
};

Outcome outcome_of(std::span<const float> scores, std::span<const std::uint8_t> truth,
                   float threshold) {
  Outcome outcome;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool called = scores[i] > threshold;
    double& count = truth[i] != 0 ? (called ? outcome.true_positive : outcome.false_negative)
                                  : (called ? outcome.false_positive : outcome.true_negative);
    count += 1;
  }
  return outcome;
}

std::string chosen_on(const DataSet& data, double quantile) {
  const std::string split = threshold_split(data);
  const Truth truth = truth_of(data, split);
  return text("not exceeded by ", quantile, " of the ", truth.size(),
              truth.count() > 0 ? "" : " normal", data.windows ? " time steps of " : " samples of ",
              split, split == "train" ? ", for want of a validation split" : "",
              truth.count() > 0 ? text(", anomalies among them: ", truth.count()) : std::string());
}

}  // namespace

void AnomalyMetric::Options::describe(Schema<Options>& schema) {
  schema.add("score", &Options::score,
             "what is larger for anomalies; auto: the negative ELBO where the variant has one, "
             "else the squared error",
             anomaly_score_names());
  schema.add("quantile", &Options::quantile,
             "part of the normal validation (else training) samples that score no higher than the "
             "threshold",
             greater_than(0), less_than(1));
}

std::string AnomalyMetric::fault(Model& model, const DataSet& data) const {
  const std::string split = evaluated_split(data);
  if (!data.find(split)->labels().has_anomalies()) {
    return "needs to know which samples are anomalies; say it in dataset.anomaly, such as "
           "{anomalous: [9]}";
  }
  const Truth truth = truth_of(data, split);
  const std::int64_t anomalies = truth.count();
  if (anomalies == 0 || anomalies == truth.size()) {
    return text("needs normal ", data.windows ? "time steps" : "samples",
                " and anomalies in the split ", split, ", which has ",
                anomalies == 0 ? "no anomalies" : "anomalies alone",
                data.windows ? "; train on another part of the series (dataset.anomaly.train)"
                             : "; name other classes in dataset.anomaly");
  }
  if (options_.score == AnomalyScore::NegativeElbo && !model.traits().has_elbo) {
    return "cannot score by negative_elbo, since the variant has no evidence lower bound; use "
           "squared_error";
  }
  return "";
}

void AnomalyMetric::compile(Model& model, const DataSet& data) const {
  const Purpose purpose = purpose_of(score_of(options_.score, model, bool(data.windows)));
  for (const auto& [name, source] : data.splits) model.compile(purpose, source->size());
  if (!data.has_images()) return;
  const std::int64_t samples = data.find(evaluated_split(data))->size();
  model.compile(Purpose::Reconstruct, std::min(samples, 2 * kAnomaliesShown));
}

float AnomalyMetric::threshold(Model& model, const DataSet& data) const {
  const AnomalyScore kind = score_of(options_.score, model, bool(data.windows));
  return quantile(scores_of(model, data, threshold_split(data), kind), options_.quantile);
}

void AnomalyMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const DataSet& data = evaluation.data;
  const std::string split = evaluation.split();
  const AnomalyScore kind = score_of(options_.score, model, bool(data.windows));
  const Truth truth = truth_of(data, split);
  const std::vector<float> scores = scores_of(model, data, split, kind);
  const auto add = [&](const char* prefix, const char* name, double value,
                       const std::string& meaning) {
    const std::string whole = prefix + evaluation.named(text("anomaly/", name));
    measures.add(whole, value);
    measures.explain(whole, meaning);
  };
  const std::string of_score = text("; score: ", meaning_in(data, kind));
  constexpr const char* kAuroc = "area under the ROC curve, ties count half";
  constexpr const char* kPrecision = "sum of recall gained times precision, in steps";
  add("", "auroc", auroc(scores, truth.anomalies), kAuroc + of_score);
  add("", "average_precision", average_precision(scores, truth.anomalies),
      text(kPrecision, ", by chance ",
           static_cast<double>(truth.count()) / static_cast<double>(truth.size()), of_score));

  const float limit = threshold(model, data);
  const Outcome outcome = outcome_of(scores, truth.anomalies, limit);
  add("", "threshold", limit, chosen_on(data, options_.quantile) + of_score);
  const char* const what = data.windows ? "time steps" : "samples";
  add("", "f1", outcome.f1(), text("of ", what, " above the threshold as anomalies"));
  add("", "recall", outcome.recall(), "part of the anomalies that lie above the threshold");
  add("", "false_positive_rate", outcome.false_positive_rate(),
      text("part of the normal ", what, " that lie above the threshold"));

  const Pca& pca = evaluation.pca();
  const std::vector<float> baseline = scores_of(pca, data, split);
  const std::string of_pca =
      text("; score: ", meaning_in(data, AnomalyScore::SquaredError),
           "; PCA fitted to the training split, components: ", pca.count(), ", by ", pca.method);
  add("pca/", "auroc", auroc(baseline, truth.anomalies), kAuroc + of_pca);
  add("pca/", "average_precision", average_precision(baseline, truth.anomalies),
      kPrecision + of_pca);
}

std::vector<std::pair<std::string, Tensor>> AnomalyMetric::columns(const Evaluation& evaluation,
                                                                   const std::string& split) const {
  const DataSet& data = evaluation.data;
  const Source& source = *data.find(split);
  const AnomalyScore kind = score_of(options_.score, evaluation.model, bool(data.windows));
  const auto scores = anomaly_scores(evaluation.model, source, split_number(split), kind);
  std::vector<std::pair<std::string, Tensor>> columns = {{"score", tensor_of_all(scores)},
                                                         {"anomaly", source.labels().anomalies}};
  if (!data.windows) return columns;
  const Truth truth = truth_of(data, split);
  columns.emplace_back("step", tensor_of_all(truth.steps));
  columns.emplace_back("step_score", tensor_of_all(scores_of(evaluation.model, data, split, kind)));
  columns.emplace_back("step_anomaly", tensor_of_all(truth.anomalies));
  return columns;
}

std::vector<std::pair<std::string, Tensor>> AnomalyMetric::figures(
    const Evaluation& evaluation) const {
  const DataSet& data = evaluation.data;
  const AnomalyScore kind = score_of(options_.score, evaluation.model, bool(data.windows));
  if (data.windows) {
    return {{"series.png", series_figure(evaluation, kind, threshold(evaluation.model, data))}};
  }
  if (!data.has_images()) return {};
  return {{"anomalies.png", anomalies_figure(evaluation, kind)}};
}

}  // namespace hourglass
