#pragma once

#include <hourglass/core/tensor.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hourglass::test {

/// Points of `size` numbers each, one after another: [points, size].
inline Tensor points(std::int64_t size, const std::vector<float>& values) {
  Tensor tensor(Shape{static_cast<std::int64_t>(values.size()) / size, size});
  std::ranges::copy(values, tensor.floats().begin());
  return tensor;
}

}  // namespace hourglass::test
