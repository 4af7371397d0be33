#include <hourglass/core/parallel.hpp>
#include <hourglass/evaluate/image_similarity.hpp>
#include <hourglass/evaluate/reconstruction.hpp>
#include <hourglass/ops/structural_similarity.hpp>
#include <hourglass/statistics/pca.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace hourglass {
namespace {

constexpr const char* kSquaredError = "reconstruction/squared_error_per_feature";
constexpr const char* kCrossEntropy = "reconstruction/cross_entropy_per_feature";
constexpr const char* kPsnr = "reconstruction/psnr";
constexpr const char* kSsim = "reconstruction/ssim";

// Where f32 ends: the least normal number, and half of the last step below 1.
constexpr double kLeast = 0x1p-126;
constexpr double kGreatest = 1 - 0x1p-25;

// The errors of one sample, summed over its features, and what is measured of it as an image.
struct Errors {
  double squared = 0;
  double cross_entropy = 0;
  double psnr = 0, ssim = 0;
  bool samples_within_unit = true;  // the sample lies in [0, 1]
  bool within_unit = true;          // and so does its reconstruction
};

// How images lie in samples, where these are images.
std::optional<ImageForm> image_form(const DataSet& data) {
  if (!data.has_images()) return std::nullopt;
  const Shape& shape = data.sample_shape;
  if (shape.rank() == 2) return ImageForm{1, shape[0], shape[1], 0, shape[1], 1};
  if (shape[0] == 1 || shape[0] == 3) {
    return ImageForm{shape[0], shape[1], shape[2], shape[1] * shape[2], shape[2], 1};
  }
  return ImageForm{shape[2], shape[0], shape[1], 1, shape[1] * shape[2], shape[2]};
}

bool has_windows(const ImageForm& form) {
  return std::min(form.height, form.width) >= kSimilarityWindow;
}

// Zeros and ones, most of what images hold, need one logarithm each.
double cross_entropy(double x, double y) {
  y = std::clamp(y, kLeast, kGreatest);
  double sum = 0;
  if (x != 0) sum -= x * std::log(y);
  if (x != 1) sum -= (1 - x) * std::log1p(-y);
  return sum;
}

Errors errors_of(const float* x, const float* y, std::int64_t features) {
  Errors errors;
  for (std::int64_t i = 0; i < features; ++i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    errors.squared += difference * difference;
    errors.samples_within_unit &= x[i] >= 0 && x[i] <= 1;
    errors.within_unit &= x[i] >= 0 && x[i] <= 1 && y[i] >= 0 && y[i] <= 1;
  }
  errors.psnr = -10 * std::log10(errors.squared / static_cast<double>(features));
  if (!errors.within_unit) return errors;
  for (std::int64_t i = 0; i < features; ++i) errors.cross_entropy += cross_entropy(x[i], y[i]);
  return errors;
}

// The sum over all samples, one after another, whoever computed them.
Errors total_errors(const Evaluation& evaluation, std::int64_t features) {
  Errors total;
  std::vector<Errors> each;
  const std::optional<ImageForm> image = image_form(evaluation.data);
  evaluation.model.reconstruct(
      evaluation.source(), split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float* samples, const float* result) {
        each.resize(indices.size());
        parallel_for(static_cast<std::int64_t>(each.size()), 16,
                     [&](std::int64_t begin, std::int64_t end) {
                       std::optional<ImageSimilarity> similarity;
                       if (image && has_windows(*image)) similarity.emplace(*image);
                       for (std::int64_t i = begin; i < end; ++i) {
                         const float *x = samples + i * features, *y = result + i * features;
                         Errors& errors = each[static_cast<std::size_t>(i)];
                         errors = errors_of(x, y, features);
                         if (similarity) errors.ssim = (*similarity)(x, y);
                       }
                     });
        for (const Errors& errors : each) {
          total.squared += errors.squared;
          total.cross_entropy += errors.cross_entropy;
          total.psnr += errors.psnr;
          total.ssim += errors.ssim;
          total.samples_within_unit &= errors.samples_within_unit;
          total.within_unit &= errors.within_unit;
        }
      });
  return total;
}

}  // namespace

void ReconstructionMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const Source& source = evaluation.source();
  const std::int64_t features = source.sample_shape().size();
  const double values = static_cast<double>(source.size()) * static_cast<double>(features);
  const Errors total = total_errors(evaluation, features);

  measures.add(evaluation.named(kSquaredError), total.squared / values);
  measures.explain(evaluation.named(kSquaredError),
                   "mean of (x - y)^2 over samples and features, clean input, model's scale");
  if (total.within_unit) {
    measures.add(evaluation.named(kCrossEntropy), total.cross_entropy / values);
    measures.explain(evaluation.named(kCrossEntropy),
                     "nats; mean of -(x log y + (1 - x) log(1 - y)) over samples and features, "
                     "clean input, y clamped to [2^-126, 1 - 2^-25]");
  }
  const std::optional<ImageForm> image = image_form(evaluation.data);
  if (image && total.samples_within_unit) {
    const auto samples = static_cast<double>(source.size());
    measures.add(evaluation.named(kPsnr), total.psnr / samples);
    measures.explain(evaluation.named(kPsnr),
                     "dB; mean over images of 10 log10(1 / mean of (x - y)^2), data in [0, 1], "
                     "clean input, no clipping");
    if (has_windows(*image)) {
      measures.add(evaluation.named(kSsim), total.ssim / samples);
      measures.explain(
          evaluation.named(kSsim),
          "structural similarity, 1 where equal; Gaussian window of 11 x 11, deviation "
          "1.5, inside the image only, K 0.01 and 0.03, data in [0, 1], clean input, "
          "mean over channels and images");
    }
  }

  const Pca& pca = evaluation.pca();
  const std::string baseline = "pca/" + evaluation.named(kSquaredError);
  measures.add(baseline, squared_error_per_feature(pca, source));
  measures.explain(baseline, text("mean of (x - y)^2 over samples and features, model's scale; PCA "
                                  "fitted to the training split, components: ",
                                  pca.count(), ", by ", pca.method));
}

}  // namespace hourglass
