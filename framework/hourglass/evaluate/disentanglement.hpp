#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// `disentanglement`: whether the factors that samples were made from have codes of their own, of
/// at most 50,000 samples of the evaluated split, which the seed chooses and orders. Named
/// `<split>/disentanglement/...`, all from 0 to 1, larger is better:
///  - `factor_vae_score`: see factor_vae_score;
///  - `mig`: see mutual_information_gap, of 10,000 samples;
///  - `dci_disentanglement`, `dci_completeness`, `dci_informativeness`: see measure_dci;
///  - `sap`: see separated_attribute_predictability;
/// and beside them `active_codes`, how many codes vary enough to have a vote in the first, and
/// `dci_unfinished`, 1 where a regression of DCI stopped early.
/// DCI and `sap` fit to 10,000 samples and try 5,000 others; of fewer than 15,000 two thirds and
/// the rest. Samples, votes and bins are those of F. Locatello et al., "Challenging common
/// assumptions in the unsupervised learning of disentangled representations", 2019; its DCI goes by
/// boosted trees, this one by sparse linear classifiers. A factor is what discrete_factors makes of
/// a column of Labels::factors; one with a single value does not count.
class HOURGLASS_API DisentanglementMetric final : public Metric {
 public:
  static constexpr const char* kName = "disentanglement";
  static constexpr const char* kMeaning =
      "whether the factors that samples were made from have codes of their own";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit DisentanglementMetric(const Options&) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Encode}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
