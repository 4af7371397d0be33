#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>

// Built three times, once for each level of the instruction set: nothing here may be an inline
// function or template of the standard library, whose copies the linker would merge.

namespace hourglass {

/// The operands of one instruction over `n` elements.
struct Tile {
  std::int64_t n;
  float* y[3];
  const float* x[6];
  float p[4];
  bool* finite = nullptr;  // Adam: becomes false when a result is not finite
};

/// The vector code for one level of the instruction set.
struct VectorKernels {
  void (*const* codes)(const Tile&);  // indexed by Code
  float (*sum)(const float* x, std::int64_t n);
  float (*maximum)(const float* x, std::int64_t n);
  /// Whether no element is infinite or NaN.
  bool (*all_finite)(const float* x, std::int64_t n);
  void (*fill)(float* y, float value, std::int64_t n);
  void (*gather)(float* y, const float* x, std::int64_t stride, std::int64_t n);
  /// y[i] += x[i], y[i] = max(y[i], x[i]).
  void (*accumulate)(float* y, const float* x, std::int64_t n);
  void (*accumulate_maximum)(float* y, const float* x, std::int64_t n);
  /// Random numbers for blocks first .. first + count - 1 of four: uniform in [0, 1), or normal.
  /// counter: words 1 to 3 of the Philox counter; word 0 is the block's number.
  void (*uniform)(float* y, std::uint32_t first, std::int64_t count, const std::uint32_t* counter,
                  const std::uint32_t* key);
  void (*normal)(float* y, std::uint32_t first, std::int64_t count, const std::uint32_t* counter,
                 const std::uint32_t* key);
};

enum class Isa;

/// The kernels for this processor.
const VectorKernels& vector_kernels();
/// Those for one level, which the processor must have.
HOURGLASS_API const VectorKernels& vector_kernels(Isa level);

}  // namespace hourglass
