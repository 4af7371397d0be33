#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <string_view>

namespace hourglass {

/// How weights start; biases start at zero. With fan_in and fan_out, the numbers of inputs and
/// outputs that one unit has:
///  - XavierUniform: uniform in +-sqrt(6 / (fan_in + fan_out)).  X. Glorot, Y. Bengio, 2010.
///  - XavierNormal: normal with variance 2 / (fan_in + fan_out).
///  - HeUniform: uniform in +-sqrt(6 / fan_in).  K. He et al., 2015.
///  - HeNormal: normal with variance 2 / fan_in.
///  - Uniform: uniform in +-0.05.
///  - Normal: normal with standard deviation 0.05.
///  - Orthogonal: rows (or columns, if they are fewer) orthogonal and of unit length.
///    A. Saxe et al., 2014.
enum class Initializer {
  XavierUniform,
  XavierNormal,
  HeUniform,
  HeNormal,
  Uniform,
  Normal,
  Orthogonal,
};

/// Initial values of a weight [out, in, ...]: fan_in is in times the size of the axes after it,
/// fan_out is out times the same. A pure function of its arguments; `path` names the random stream.
HOURGLASS_API Tensor initial_weight(Initializer initializer, const Shape& shape, std::uint64_t seed,
                                    std::string_view path);

/// How experiment files call them: xavier_uniform, xavier_normal, he_uniform, he_normal, uniform,
/// normal, orthogonal.
HOURGLASS_API Names<Initializer> initializer_names();

}  // namespace hourglass
