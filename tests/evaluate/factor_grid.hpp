#pragma once

#include "small_model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Samples that are their own factors, for what measures disentanglement.
namespace small {

/// Every combination of factors of so many values 0, 1, ..., `repeats` times over, the last factor
/// fastest: [samples, factors].
inline hourglass::Tensor factor_grid(const std::vector<int>& sizes, std::int64_t repeats = 1) {
  std::int64_t samples = repeats;
  for (const int size : sizes) samples *= size;
  const auto width = std::ssize(sizes);
  hourglass::Tensor grid(hourglass::Shape{samples, width});
  for (std::int64_t i = 0; i < samples; ++i) {
    std::int64_t rest = i;
    for (std::int64_t k = width; k-- > 0;) {
      const int size = sizes[static_cast<std::size_t>(k)];
      grid.floats()[static_cast<std::size_t>(i * width + k)] = static_cast<float>(rest % size);
      rest /= size;
    }
  }
  return grid;
}

inline hourglass::Labels with_factors(const hourglass::Tensor& factors) {
  hourglass::Labels labels;
  labels.factors = factors;
  for (std::int64_t k = 0; k < factors.shape()[1]; ++k) {
    labels.factor_names.push_back("f" + std::to_string(k));
  }
  return labels;
}

/// A test split whose samples are their factors.
inline hourglass::DataSet of_factors(const hourglass::Tensor& factors) {
  const std::int64_t width = factors.shape()[1];
  const std::vector<float> values(factors.floats().begin(), factors.floats().end());
  return data(
      hourglass::test::source({1, width}, std::vector<float>(static_cast<std::size_t>(width))),
      hourglass::test::source(factors.shape(), values, with_factors(factors)));
}

/// codes = factors weight^T, weight [codes, factors].
inline hourglass::Tensor mixed(const hourglass::Tensor& factors, const std::vector<float>& weight) {
  const std::int64_t samples = factors.shape()[0], width = factors.shape()[1];
  const std::int64_t codes = std::ssize(weight) / width;
  hourglass::Tensor result(hourglass::Shape{samples, codes});
  for (std::int64_t i = 0; i < samples; ++i) {
    for (std::int64_t d = 0; d < codes; ++d) {
      float sum = 0;
      for (std::int64_t k = 0; k < width; ++k) {
        sum += weight[static_cast<std::size_t>(d * width + k)] *
               factors.floats()[static_cast<std::size_t>(i * width + k)];
      }
      result.floats()[static_cast<std::size_t>(i * codes + d)] = sum;
    }
  }
  return result;
}

/// A rotation that gives every code an equal part of four factors.
inline const std::vector<float>& even_rotation() {
  static const std::vector<float> kWeight = {0.5f, 0.5f, 0.5f,  0.5f,  0.5f, -0.5f, 0.5f,  -0.5f,
                                             0.5f, 0.5f, -0.5f, -0.5f, 0.5f, -0.5f, -0.5f, 0.5f};
  return kWeight;
}

}  // namespace small
