#pragma once

#include <hourglass/core/tensor.hpp>

#include <vector>

namespace hourglass::test {

/// The numbers of an f32 tensor.
inline std::vector<float> floats(const Tensor& tensor) {
  return {tensor.floats().begin(), tensor.floats().end()};
}

}  // namespace hourglass::test
