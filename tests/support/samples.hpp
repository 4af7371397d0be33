#pragma once

#include <hourglass/core/random.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/data_set.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

/// Samples for tests, from values written by hand or counted streams.
namespace hourglass::test {

/// Points of `size` numbers each, one after another: [points, size].
inline Tensor points(std::int64_t size, const std::vector<float>& values) {
  Tensor tensor(Shape{static_cast<std::int64_t>(values.size()) / size, size});
  std::ranges::copy(values, tensor.floats().begin());
  return tensor;
}

/// A source over f32 rows as they are.
inline std::shared_ptr<Source> source(const Shape& shape, const std::vector<float>& values,
                                      const Labels& labels = {}) {
  Tensor samples(shape);
  std::copy(values.begin(), values.end(), samples.floats().begin());
  return std::make_shared<MemorySource>(samples, labels, std::make_shared<FittedScaling>());
}

/// `count` numbers that look random: standard normal, from a counted stream.
inline std::vector<float> normal_values(std::int64_t count, std::uint64_t seed) {
  RandomStream random(seed, "values");
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = random.normal();
  return values;
}

inline Tensor normal(const Shape& shape, std::uint64_t seed, float shift = 0) {
  Tensor tensor(shape);
  const std::vector<float> values = normal_values(shape.size(), seed);
  for (std::size_t i = 0; i < values.size(); ++i) tensor.floats()[i] = values[i] + shift;
  return tensor;
}

/// Likewise in [0, 1).
inline std::vector<float> uniform_values(std::int64_t count, std::uint64_t seed) {
  RandomStream random(seed, "values");
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = random.uniform();
  return values;
}

}  // namespace hourglass::test
