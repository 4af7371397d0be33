#pragma once

#include <cstdint>

// Built for a level of the instruction set that the machine may lack: nothing here may be an inline
// function or template of the standard library, whose copies the linker would merge.

namespace hourglass {

/// c = a b + bias, then max(c, 0) if that is asked for. Factors are parts of row-major matrices,
/// seen as they are or transposed. At least one row, column and place along the inner axis.
///
/// A tile of c, six rows by two registers, is summed in registers over a slice of the inner axis
/// (Goto and van de Geijn 2008). The slice of b behind a column of tiles is packed just before,
/// into the first cache; rows of a are read where they are, from the second cache, and packed only
/// where their elements are apart.
///
/// Places along the inner axis where a tile's six rows of a are all zero, or where a is packed a
/// panel's sixteen columns of b, are passed over if they are many and cheap to find: drawings and
/// one-hot columns have such. The result is the same to the bit, but for the sign of a zero after
/// underflow, and for zero times infinity or NaN, which counts as zero there: beside those, a row
/// may depend on the others.
struct PackedProduct {
  struct Factor {
    const float* data;
    std::int64_t row_step, column_step;  // one of them is 1
  };
  static constexpr std::int64_t kTileRows = 6, kTileColumns = 16;
  static constexpr std::int64_t kSlice = 400;      // most of the inner axis at a time
  static constexpr std::int64_t kBlockTiles = 43;  // most tiles of rows of a at a time
  static constexpr std::int64_t kBlockRows = kBlockTiles * kTileRows;

  std::int64_t rows, inner, columns;
  Factor a, b;                  // [rows, inner], [inner, columns]
  const float* bias = nullptr;  // [columns]
  bool relu = false;            // keeps NaN
  float* c = nullptr;           // [rows, columns]; rows begin c_step apart
  std::int64_t c_step = 0;
  /// The sum of each row of a, or null; only where a is packed: a.column_step is not 1.
  float* row_sums = nullptr;
};

/// Code for one level of the instruction set.
struct PackedProductKernels {
  std::int64_t (*scratch_bytes)(const PackedProduct& product);
  /// `scratch`: as many bytes, aligned to 64.
  void (*run)(const PackedProduct& product, float* scratch);
};

}  // namespace hourglass
