#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/anomaly_score.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// `anomaly`: how well a score of each sample tells anomalies from normal samples, where the data
/// say which they are (AnomalyOptions). Named `<split>/anomaly/...`:
///  - `auroc` and `average_precision` of the scores (ranking.hpp), and the same behind `pca/` for
///    the squared error of as many principal components as the code has numbers, fitted to the
///    training split;
///  - `threshold`: the `quantile` of the validation split's scores, or of the training split's
///    where there is none, which hold normal samples alone unless training was contaminated; and,
///    where samples that score higher are called anomalies, `f1`, `recall` (the part of anomalies
///    found) and `false_positive_rate` (the part of normal samples called so).
/// latents.h5 gets `score` [samples] f32 and `anomaly` [samples] u8; anomalies.png shows the images
/// of the highest and lowest scores.
/// Of a series in windows, all these are of its time steps: a step's score is that of step_scores,
/// and so is the baseline's. latents.h5 has `score` and `anomaly` of the windows, and beside them
/// `step` u32, `step_score` f32 and `step_anomaly` u8 [steps] of the time steps that the split's
/// windows hold; series.png shows the series with the scores below.
class HOURGLASS_API AnomalyMetric final : public Metric {
 public:
  static constexpr const char* kName = "anomaly";
  static constexpr const char* kMeaning =
      "how well a score of each sample tells anomalies from normal samples, beside principal "
      "components";
  struct HOURGLASS_API Options {
    AnomalyScore score = AnomalyScore::Auto;
    double quantile = 0.95;
    static void describe(Schema<Options>& schema);
  };
  explicit AnomalyMetric(const Options& options) : options_(options) {}

  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Reconstruct}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;
  std::vector<std::pair<std::string, Tensor>> columns(const Evaluation& evaluation,
                                                      const std::string& split) const override;
  std::vector<std::pair<std::string, Tensor>> figures(const Evaluation& evaluation) const override;

 private:
  float threshold(Model& model, const DataSet& data) const;

  Options options_;
};

/// The samples with the highest scores and, below, those with the lowest: input, output and the
/// size of their difference. Images only. `score` is not Auto.
HOURGLASS_API Tensor anomalies_figure(const Evaluation& evaluation, AnomalyScore score);
/// How many samples of each kind it shows at most.
inline constexpr std::int64_t kAnomaliesShown = 10;

/// The series along the time steps of the evaluated split, its columns scaled as the model has
/// them where they are several, above the score of each step and the threshold; spans of anomalous
/// steps are shaded. `score` is not Auto.
HOURGLASS_API Tensor series_figure(const Evaluation& evaluation, AnomalyScore score,
                                   float threshold);

}  // namespace hourglass
