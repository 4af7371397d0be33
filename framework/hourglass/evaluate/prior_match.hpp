#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// The biased estimate of the squared maximum mean discrepancy between two sets of codes,
/// x: [n, size] and y: [m, size]:
///     mean_ij k(x_i, x_j) + mean_ij k(y_i, y_j) - 2 mean_ij k(x_i, y_j),
/// each code beside itself included, with the mean k of seven inverse multiquadric kernels
/// C / (C + |a - b|^2), C = 2 size {0.1, 0.2, 0.5, 1, 2, 5, 10}. At least 0, but for rounding.
/// I. Tolstikhin et al., "Wasserstein auto-encoders", 2018.
HOURGLASS_API double squared_discrepancy(const Tensor& x, const Tensor& y);

/// `prior_match`: how far the split's codes are from what codes are drawn from, the variant's
/// prior or, where it has none, a standard normal distribution of the code's size:
///  - `<split>/prior_match/mmd`: squared_discrepancy of the first 2,000 codes and as many draws;
///  - `<split>/prior_match/mmd_prior`: that of the same draws and as many others, which is what
///    codes that match would have;
///  - `<split>/prior_match/mean_norm`: |m|, m the mean code; `.../variance_mean`: the mean over the
///    code's numbers of their variances over the split;
///  - `<split>/prior_match/active_units`: how many of the code's numbers have a variance above
///    0.01. Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", 2016.
/// Codes are those that `encode` gives, a posterior's mean for instance.
class HOURGLASS_API PriorMatchMetric final : public Metric {
 public:
  static constexpr const char* kName = "prior_match";
  static constexpr const char* kMeaning =
      "how far codes are from the prior: maximum mean discrepancy, moments, active units";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit PriorMatchMetric(const Options&) {}
  std::vector<Purpose> purposes() const override { return {Purpose::Encode}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
