#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cstdint>
#include <string>

namespace hourglass {

/// How well atoms [units, size] stand for directions [features, size]. Cosines are without their
/// sign, and 0 for an atom of zeros.
struct DictionaryMatch {
  static constexpr double kRecovered = 0.9;

  /// The mean cosine over the min(units, features) pairs of the one-to-one pairing that makes it
  /// largest.
  double matched_cosine = 0;
  /// The mean over atoms of the largest cosine with any direction; several atoms may share one.
  double best_cosine = 0;
  /// How many directions have an atom at a cosine above kRecovered.
  std::int64_t recovered = 0;
};
HOURGLASS_API DictionaryMatch match_dictionary(const Tensor& atoms, const Tensor& directions);

/// `dictionary`: which of the directions that samples are known to be sums of (DataSet::directions)
/// the units stand for, by the columns of a decoder of one dense layer:
///  - `<split>/dictionary/matched_cosine`, `.../best_cosine`, `.../recovered`: see DictionaryMatch;
///  - `random/<split>/dictionary/...`: the same of as many random directions as there are units;
///  - `pca/<split>/dictionary/...`: the same of the principal components of the training split, as
///    many as units, or as a sample's numbers where these are fewer.
/// The best cosine, turned the other way, is the mean maximum cosine similarity of L. Sharkey, D.
/// Braun, B. Millidge, "Taking features out of superposition with sparse autoencoders", 2022; the
/// one-to-one pairing is that of D. Chanin, A. Garriga-Alonso, "SynthSAEBench", 2026.
class HOURGLASS_API DictionaryMetric final : public Metric {
 public:
  static constexpr const char* kName = "dictionary";
  static constexpr const char* kMeaning =
      "how well the decoder's columns match the directions that samples are known to be sums of; "
      "beside random directions and principal components";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit DictionaryMetric(const Options&) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {}; }
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
