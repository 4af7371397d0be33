#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// `probe`: how well the samples' classes can be read off their codes, by what is fitted to the
/// codes and labels of the training split and tried on the evaluated one:
///  - `<split>/probe/linear_accuracy`: multinomial logistic regression (LogisticObjective), the
///    part of samples whose class is the most probable one;
///  - `<split>/probe/knn_accuracy`: the vote of the `neighbours` nearest codes, Euclidean
///    (classify_by_neighbours);
///  - `<split>/probe/unfinished_fits`: how many of the logistic regressions, the baselines' among
///    them, stopped before the gradient was small;
///  - `raw/<split>/probe/...`: the same of the samples themselves, and `pca/<split>/probe/...` of
///  as
///    many principal components of the training split as the code has numbers.
/// Codes are divided by one number, the root of the mean of the training codes' squares, and their
/// mean is taken off, which moves neither result, since distances and a free bias do not see it.
/// Both splits are held in memory as f32.
class HOURGLASS_API ProbeMetric final : public Metric {
 public:
  static constexpr const char* kName = "probe";
  static constexpr const char* kMeaning =
      "how well a linear classifier and nearest neighbours read classes off codes; beside raw "
      "samples and principal components";
  struct Options {
    std::optional<std::int64_t> labels;
    std::int64_t neighbours = 10;
    double l2 = 1e-4;
    static void describe(Schema<Options>& schema);
  };
  explicit ProbeMetric(const Options& options) : options_(options) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Encode}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;

 private:
  /// The training samples whose labels are used.
  std::vector<std::uint32_t> fitted(const DataSet& data, std::uint64_t seed) const;

  Options options_;
};

}  // namespace hourglass
