#include <hourglass/evaluate/image_similarity.hpp>
#include <hourglass/ops/structural_similarity.hpp>

#include <cmath>

namespace hourglass {

namespace {

constexpr std::int64_t kWindowSide = kSimilarityWindow;
constexpr std::int64_t kMoments = 4;  // x, y, x^2 + y^2, x y

}  // namespace

ImageSimilarity::ImageSimilarity(const ImageForm& form)
    : form_(form),
      weights_(kWindowSide),
      moments_(static_cast<std::size_t>(form.height * (form.width - kWindowSide + 1) * kMoments)) {
  double total = 0;
  for (std::int64_t i = 0; i < kWindowSide; ++i) {
    const double from_centre = static_cast<double>(i - kWindowSide / 2) / kSimilaritySigma;
    total += weights_[i] = std::exp(-0.5 * from_centre * from_centre);
  }
  for (double& each : weights_) each /= total;
}

double ImageSimilarity::operator()(const float* x, const float* y) {
  double total = 0;
  for (std::int64_t c = 0; c < form_.channels; ++c) {
    total += of_channel(x + c * form_.channel_step, y + c * form_.channel_step);
  }
  return total / static_cast<double>(form_.channels);
}

double ImageSimilarity::of_channel(const float* x, const float* y) {
  const std::int64_t across = form_.width - kWindowSide + 1, down = form_.height - kWindowSide + 1;
  // A Gaussian window goes along rows first, then down the columns of what that gives.
  double* moment = moments_.data();
  for (std::int64_t row = 0; row < form_.height; ++row) {
    for (std::int64_t place = 0; place < across; ++place, moment += kMoments) {
      double sums[kMoments] = {};
      for (std::int64_t i = 0; i < kWindowSide; ++i) {
        const std::int64_t at = row * form_.row_step + (place + i) * form_.column_step;
        const double a = x[at], b = y[at], weight = weights_[i];
        sums[0] += weight * a;
        sums[1] += weight * b;
        sums[2] += weight * (a * a + b * b);
        sums[3] += weight * (a * b);
      }
      for (std::int64_t k = 0; k < kMoments; ++k) moment[k] = sums[k];
    }
  }
  double total = 0;
  for (std::int64_t place = 0; place < down * across; ++place) {
    double sums[kMoments] = {};
    for (std::int64_t i = 0; i < kWindowSide; ++i) {
      const double* each = moments_.data() + (place + i * across) * kMoments;
      for (std::int64_t k = 0; k < kMoments; ++k) sums[k] += weights_[i] * each[k];
    }
    const double product = sums[0] * sums[1], squares = sums[0] * sums[0] + sums[1] * sums[1];
    total += (2 * product + kSimilarityC1) * (2 * (sums[3] - product) + kSimilarityC2) /
             ((squares + kSimilarityC1) * (sums[2] - squares + kSimilarityC2));
  }
  return total / static_cast<double>(down * across);
}

}  // namespace hourglass
