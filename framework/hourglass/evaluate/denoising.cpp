#include <hourglass/evaluate/denoising.hpp>
#include <hourglass/statistics/squared_errors.hpp>

#include <cmath>

namespace hourglass {

std::string DenoisingMetric::fault(Model& model, const DataSet&) const {
  if (!model.setup().corruption.empty()) return "";
  return "needs an experiment that corrupts its samples: write for instance corruption: "
         "[{gaussian: 0.5}], or measure robustness, which has corruptions of its own";
}

void DenoisingMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const Source& source = evaluation.source();
  SquaredErrors output(source.sample_shape().size()), input(source.sample_shape().size());
  evaluation.model.denoise(source, split_number(evaluation.split()),
                           [&](std::span<const std::uint32_t> indices, const float* clean,
                               const float* corrupted, const float* result) {
                             output.add(clean, result, indices.size());
                             input.add(clean, corrupted, indices.size());
                           });

  const std::string psnr = evaluation.named("denoising/psnr");
  if (evaluation.data.has_images() && output.within_unit()) {
    measures.add(psnr, output.psnr());
    measures.explain(psnr,
                     "dB; mean over images of 10 log10(1 / mean of (x - y)^2), x clean, y the "
                     "output for the corrupted image, data in [0, 1], no clipping");
    if (std::isfinite(input.psnr())) {
      measures.add(psnr + "_input", input.psnr());
      measures.explain(psnr + "_input", "dB; the same of the corrupted images themselves");
    }
  }
  const std::string squared = evaluation.named("denoising/squared_error_per_feature");
  measures.add(squared, output.per_feature());
  measures.explain(squared,
                   "mean of (x - y)^2 over samples and features, x clean, y the output for the "
                   "corrupted sample, model's scale");
  measures.add(squared + "_input", input.per_feature());
  measures.explain(squared + "_input", "the same of the corrupted samples themselves");
}

}  // namespace hourglass
