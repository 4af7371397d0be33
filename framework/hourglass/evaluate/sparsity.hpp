#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// `sparsity`: how few of the code's units are active, and what they explain. Named
/// `<split>/sparsity/...`; a unit is active where it is not zero:
///  - `l0`: active units of a sample, the mean;
///  - `density`: the same as a part of all units;
///  - `dead_fraction`: the part of the units that are active in no sample of the split;
///  - `mean_activation`: the mean of the code over samples and units;
///  - `variance_explained`: 1 - the sum of squared errors over the sum of squared distances to the
///    split's mean sample, over samples and features; left out where samples are all alike.
/// densities.png shows how many units are active how often.
class HOURGLASS_API SparsityMetric final : public Metric {
 public:
  static constexpr const char* kName = "sparsity";
  static constexpr const char* kMeaning =
      "how few of the code's units are active, and how much of the data they explain";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit SparsityMetric(const Options&) {}
  std::vector<Purpose> purposes() const override { return {Purpose::Encode, Purpose::Reconstruct}; }
  void measure(const Evaluation& evaluation, Measures& measures) const override;
  std::vector<std::pair<std::string, Tensor>> figures(const Evaluation& evaluation) const override;
};

}  // namespace hourglass
