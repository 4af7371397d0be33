#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>

// Built three times, once for each level of the instruction set: nothing here may be an inline
// function or template of the standard library, whose copies the linker would merge.

namespace hourglass {

/// The vector code of sparse values for one level of the instruction set. A key is a number's rank
/// as an integer: keys compare as their numbers do, zeros of both signs have the key 0, and NaN, of
/// whatever sign, the largest there is.
struct SparseKernels {
  /// Splits x into groups of at most `depth` elements and writes each group's largest key; returns
  /// how many there are: n / depth, and at most 16 depth more for what is left over.
  std::int64_t (*maxima)(const float* x, std::int64_t n, std::int64_t depth, std::int32_t* keys);
  /// How many of `keys` are at least `least`.
  std::int64_t (*count)(const std::int32_t* keys, std::int64_t n, std::int32_t least);
  /// The same of the keys of x.
  std::int64_t (*count_of)(const float* x, std::int64_t n, std::int32_t least);
  /// Writes the keys that are at least `least`, and where they stand, in order; returns how many.
  std::int64_t (*collect)(const float* x, std::int64_t n, std::int32_t least, std::int32_t* keys,
                          std::int32_t* places);
  /// Counts keys in [low, high] by (key - low) >> shift.
  void (*histogram)(const float* x, std::int64_t n, std::int32_t low, std::int32_t high, int shift,
                    std::int32_t* bins);
  /// y[i] += weights[0] rows[0][i] + weights[1] rows[1][i] + ..., term after term.
  void (*add_rows)(float* y, std::int64_t n, const float* const* rows, const float* weights,
                   std::int64_t count);
  /// results[j] = the product of a and rows[j].
  void (*dot_rows)(const float* a, std::int64_t n, const float* const* rows, float* results,
                   std::int64_t count);
};

enum class Isa;

/// The kernels for this processor.
const SparseKernels& sparse_kernels();
/// Those for one level, which the processor must have.
HOURGLASS_API const SparseKernels& sparse_kernels(Isa level);

}  // namespace hourglass
