#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// `denoising`: how far a model's output for samples corrupted as the experiment says is from the
/// clean ones, and how far the corrupted ones are themselves, in the model's scale:
///  - `<split>/denoising/psnr` and `.../psnr_input`: the mean over images of
///    10 log10(1 / mean of (x - y)^2), in dB, without clipping. Of images whose clean samples lie
///    in [0, 1]. `psnr_input` is left out where a corruption has spared an image altogether, whose
///    number would be infinite;
///  - `<split>/denoising/squared_error_per_feature` and `.../squared_error_per_feature_input`: the
///    mean of (x - y)^2 over samples and features.
/// Each sample is corrupted once, by counted numbers that go by the seed and by its place in its
/// split.
class HOURGLASS_API DenoisingMetric final : public Metric {
 public:
  static constexpr const char* kName = "denoising";
  static constexpr const char* kMeaning =
      "how far the output for corrupted samples is from the clean ones, beside the corrupted ones";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit DenoisingMetric(const Options&) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Denoise}; }
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
