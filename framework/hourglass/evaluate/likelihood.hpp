#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <optional>

namespace hourglass {

/// `likelihood`: what the model's evidence lower bound says of the split, whatever the objective
/// was, as means over samples in nats:
///  - `<split>/likelihood/negative_log_likelihood`: -log p(x | z) of one drawn code z;
///  - `<split>/likelihood/kl`: KL(q(z | x) || p(z)), as the variant computes it;
///  - `<split>/likelihood/negative_elbo`: their sum;
///  - `<split>/likelihood/bits_per_dimension`: negative_elbo / (features log 2), in the model's
///    scale;
///  - `<split>/likelihood/negative_importance_bound`, with `samples: k`, k >= 1:
///        -log (1/k) sum_k exp(log w_k),  log w = log p(x | z) + log p(z) - log q(z | x).
///    Its expectation is the negative ELBO's for k = 1, and falls towards -log p(x) as k grows.
///    Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", 2016.
/// Sums are double, in the samples' and draws' order: equal for any batch and thread count.
class HOURGLASS_API LikelihoodMetric final : public Metric {
 public:
  static constexpr const char* kName = "likelihood";
  static constexpr const char* kMeaning =
      "the negative evidence lower bound and its terms, and an importance-weighted bound";
  struct Options {
    std::int64_t samples = 0;
    std::optional<std::int64_t> limit;
    static void describe(Schema<Options>& schema);
  };
  explicit LikelihoodMetric(const Options& options) : options_(options) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Elbo}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;

 private:
  std::int64_t measured(const Source& source) const;

  Options options_;
};

}  // namespace hourglass
