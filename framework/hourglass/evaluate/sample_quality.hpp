#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// `sample_quality`: how like the split's samples those are that the decoder makes of drawn codes,
/// in the features of a FeatureClassifier:
///  - `<split>/sample_quality/frechet_distance`: frechet_distance, 0 at best;
///  - `<split>/sample_quality/precision`: the part of generated samples within the Manifold of the
///    split's; `.../recall`: the part of the split's samples within the manifold of generated ones;
///    balls reach to the third nearest neighbour.
/// Codes are drawn from the variant's prior or, where it has none, from a normal distribution
/// fitted to the codes of training. Behind `mixture/` are the same of codes drawn from a mixture of
/// ten normal distributions fitted to the codes of training, for every variant whose codes have at
/// most 256 numbers; behind `data/`, where there is a test split, those of training samples, which
/// is about what samples from the data's own distribution would have (the classifier has seen
/// them). All sets are equally large, and those of a split are spread over the whole of it.
/// P. Ghosh et al., "From variational to deterministic autoencoders", 2020, fit the mixture;
/// Manifold and frechet_distance name the others.
class HOURGLASS_API SampleQualityMetric final : public Metric {
 public:
  static constexpr const char* kName = "sample_quality";
  static constexpr const char* kMeaning =
      "how like the data generated samples are, in the features of a classifier of their labels: "
      "Frechet distance, precision and recall; beside a mixture fitted to codes, and training "
      "samples";
  struct Options {
    std::int64_t samples = 10'000;
    std::string features;
    static void describe(Schema<Options>& schema);
  };
  explicit SampleQualityMetric(const Options& options) : options_(options) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Encode, Purpose::Decode}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;

 private:
  /// How many samples each set has.
  std::int64_t compared(const DataSet& data) const;

  Options options_;
};

}  // namespace hourglass
