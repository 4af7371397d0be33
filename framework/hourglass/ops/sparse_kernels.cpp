// Compiled once for each of x86-64-v2, v3 and v4, with HOURGLASS_LEVEL set to v2, v3 or v4.
#include <hourglass/ops/sparse_kernels.hpp>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

using Int = std::int32_t;
constexpr Int kLargest = 0x7fffffff;
constexpr Int kSmallest = -kLargest - 1;

inline Int key_of(float x) {
  const Int bits = __builtin_bit_cast(Int, x + 0.0f);  // of -0 it is 0
  const Int key = bits ^ ((bits >> 31) & kLargest);
  return x != x ? kLargest : key;
}

constexpr int kLanes = 16;
// Sixteen numbers in one register, or in as many as this level needs.
typedef Int Keys __attribute__((vector_size(64)));
typedef float Numbers __attribute__((vector_size(64)));

std::int64_t maxima(const float* x, std::int64_t n, std::int64_t depth, Int* keys) {
  Int* out = keys;
  const std::int64_t block = depth * kLanes;
  for (; n >= block; n -= block, out += kLanes) {
    Keys most = Keys{} + kSmallest;
    for (std::int64_t row = 0; row < depth; ++row, x += kLanes) {
      Numbers number;
      __builtin_memcpy(&number, x, sizeof number);
      number = number + 0.0f;  // as in key_of
      const Keys bits = reinterpret_cast<Keys>(number);
      const Keys key = number != number ? Keys{} + kLargest : bits ^ ((bits >> 31) & kLargest);
      most = key > most ? key : most;
    }
    __builtin_memcpy(out, &most, sizeof most);
  }
  for (std::int64_t i = 0; i < n; ++i) *out++ = key_of(x[i]);
  return out - keys;
}

std::int64_t count(const Int* keys, std::int64_t n, Int least) {
  std::int64_t total = 0;
  // Parts short enough for sums of 32 bits, which the vector code has most lanes of.
  constexpr std::int64_t kPart = std::int64_t{1} << 20;
  for (; n > 0; n -= kPart, keys += kPart) {
    const std::int64_t part = n < kPart ? n : kPart;
    Int sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < part; ++i) sum += keys[i] >= least ? 1 : 0;
    total += sum;
  }
  return total;
}

std::int64_t count_of(const float* x, std::int64_t n, Int least) {
  std::int64_t total = 0;
  constexpr std::int64_t kPart = std::int64_t{1} << 20;
  for (; n > 0; n -= kPart, x += kPart) {
    const std::int64_t part = n < kPart ? n : kPart;
    Int sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < part; ++i) sum += key_of(x[i]) >= least ? 1 : 0;
    total += sum;
  }
  return total;
}

/// A number that no element is less than whose key is at least `key`.
inline float least_number(Int key) {
  const Int bits = key ^ ((key >> 31) & kLargest);
  const float number = __builtin_bit_cast(float, bits);
  if (number == number) return number;
  return key < 0 ? -__builtin_inff() : __builtin_inff();
}

template <int n>
inline bool any_reaches(const float* x, float bound) {
  Int any = 0;
#pragma omp simd reduction(| : any)
  for (int i = 0; i < n; ++i) any |= x[i] < bound ? 0 : 1;  // NaN does, too
  return any != 0;
}

/// Calls `found(i, key)` for each element whose key is at least `least`: few, as a rule, so that
/// blocks are passed over by one comparison of numbers.
template <class Found>
inline void for_each_at_least(const float* x, std::int64_t n, Int least, const Found& found) {
  constexpr int kBlock = 64;
  const float bound = least_number(least);
  std::int64_t i = 0;
  const auto look = [&](std::int64_t end) {
    for (; i < end; ++i) {
      const Int key = key_of(x[i]);
      if (key >= least) found(i, key);
    }
  };
  while (i + kBlock <= n) {
    const std::int64_t end = i + kBlock;
    if (!any_reaches<kBlock>(x + i, bound)) {
      i = end;
      continue;
    }
    while (i < end) {
      if (any_reaches<kLanes>(x + i, bound)) {
        look(i + kLanes);
      } else {
        i += kLanes;
      }
    }
  }
  look(n);
}

std::int64_t collect(const float* x, std::int64_t n, Int least, Int* keys, Int* places) {
  std::int64_t total = 0;
  for_each_at_least(x, n, least, [&](std::int64_t i, Int key) {
    keys[total] = key;
    places[total++] = static_cast<Int>(i);
  });
  return total;
}

void histogram(const float* x, std::int64_t n, Int low, Int high, int shift, Int* bins) {
  for_each_at_least(x, n, low, [&](std::int64_t, Int key) {
    const auto distance = static_cast<std::uint32_t>(key) - static_cast<std::uint32_t>(low);
    if (key <= high) ++bins[distance >> shift];
  });
}

void add_rows(float* y, std::int64_t n, const float* const* rows, const float* weights,
              std::int64_t count) {
  // Four at a time: y is loaded and stored once for all of them.
  for (; count >= 4; count -= 4, rows += 4, weights += 4) {
    const float *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
    const float p = weights[0], q = weights[1], r = weights[2], s = weights[3];
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
      float sum = y[i] + p * a[i];
      sum = sum + q * b[i];
      sum = sum + r * c[i];
      y[i] = sum + s * d[i];
    }
  }
  for (; count > 0; --count, ++rows, ++weights) {
    const float* a = rows[0];
    const float p = weights[0];
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] += p * a[i];
  }
}

void dot_rows(const float* a, std::int64_t n, const float* const* rows, float* results,
              std::int64_t count) {
  // Four at a time: one sum alone would wait for each of its own additions.
  for (; count >= 4; count -= 4, rows += 4, results += 4) {
    const float *b = rows[0], *c = rows[1], *d = rows[2], *e = rows[3];
    float p = 0, q = 0, r = 0, s = 0;
#pragma omp simd reduction(+ : p, q, r, s)
    for (std::int64_t i = 0; i < n; ++i) {
      p += a[i] * b[i];
      q += a[i] * c[i];
      r += a[i] * d[i];
      s += a[i] * e[i];
    }
    results[0] = p;
    results[1] = q;
    results[2] = r;
    results[3] = s;
  }
  for (; count > 0; --count, ++rows, ++results) {
    const float* b = rows[0];
    float p = 0;
#pragma omp simd reduction(+ : p)
    for (std::int64_t i = 0; i < n; ++i) p += a[i] * b[i];
    results[0] = p;
  }
}

}  // namespace

extern const SparseKernels HOURGLASS_CONCAT(kSparseKernels_, HOURGLASS_LEVEL);
const SparseKernels HOURGLASS_CONCAT(kSparseKernels_, HOURGLASS_LEVEL) = {
    maxima, count, count_of, collect, histogram, add_rows, dot_rows,
};

}  // namespace hourglass
