#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// `reconstruction`: how far reconstructions are from clean samples, in the model's scale, as means
/// over samples and features:
///  - `<split>/reconstruction/squared_error_per_feature`: (x - y)^2;
///  - `<split>/reconstruction/cross_entropy_per_feature`: -(x log y + (1 - x) log(1 - y)) in nats,
///    present only where all samples and reconstructions lie in [0, 1]. It is computed from the f32
///    output y, which cannot tell probabilities above 1 - 2^-25 from 1, nor those below 2^-126 from
///    0, and is clamped there and nowhere else;
///  - `<split>/reconstruction/psnr`: the mean over images of 10 log10(1 / mean of (x - y)^2), in
///    dB, and `.../ssim`: that of their structural similarity (ImageSimilarity). Of images alone,
///    whose samples lie in [0, 1]; ssim where the window fits into them;
///  - `pca/<split>/reconstruction/squared_error_per_feature`: the same for as many principal
///    components of the training split as the code has numbers.
/// Sums are double, sample after sample: a pure function of the weights.
class HOURGLASS_API ReconstructionMetric final : public Metric {
 public:
  static constexpr const char* kName = "reconstruction";
  static constexpr const char* kMeaning =
      "squared error and cross-entropy of reconstructions, a feature, and how alike images "
      "look; "
      "beside the squared error of principal components";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit ReconstructionMetric(const Options&) {}
  std::vector<Purpose> purposes() const override { return {Purpose::Reconstruct}; }
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
