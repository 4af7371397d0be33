// Compiled for x86-64-v3, with HOURGLASS_LEVEL set to v3.
#include <hourglass/ops/packed_product_kernels.hpp>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

using Int = std::int64_t;
typedef float Lanes __attribute__((vector_size(32)));
typedef float LanesAnywhere __attribute__((vector_size(32), aligned(4)));

constexpr Int kRows = PackedProduct::kTileRows, kColumns = PackedProduct::kTileColumns;
constexpr Int kLanes = 8, kLineFloats = 16;  // of a register, of a line of cache

inline Int smaller(Int a, Int b) { return a < b ? a : b; }
inline Lanes load(const float* x) { return *reinterpret_cast<const LanesAnywhere*>(x); }
inline void store(float* y, Lanes x) { *reinterpret_cast<LanesAnywhere*>(y) = x; }

/// Writes the transpose of eight rows of eight.
inline void transpose(const float* x, Int row_step, float* y, Int y_step) {
  Lanes r[8], s[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) r[i] = load(x + i * row_step);
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    r[i] = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    r[i + 1] = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    r[i + 2] = __builtin_shufflevector(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    r[i + 3] = __builtin_shufflevector(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    store(y + i * y_step, __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    store(y + (i + 4) * y_step,
          __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}

/// Packs `columns` columns of b as [inner, kColumns], with zeros behind the last, and has the next
/// ones fetched.
void pack_columns(const PackedProduct::Factor& b, Int inner, Int columns, float* to) {
  Int k = 0;
  if (columns == kColumns && b.column_step == 1) {
    for (; k < inner; ++k) {
      const float* from = b.data + k * b.row_step;
      __builtin_prefetch(from + kColumns);
      store(to + k * kColumns, load(from));
      store(to + k * kColumns + kLanes, load(from + kLanes));
    }
  } else if (columns == kColumns && b.row_step == 1) {
    for (; k + kLanes <= inner; k += kLanes) {
      for (Int j = 0; k % kLineFloats == 0 && j < kColumns; ++j) {
        __builtin_prefetch(b.data + (kColumns + j) * b.column_step + k);
      }
      for (Int half = 0; half < kColumns; half += kLanes) {
        const float* from = b.data + half * b.column_step + k;
        transpose(from, b.column_step, to + k * kColumns + half, kColumns);
      }
    }
  }
  for (; k < inner; ++k) {
    for (Int j = 0; j < kColumns; ++j) {
      to[k * kColumns + j] = j < columns ? b.data[k * b.row_step + j * b.column_step] : 0.0f;
    }
  }
}

/// Packs a whose rows' elements are apart as tiles of [inner, kRows]; what lies behind the last row
/// is never used. Adds each row's elements to `sums`, if that is not null.
void pack_rows(const float* a, Int column_step, Int rows, Int inner, float* to, float* sums) {
  for (Int i = 0; i < rows; i += kRows, to += inner * kRows) {
    const Int some = smaller(kRows, rows - i);
    const float* from = a + i;
    float tile_sums[kRows] = {};
    for (Int r = 0; sums && r < some; ++r) tile_sums[r] = sums[i + r];
    if (some == kRows) {
      for (Int k = 0; k < inner; ++k, from += column_step) {
        __builtin_memcpy(to + k * kRows, from, kRows * sizeof(float));
#pragma GCC unroll 8
        for (Int r = 0; r < kRows; ++r) tile_sums[r] += from[r];
      }
    } else {
      for (Int k = 0; k < inner; ++k, from += column_step) {
        for (Int r = 0; r < some; ++r) tile_sums[r] += to[k * kRows + r] = from[r];
      }
    }
    for (Int r = 0; sums && r < some; ++r) sums[i + r] = tile_sums[r];
  }
}

/// What becomes of a tile's sums.
struct Ending {
  bool adds;          // to what is in c
  const float* bias;  // of these columns, or null
  bool relu;
};

/// kStep: from an element of a row of a to the next, 1 where it lies and kRows where it is packed.
template <int kSome, Int kStep>
inline void multiply(Int inner, const float* a, Int row_step, const float* b, float* c, Int c_step,
                     const Ending& ending) {
  Lanes sums[kSome][2];
  const float* rows[kSome];
#pragma GCC unroll 8
  for (int i = 0; i < kSome; ++i) {
    sums[i][0] = sums[i][1] = Lanes{};
    rows[i] = a + i * row_step;
    __builtin_prefetch(c + i * c_step, 1);
    __builtin_prefetch(c + i * c_step + kColumns - 1, 1);
  }
  const auto step = [&](Int k) {
    const float* columns = b + k * kColumns;
    const Lanes left = *reinterpret_cast<const Lanes*>(columns),
                right = *reinterpret_cast<const Lanes*>(columns + kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kSome; ++i) {
      const float x = rows[i][k * kStep];
      sums[i][0] += left * x;
      sums[i][1] += right * x;
    }
  };
  // In eights: the loop's own instructions would cost a tenth.
  Int k = 0;
  for (; k + 8 <= inner; k += 8) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) step(k + i);
  }
  for (; k < inner; ++k) step(k);
#pragma GCC unroll 8
  for (int i = 0; i < kSome; ++i) {
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      float* to = c + i * c_step + half * kLanes;
      Lanes y = sums[i][half];
      if (ending.adds) y += load(to);
      if (ending.bias) y += load(ending.bias + half * kLanes);
      if (ending.relu) y = y < 0.0f ? Lanes{} : y;
      store(to, y);
    }
  }
}

using Multiply = void (*)(Int inner, const float* a, Int row_step, const float* b, float* c,
                          Int c_step, const Ending& ending);
template <Int kStep>
constexpr Multiply kMultiply[] = {multiply<1, kStep>, multiply<2, kStep>, multiply<3, kStep>,
                                  multiply<4, kStep>, multiply<5, kStep>, multiply<6, kStep>};

/// The same for a tile of fewer than kColumns columns, by way of one that is whole.
void multiply_edge(Multiply multiply, Int some, Int columns, Int inner, const float* a,
                   Int row_step, const float* b, float* c, Int c_step, Ending ending) {
  float tile[kRows * kColumns], bias[kColumns] = {};
  for (Int j = 0; ending.bias && j < columns; ++j) bias[j] = ending.bias[j];
  for (Int i = 0; ending.adds && i < some; ++i) {
    for (Int j = 0; j < kColumns; ++j) tile[i * kColumns + j] = j < columns ? c[i * c_step + j] : 0;
  }
  if (ending.bias) ending.bias = bias;
  multiply(inner, a, row_step, b, tile, kColumns, ending);
  for (Int i = 0; i < some; ++i) {
    for (Int j = 0; j < columns; ++j) c[i * c_step + j] = tile[i * kColumns + j];
  }
}

void run(const PackedProduct& product, float* scratch) {
  const auto& [rows, inner, columns, a, b, bias, relu, c, c_step, row_sums] = product;
  float *panel = scratch, *packed = scratch + PackedProduct::kSlice * kColumns;
  const Int slices = (inner + PackedProduct::kSlice - 1) / PackedProduct::kSlice;
  for (Int i = 0; row_sums && i < rows; ++i) row_sums[i] = 0;
  for (Int top = 0; top < rows; top += PackedProduct::kBlockRows) {
    const Int height = smaller(PackedProduct::kBlockRows, rows - top);
    for (Int slice = 0; slice < slices; ++slice) {
      const Int from = inner * slice / slices, depth = inner * (slice + 1) / slices - from;
      const float* block = a.data + top * a.row_step + from * a.column_step;
      Int row_step = a.row_step, tile_step = kRows * row_step;
      const Multiply* multiply = kMultiply<1>;
      if (a.column_step != 1) {
        pack_rows(block, a.column_step, height, depth, packed, row_sums ? row_sums + top : nullptr);
        block = packed;
        row_step = 1;
        tile_step = kRows * depth;
        multiply = kMultiply<kRows>;
      }
      const bool ends = slice + 1 == slices;
      for (Int left = 0; left < columns; left += kColumns) {
        const Int width = smaller(kColumns, columns - left);
        pack_columns({b.data + from * b.row_step + left * b.column_step, b.row_step, b.column_step},
                     depth, width, panel);
        const Ending ending = {slice > 0, ends && bias ? bias + left : nullptr, ends && relu};
        const float* tile = block;
        for (Int i = 0; i < height; i += kRows, tile += tile_step) {
          const Int some = smaller(kRows, height - i);
          float* to = c + (top + i) * c_step + left;
          if (width == kColumns) {
            multiply[some - 1](depth, tile, row_step, panel, to, c_step, ending);
          } else {
            multiply_edge(multiply[some - 1], some, width, depth, tile, row_step, panel, to, c_step,
                          ending);
          }
        }
      }
    }
  }
}

}  // namespace

extern const PackedProductKernels HOURGLASS_CONCAT(kPackedProductKernels_, HOURGLASS_LEVEL);
const PackedProductKernels HOURGLASS_CONCAT(kPackedProductKernels_, HOURGLASS_LEVEL) = {run};

}  // namespace hourglass
