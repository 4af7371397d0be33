#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/nn/corruption.hpp>
#include <hourglass/plugin/metric.hpp>

#include <string>
#include <vector>

namespace hourglass {

/// `robustness`: how far reconstructions of corrupted samples are from the clean ones, for each of
/// some corruptions, whatever the model was trained on. Of images whose clean samples lie in [0, 1]
/// `<split>/robustness/psnr_<corruption>`, the mean over images of 10 log10(1 / mean of (x - y)^2)
/// in dB; of other data `<split>/robustness/squared_error_per_feature_<corruption>`, the mean of
/// (x - y)^2 over samples and features. Where there are labels of two classes or more, also
/// `<split>/robustness/linear_accuracy_<corruption>`: a LinearProbe fitted once to the codes of the
/// clean training samples, and tried on the codes of corrupted ones. A corruption is called by its
/// name and its numbers: `gaussian_0.2`, `block_6x3`.
class HOURGLASS_API RobustnessMetric final : public Metric {
 public:
  static constexpr const char* kName = "robustness";
  static constexpr const char* kMeaning =
      "how far reconstructions of samples under several corruptions are from the clean ones, and "
      "how well a linear classifier of clean codes reads theirs";
  struct HOURGLASS_API Options {
    /// gaussian 0.2, gaussian 0.5, masking 0.3, salt_pepper 0.2.
    std::vector<CorruptionOptions> corruptions = {{GaussianCorruption{0.2}},
                                                  {GaussianCorruption{0.5}},
                                                  {MaskingCorruption{0.3}},
                                                  {SaltPepperCorruption{0.2}}};
    static void describe(Schema<Options>& schema);
  };
  explicit RobustnessMetric(const Options& options) : options_(options) {}
  std::string fault(Model& model, const DataSet& data) const override;
  std::vector<Purpose> purposes() const override { return {Purpose::Reconstruct}; }
  void compile(Model& model, const DataSet& data) const override;
  void measure(const Evaluation& evaluation, Measures& measures) const override;

 private:
  Options options_;
};

}  // namespace hourglass
