// Compiled for x86-64-v3, with HOURGLASS_LEVEL set to v3.
#include <hourglass/ops/packed_product_kernels.hpp>

#include <immintrin.h>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

using Int = std::int64_t;
typedef float Lanes __attribute__((vector_size(32)));
typedef float LanesAnywhere __attribute__((vector_size(32), aligned(4)));

constexpr Int kRows = PackedProduct::kTileRows, kColumns = PackedProduct::kTileColumns;
constexpr Int kSlice = PackedProduct::kSlice, kBlockRows = PackedProduct::kBlockRows;
constexpr Int kBlockTiles = PackedProduct::kBlockTiles;
constexpr Int kLanes = 8, kLineFloats = 16;  // of a register, of a line of cache

inline Int smaller(Int a, Int b) { return a < b ? a : b; }
inline Lanes load(const float* x) { return *reinterpret_cast<const LanesAnywhere*>(x); }
inline void store(float* y, Lanes x) { *reinterpret_cast<LanesAnywhere*>(y) = x; }
inline __m256i bits_of(Lanes x) { return _mm256_castps_si256(x); }
inline __m256i without_sign(__m256i bits) { return _mm256_slli_epi32(bits, 1); }
inline __m256i either(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }

using Place = std::uint16_t;  // along a slice of the inner axis

/// Places along the inner axis to visit, elsewhere one factor is zero: the `count` listed ones, or
/// the first `count` where there is no list.
struct Places {
  Int count;
  const Place* list;
};

/// Leaving out an eighth pays for the look at a list in every step.
Places worth_a_list(Int count, Int inner, const Place* list) {
  if (count < inner - inner / 8) return {count, list};
  return {inner, nullptr};
}

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
/// ones fetched. Returns the places that are not all zero, as far as that is seen on the way.
Places pack_columns(const PackedProduct::Factor& b, Int inner, Int columns, float* to,
                    Place* list) {
  Int k = 0;
  if (columns == kColumns && b.column_step == 1) {
    Int count = 0;
    for (; k < inner; ++k) {
      const float* from = b.data + k * b.row_step;
      __builtin_prefetch(from + kColumns);
      const Lanes left = load(from), right = load(from + kLanes);
      store(to + k * kColumns, left);
      store(to + k * kColumns + kLanes, right);
      const __m256i bits = without_sign(either(bits_of(left), bits_of(right)));
      list[count] = static_cast<Place>(k);
      count += !_mm256_testz_si256(bits, bits);
    }
    return worth_a_list(count, inner, list);
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
  return {inner, nullptr};
}

/// The places that are not all zero in a tile: `rows` rows of a.
Places list_rows(const float* a, Int row_step, Int rows, Int inner, Place* list) {
  Int count = 0, k = 0;
  for (; k + kLanes <= inner; k += kLanes) {
    __m256i bits{};
    for (Int i = 0; i < rows; ++i) bits = either(bits, bits_of(load(a + i * row_step + k)));
    const __m256i is_zero = _mm256_cmpeq_epi32(without_sign(bits), __m256i{});
    const int zeros = _mm256_movemask_ps(_mm256_castsi256_ps(is_zero));
#pragma GCC unroll 8
    for (Int j = 0; j < kLanes; ++j) {
      list[count] = static_cast<Place>(k + j);
      count += (zeros >> j & 1) == 0;
    }
  }
  for (; k < inner; ++k) {
    bool is_zero = true;
    for (Int i = 0; i < rows; ++i) is_zero &= a[i * row_step + k] == 0;
    list[count] = static_cast<Place>(k);
    count += !is_zero;
  }
  return worth_a_list(count, inner, list);
}

/// The same for each tile of a block, unless the first one has too few zeros.
void list_tiles(const float* a, Int row_step, Int rows, Int inner, Place* lists, Places* tiles) {
  for (Int i = 0; i < rows; i += kRows, lists += kSlice) {
    Places& tile = tiles[i / kRows];
    tile = {inner, nullptr};
    if (i > 0 && tiles[0].list == nullptr) continue;
    tile = list_rows(a + i * row_step, row_step, smaller(kRows, rows - i), inner, lists);
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
template <int kSome, Int kStep, bool kListed>
inline void multiply(const Places& places, const float* a, Int row_step, const float* b, float* c,
                     Int c_step, const Ending& ending) {
  Lanes sums[kSome][2];
  const float* rows[kSome];
#pragma GCC unroll 8
  for (int i = 0; i < kSome; ++i) {
    sums[i][0] = sums[i][1] = Lanes{};
    rows[i] = a + i * row_step;
    __builtin_prefetch(c + i * c_step, 1);
    __builtin_prefetch(c + i * c_step + kColumns - 1, 1);
  }
  const auto step = [&](Int i) {
    const Int k = kListed ? places.list[i] : i;
    const float* columns = b + k * kColumns;
    const Lanes left = *reinterpret_cast<const Lanes*>(columns),
                right = *reinterpret_cast<const Lanes*>(columns + kLanes);
#pragma GCC unroll 8
    for (int row = 0; row < kSome; ++row) {
      const float x = rows[row][k * kStep];
      sums[row][0] += left * x;
      sums[row][1] += right * x;
    }
  };
  // In eights: the loop's own instructions would cost a tenth.
  Int at = 0;
  for (; at + 8 <= places.count; at += 8) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) step(at + i);
  }
  for (; at < places.count; ++at) step(at);
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

using Multiply = void (*)(const Places& places, const float* a, Int row_step, const float* b,
                          float* c, Int c_step, const Ending& ending);
template <Int kStep, bool kListed>
constexpr Multiply kMultiply[] = {multiply<1, kStep, kListed>, multiply<2, kStep, kListed>,
                                  multiply<3, kStep, kListed>, multiply<4, kStep, kListed>,
                                  multiply<5, kStep, kListed>, multiply<6, kStep, kListed>};

/// The code for a tile of `some` rows.
Multiply multiply_for(bool is_packed, bool is_listed, Int some) {
  if (is_packed) return (is_listed ? kMultiply<kRows, true> : kMultiply<kRows, false>)[some - 1];
  return (is_listed ? kMultiply<1, true> : kMultiply<1, false>)[some - 1];
}

/// The same for a tile of fewer than kColumns columns, by way of one that is whole.
void multiply_edge(Multiply multiply, Int some, Int columns, const Places& places, const float* a,
                   Int row_step, const float* b, float* c, Int c_step, Ending ending) {
  float tile[kRows * kColumns], bias[kColumns] = {};
  for (Int j = 0; ending.bias && j < columns; ++j) bias[j] = ending.bias[j];
  for (Int i = 0; ending.adds && i < some; ++i) {
    for (Int j = 0; j < kColumns; ++j) tile[i * kColumns + j] = j < columns ? c[i * c_step + j] : 0;
  }
  if (ending.bias) ending.bias = bias;
  multiply(places, a, row_step, b, tile, kColumns, ending);
  for (Int i = 0; i < some; ++i) {
    for (Int j = 0; j < columns; ++j) c[i * c_step + j] = tile[i * kColumns + j];
  }
}

/// Rows of a over a slice of the inner axis.
struct Block {
  const float* data;
  Int rows, inner, row_step, tile_step;
  bool is_packed;
  Places of_tiles[kBlockTiles];  // where it is not packed
};

/// Multiplies a block by a panel: `columns` packed columns of b, which are zero elsewhere than at
/// the places `of_panel`.
void multiply_panel(const Block& block, const float* panel, const Places& of_panel, Int columns,
                    float* c, Int c_step, const Ending& ending) {
  const float* tile = block.data;
  for (Int i = 0; i < block.rows; i += kRows, tile += block.tile_step, c += kRows * c_step) {
    const Places& places = block.is_packed ? of_panel : block.of_tiles[i / kRows];
    const Int some = smaller(kRows, block.rows - i);
    const Multiply multiply = multiply_for(block.is_packed, places.list != nullptr, some);
    if (columns == kColumns) {
      multiply(places, tile, block.row_step, panel, c, c_step, ending);
    } else {
      multiply_edge(multiply, some, columns, places, tile, block.row_step, panel, c, c_step,
                    ending);
    }
  }
}

/// Elements of a's rows that are apart are packed.
bool packs(const PackedProduct& product) { return product.a.column_step != 1; }

// The scratch: a panel, a packed block, and lists of places for the panel and each tile of rows.
Int packed_floats(const PackedProduct& product) { return packs(product) ? kSlice * kBlockRows : 0; }
Int scratch_bytes(const PackedProduct& product) {
  const Int lists = packs(product) ? 1 : 1 + kBlockTiles;
  return (kSlice * kColumns + packed_floats(product)) * sizeof(float) +
         lists * kSlice * sizeof(Place);
}

void run(const PackedProduct& product, float* scratch) {
  const auto& [rows, inner, columns, a, b, bias, relu, c, c_step, row_sums] = product;
  float *panel = scratch, *packed = panel + kSlice * kColumns;
  auto* const list = reinterpret_cast<Place*>(packed + packed_floats(product));
  const Int slices = (inner + kSlice - 1) / kSlice;
  for (Int i = 0; row_sums && i < rows; ++i) row_sums[i] = 0;
  for (Int top = 0; top < rows; top += kBlockRows) {
    const Int height = smaller(kBlockRows, rows - top);
    for (Int slice = 0; slice < slices; ++slice) {
      const Int from = inner * slice / slices, depth = inner * (slice + 1) / slices - from;
      const float* data = a.data + top * a.row_step + from * a.column_step;
      Block block = {data, height, depth, a.row_step, kRows * a.row_step, packs(product), {}};
      if (block.is_packed) {
        pack_rows(data, a.column_step, height, depth, packed, row_sums ? row_sums + top : nullptr);
        block.data = packed;
        block.row_step = 1;
        block.tile_step = kRows * depth;
      } else {
        list_tiles(data, a.row_step, height, depth, list + kSlice, block.of_tiles);
      }
      const bool ends = slice + 1 == slices;
      for (Int left = 0; left < columns; left += kColumns) {
        const Int width = smaller(kColumns, columns - left);
        const float* right = b.data + from * b.row_step + left * b.column_step;
        const Places of_panel =
            pack_columns({right, b.row_step, b.column_step}, depth, width, panel, list);
        multiply_panel(block, panel, of_panel, width, c + top * c_step + left, c_step,
                       {slice > 0, ends && bias ? bias + left : nullptr, ends && relu});
      }
    }
  }
}

}  // namespace

extern const PackedProductKernels HOURGLASS_CONCAT(kPackedProductKernels_, HOURGLASS_LEVEL);
const PackedProductKernels HOURGLASS_CONCAT(kPackedProductKernels_, HOURGLASS_LEVEL) = {
    scratch_bytes, run};

}  // namespace hourglass
