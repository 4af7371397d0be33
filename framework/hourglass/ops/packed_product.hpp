#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/kernel.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <cstdint>
#include <memory>

// A product of matrices by one thread, for processors with AVX2 and not AVX-512, where oneDNN
// before 3.5 has only one whose choice between two codes suits the sizes that a team's threads
// share out badly: it takes a quarter longer than this one.

namespace hourglass {

/// c = a b + bias, then max(c, 0) if that is asked for. Factors are parts of row-major matrices,
/// seen as they are or transposed.
///
/// A tile of c, six rows by two registers, is summed in registers over a slice of the inner axis
/// (Goto and van de Geijn 2008). The slice of b behind a column of tiles is packed just before,
/// into the first cache; rows of a are read where they are, from the second cache, and
/// packed only where their elements are apart.
struct PackedProduct {
  struct Factor {
    const float* data;
    std::int64_t row_step, column_step;  // one of them is 1
  };
  static constexpr std::int64_t kTileRows = 6, kTileColumns = 16;
  static constexpr std::int64_t kSlice = 400;      // most of the inner axis at a time
  static constexpr std::int64_t kBlockRows = 258;  // most rows of a at a time
  /// Floats of scratch memory, aligned to 64 bytes.
  static constexpr std::int64_t kScratch = kSlice * (kTileColumns + kBlockRows);

  /// Whether this code is faster here than oneDNN's: a rule on the machine alone.
  HOURGLASS_API static bool serves();

  std::int64_t rows, inner, columns;
  Factor a, b;                  // [rows, inner], [inner, columns]
  const float* bias = nullptr;  // [columns]
  bool relu = false;            // keeps NaN
  float* c = nullptr;           // [rows, columns]; rows begin c_step apart
  std::int64_t c_step = 0;
  /// The sum of each row of a, or null; only where a is packed.
  float* row_sums = nullptr;
};

/// The same with any activation. Inputs a, b and, if there is one, the bias; outputs c and, if they
/// are wanted, the row sums. Only the sizes and steps of `product` are looked at.
HOURGLASS_API std::unique_ptr<Kernel> packed_product(
    const PackedProduct& product, onednn::OptionalPostOp activation = std::nullopt);

/// Code for one level of the instruction set.
struct PackedProductKernels {
  void (*run)(const PackedProduct& product, float* scratch);
};

}  // namespace hourglass
