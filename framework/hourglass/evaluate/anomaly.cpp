#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/pca.hpp>
#include <hourglass/evaluate/ranking.hpp>

#include <algorithm>

namespace hourglass {
namespace {

std::span<const std::uint8_t> truth_of(const Source& source) {
  return source.labels().anomalies.values<std::uint8_t>();
}

std::int64_t anomalies_of(const Source& source) {
  return source.labels().has_anomalies() ? std::ranges::count(truth_of(source), 1) : 0;
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
  const Source& source = *data.find(split);
  const std::int64_t anomalies = anomalies_of(source);
  return text("not exceeded by ", quantile, " of the ", source.size(),
              anomalies > 0 ? "" : " normal", " samples of ", split,
              split == "train" ? ", for want of a validation split" : "",
              anomalies > 0 ? text(", anomalies among them: ", anomalies) : std::string());
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
  const Source& source = *data.find(split);
  if (!source.labels().has_anomalies()) {
    return "needs to know which samples are anomalies; say it in dataset.anomaly, such as "
           "{anomalous: [9]}";
  }
  const std::int64_t anomalies = anomalies_of(source);
  if (anomalies == 0 || anomalies == source.size()) {
    return text("needs normal samples and anomalies in the split ", split, ", which has ",
                anomalies == 0 ? "no anomalies" : "anomalies alone",
                "; name other classes in dataset.anomaly");
  }
  if (options_.score == AnomalyScore::NegativeElbo && !model.traits().has_elbo) {
    return "cannot score by negative_elbo, since the variant has no evidence lower bound; use "
           "squared_error";
  }
  return "";
}

void AnomalyMetric::compile(Model& model, const DataSet& data) const {
  const Purpose purpose = purpose_of(score_of(options_.score, model));
  for (const auto& [name, source] : data.splits) model.compile(purpose, source->size());
  if (!data.has_images()) return;
  const std::int64_t samples = data.find(evaluated_split(data))->size();
  model.compile(Purpose::Reconstruct, std::min(samples, 2 * kAnomaliesShown));
}

void AnomalyMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const DataSet& data = evaluation.data;
  const Source& source = evaluation.source();
  const AnomalyScore kind = score_of(options_.score, model);
  const auto truth = truth_of(source);
  const std::vector<float> scores =
      anomaly_scores(model, source, split_number(evaluation.split()), kind);
  const auto add = [&](const char* prefix, const char* name, double value,
                       const std::string& meaning) {
    const std::string whole = prefix + evaluation.named(text("anomaly/", name));
    measures.add(whole, value);
    measures.explain(whole, meaning);
  };
  const std::string of_score = text("; score: ", meaning_of(kind));
  constexpr const char* kAuroc = "area under the ROC curve, ties count half";
  constexpr const char* kPrecision = "sum of recall gained times precision, in steps";
  add("", "auroc", auroc(scores, truth), kAuroc + of_score);
  add("", "average_precision", average_precision(scores, truth),
      text(kPrecision, ", by chance ",
           static_cast<double>(anomalies_of(source)) / static_cast<double>(source.size()),
           of_score));

  const std::string reference = threshold_split(data);
  const float threshold =
      quantile(anomaly_scores(model, *data.find(reference), split_number(reference), kind),
               options_.quantile);
  const Outcome outcome = outcome_of(scores, truth, threshold);
  add("", "threshold", threshold, chosen_on(data, options_.quantile) + of_score);
  add("", "f1", outcome.f1(), "of samples above the threshold as anomalies");
  add("", "recall", outcome.recall(), "part of the anomalies that lie above the threshold");
  add("", "false_positive_rate", outcome.false_positive_rate(),
      "part of the normal samples that lie above the threshold");

  const Pca pca = fit_pca(data.train(), model.code_shape().size());
  const std::vector<float> baseline = squared_errors(pca, source);
  const std::string of_pca = text(
      "; score: sum over features of (x - y)^2, model's scale; PCA fitted to the training "
      "split, components: ",
      pca.count(), ", by ", pca.method);
  add("pca/", "auroc", auroc(baseline, truth), kAuroc + of_pca);
  add("pca/", "average_precision", average_precision(baseline, truth), kPrecision + of_pca);
}

std::vector<std::pair<std::string, Tensor>> AnomalyMetric::columns(const Evaluation& evaluation,
                                                                   const std::string& split) const {
  const Source& source = *evaluation.data.find(split);
  const AnomalyScore kind = score_of(options_.score, evaluation.model);
  Tensor scores(Shape{source.size()});
  std::ranges::copy(anomaly_scores(evaluation.model, source, split_number(split), kind),
                    scores.floats().begin());
  return {{"score", scores}, {"anomaly", source.labels().anomalies}};
}

std::vector<std::pair<std::string, Tensor>> AnomalyMetric::figures(
    const Evaluation& evaluation) const {
  if (!evaluation.data.has_images()) return {};
  return {
      {"anomalies.png", anomalies_figure(evaluation, score_of(options_.score, evaluation.model))}};
}

}  // namespace hourglass
