#include <hourglass/core/error.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/statistics/centre.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace hourglass {

namespace {

using Centre = std::vector<double>;

/// The weighted mean of all samples.
Centre weighted_mean(const Source& source, const std::function<double(const float*)>& weight) {
  const auto width = static_cast<std::size_t>(source.sample_shape().size());
  Centre sum(width, 0.0);
  double weights = 0;
  SequentialReader reader(source, 1000);
  while (const Batch* batch = reader.next()) {
    for (std::int64_t i = 0; i < batch->size; ++i) {
      const float* const sample = batch->samples + i * static_cast<std::int64_t>(width);
      const double w = weight(sample);
      for (std::size_t k = 0; k < width; ++k) sum[k] += w * static_cast<double>(sample[k]);
      weights += w;
    }
  }
  for (double& each : sum) each /= weights;
  return sum;
}

Centre mean_of(const Source& source) {
  if (source.size() == 0) throw DataError("there are no samples to take the mean of");
  return weighted_mean(source, [](const float*) { return 1.0; });
}

double distance_to(const Centre& a, const auto& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = a[k] - static_cast<double>(b[k]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

Tensor tensor_of(const Centre& point, const Shape& shape) {
  Tensor tensor(shape);
  std::ranges::transform(point, tensor.floats().begin(),
                         [](double each) { return static_cast<float>(each); });
  return tensor;
}

}  // namespace

Tensor mean_sample(const Source& source) {
  return tensor_of(mean_of(source), source.sample_shape());
}

Tensor geometric_median(const Source& source) {
  constexpr int kMostSteps = 100;
  constexpr double kEnough = 1e-6, kLeast = 1e-12;  // a sample at the point itself keeps a weight
  Centre point = mean_of(source);
  for (int i = 0; i < kMostSteps; ++i) {
    double total = 0;
    Centre next = weighted_mean(source, [&](const float* sample) {
      const double d = distance_to(point, sample);
      total += d;
      return 1 / std::max(d, kLeast);
    });
    const double moved = distance_to(point, next);
    point = std::move(next);
    if (moved <= kEnough * total / static_cast<double>(source.size())) break;
  }
  return tensor_of(point, source.sample_shape());
}

}  // namespace hourglass
