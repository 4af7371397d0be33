#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// `clustering`: how well groups of codes agree with the samples' classes, which had no part in
/// making them. Named `<split>/clustering/...`, see cluster_scores: `accuracy` (clusters and
/// classes one to one), `majority_accuracy` (clusters stand for the class that most of their
/// training samples have), `nmi`, `ari`, and `used`, how many clusters have a sample.
///  - The clusters are the variant's own where its codes begin with the probabilities of classes
///    of its own, the most probable one of each sample; else those of k-means (fit_k_means) of the
///    codes.
///  - `k_means/<split>/clustering/...`, beside own ones: k-means of the codes.
///  - `pca/<split>/clustering/...` and `raw/<split>/clustering/...`: k-means of as many principal
///    components as the code has numbers, and of the samples themselves.
/// k-means is fitted to at most 10,000 training samples, evenly spread, by which clusters are also
/// given their majority class.
class HOURGLASS_API ClusteringMetric final : public Metric {
 public:
  static constexpr const char* kName = "clustering";
  static constexpr const char* kMeaning =
      "how well clusters of codes agree with classes; beside clusters of raw samples and principal "
      "components";
  struct Options {
    std::optional<std::int64_t> clusters;
    static void describe(Schema<Options>& schema);
  };
  explicit ClusteringMetric(const Options& options) : options_(options) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Encode}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;

 private:
  Options options_;
};

}  // namespace hourglass
