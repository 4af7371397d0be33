#include <hourglass/statistics/squared_errors.hpp>

#include <cmath>

namespace hourglass {

void SquaredErrors::add(const float* x, const float* y, std::size_t samples) {
  for (std::size_t n = 0; n < samples; ++n, x += features_, y += features_) {
    double sum = 0;
    for (std::int64_t i = 0; i < features_; ++i) {
      const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
      sum += difference * difference;
      within_unit_ &= x[i] >= 0 && x[i] <= 1;
    }
    squared_ += sum;
    psnr_ -= 10 * std::log10(sum / static_cast<double>(features_));
  }
  samples_ += samples;
}

double SquaredErrors::per_feature() const {
  return squared_ / (static_cast<double>(samples_) * static_cast<double>(features_));
}

}  // namespace hourglass
