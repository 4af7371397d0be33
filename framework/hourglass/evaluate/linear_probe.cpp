#include <hourglass/core/parallel.hpp>
#include <hourglass/evaluate/linear_probe.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

double part_found(std::span<const std::int32_t> found, std::span<const std::int32_t> classes) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < found.size(); ++i) right += found[i] == classes[i];
  return static_cast<double>(right) / static_cast<double>(found.size());
}

CommonScale::CommonScale(const Tensor& training)
    : means_(static_cast<std::size_t>(training.shape()[1])) {
  const std::int64_t rows = training.shape()[0];
  double squares = 0;
  const float* value = training.floats().data();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (double& mean : means_) {
      mean += *value;
      squares += static_cast<double>(*value) * *value;
      ++value;
    }
  }
  for (double& mean : means_) mean /= static_cast<double>(rows);
  if (squares > 0) divisor_ = std::sqrt(squares / static_cast<double>(training.size()));
}

void CommonScale::apply(Tensor& rows) const {
  const auto size = static_cast<std::int64_t>(means_.size());
  float* values = rows.floats().data();
  parallel_for(rows.shape()[0], 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * size; i < end * size; ++i) {
      const double mean = means_[static_cast<std::size_t>(i % size)];
      values[i] = static_cast<float>((values[i] - mean) / divisor_);
    }
  });
}

namespace {

Tensor scaled(const Tensor& codes, const CommonScale& scale) {
  Tensor copy = codes.clone();
  scale.apply(copy);
  return copy;
}

}  // namespace

LinearProbe::LinearProbe(const Tensor& codes, std::span<const std::int32_t> classes, double l2)
    : scale_(codes),
      regression_(fit_logistic_regression(scaled(codes, scale_), classes,
                                          1 + *std::ranges::max_element(classes), l2)) {}

double LinearProbe::accuracy(const Tensor& codes, std::span<const std::int32_t> classes) const {
  return part_found(regression_.classify(scaled(codes, scale_)), classes);
}

}  // namespace hourglass
