// Compiled once for each of x86-64-v2, v3 and v4, with HOURGLASS_LEVEL set to v2, v3 or v4.
#include <hourglass/ops/normalization_kernels.hpp>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

// Four registers, or as many as hold them at this level: sums in one would wait for each addition.
constexpr int kLanes = 16, kStep = 4 * kLanes;
typedef float Numbers __attribute__((vector_size(64)));

inline void load(Numbers& numbers, const float* x) {
  __builtin_memcpy(&numbers, x, sizeof numbers);
}

inline void store(float* y, const Numbers& numbers) {
  __builtin_memcpy(y, &numbers, sizeof numbers);
}

inline void add_to(float* y, const Numbers& numbers) {
  Numbers sum;
  load(sum, y);
  sum += numbers;
  store(y, sum);
}

inline float total(const Numbers* parts) {
  const Numbers all = (parts[0] + parts[1]) + (parts[2] + parts[3]);
  float result = 0;
  for (int i = 0; i < kLanes; ++i) result += all[i];
  return result;
}

void sums(const float* x, std::int64_t n, float centre, float* sum, float* squares) {
  Numbers s[4] = {}, q[4] = {};
  std::int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    for (int k = 0; k < 4; ++k) {
      Numbers d;
      load(d, x + i + k * kLanes);
      d -= centre;
      s[k] += d;
      q[k] += d * d;
    }
  }
  float rest = 0, rest_squares = 0;
  for (; i < n; ++i) {
    const float d = x[i] - centre;
    rest += d;
    rest_squares += d * d;
  }
  *sum = total(s) + rest;
  *squares = total(q) + rest_squares;
}

template <bool kWeights>
void scale_with(float* y, const float* x, std::int64_t n, const Moments& moments,
                const float* weight, const float* bias) {
  const float centre = moments.centre, offset = moments.offset, over = moments.over_deviation;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const float z = (x[i] - centre - offset) * over;
    y[i] = kWeights ? z * weight[i] + bias[i] : z;
  }
}

void scale(float* y, const float* x, std::int64_t n, const Moments& moments, const float* weight,
           const float* bias) {
  (weight != nullptr ? scale_with<true> : scale_with<false>)(y, x, n, moments, weight, bias);
}

template <bool kWeights>
void gradient_sums_with(const float* x, const float* dy, std::int64_t n, const Moments& moments,
                        const float* weight, float* dweight, float* dbias, float* sum,
                        float* products) {
  const float centre = moments.centre, offset = moments.offset, over = moments.over_deviation;
  Numbers s[4] = {}, p[4] = {};
  std::int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    for (int k = 0; k < 4; ++k) {
      const std::int64_t at = i + k * kLanes;
      Numbers d, z, w;
      load(d, dy + at);
      load(z, x + at);
      z = (z - centre - offset) * over;
      if constexpr (kWeights) {
        load(w, weight + at);
        add_to(dweight + at, d * z);
        add_to(dbias + at, d);
        s[k] += d * w;
        p[k] += d * z * w;
      } else {
        s[k] += d;
        p[k] += d * z;
      }
    }
  }
  float rest = 0, rest_products = 0;
  for (; i < n; ++i) {
    const float z = (x[i] - centre - offset) * over, product = dy[i] * z;
    if constexpr (kWeights) {
      dweight[i] += product;
      dbias[i] += dy[i];
    }
    const float w = kWeights ? weight[i] : 1.0f;
    rest += dy[i] * w;
    rest_products += product * w;
  }
  *sum = total(s) + rest;
  *products = total(p) + rest_products;
}

void gradient_sums(const float* x, const float* dy, std::int64_t n, const Moments& moments,
                   const float* weight, float* dweight, float* dbias, float* sum, float* products) {
  (weight != nullptr ? gradient_sums_with<true> : gradient_sums_with<false>)(x, dy, n, moments,
                                                                             weight, dweight, dbias,
                                                                             sum, products);
}

template <bool kWeights>
void gradient_with(float* dx, const float* x, const float* dy, std::int64_t n,
                   const Moments& moments, const float* weight, float mean, float product) {
  const float centre = moments.centre, offset = moments.offset, over = moments.over_deviation;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const float z = (x[i] - centre - offset) * over;
    dx[i] = over * ((kWeights ? dy[i] * weight[i] : dy[i]) - mean - z * product);
  }
}

void gradient(float* dx, const float* x, const float* dy, std::int64_t n, const Moments& moments,
              const float* weight, float mean, float product) {
  (weight != nullptr ? gradient_with<true> : gradient_with<false>)(dx, x, dy, n, moments, weight,
                                                                   mean, product);
}

// A known number of lanes spares a loop around every few elements; of one, rows are the elements.

template <int kCount>
void lane_sums_of(const float* x, LaneRows shape, const float* centre, float* sum, float* squares) {
  if constexpr (kCount > 1) {
    typedef float Lanes __attribute__((vector_size(kCount * sizeof(float))));
    Lanes middle, s = {}, q = {};
    __builtin_memcpy(&middle, centre, sizeof middle);
    for (std::int64_t row = 0; row < shape.rows; ++row, x += kCount) {
      Lanes d;
      __builtin_memcpy(&d, x, sizeof d);
      d -= middle;
      s += d;
      q += d * d;
    }
    __builtin_memcpy(sum, &s, sizeof s);
    __builtin_memcpy(squares, &q, sizeof q);
  } else {
    for (std::int64_t lane = 0; lane < shape.lanes; ++lane) sum[lane] = squares[lane] = 0;
    for (std::int64_t row = 0; row < shape.rows; ++row, x += shape.lanes) {
#pragma omp simd
      for (std::int64_t lane = 0; lane < shape.lanes; ++lane) {
        const float d = x[lane] - centre[lane];
        sum[lane] += d;
        squares[lane] += d * d;
      }
    }
  }
}

void lane_sums(const float* x, LaneRows shape, const float* centre, float* sum, float* squares) {
  if (shape.lanes == 1) return sums(x, shape.rows, *centre, sum, squares);
  const auto code = shape.lanes == 16  ? lane_sums_of<16>
                    : shape.lanes == 8 ? lane_sums_of<8>
                                       : lane_sums_of<0>;
  code(x, shape, centre, sum, squares);
}

template <int kCount>
void scale_lanes_of(float* y, const float* x, LaneRows shape, const float* centre,
                    const float* factor, const float* shift) {
  const std::int64_t lanes = kCount > 0 ? kCount : shape.lanes;
  for (std::int64_t row = 0; row < shape.rows; ++row, x += lanes, y += lanes) {
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      y[lane] = (x[lane] - centre[lane]) * factor[lane] + shift[lane];
    }
  }
}

void scale_lanes(float* y, const float* x, LaneRows shape, const float* centre, const float* factor,
                 const float* shift) {
  if (shape.lanes == 1) {
    const float middle = *centre, a = *factor, b = *shift;
#pragma omp simd
    for (std::int64_t i = 0; i < shape.rows; ++i) y[i] = (x[i] - middle) * a + b;
    return;
  }
  const auto code = shape.lanes == 16  ? scale_lanes_of<16>
                    : shape.lanes == 8 ? scale_lanes_of<8>
                                       : scale_lanes_of<0>;
  code(y, x, shape, centre, factor, shift);
}

template <int kCount>
void gradient_lane_sums_of(const float* x, const float* dy, LaneRows shape, const float* centre,
                           float* sum, float* products) {
  if constexpr (kCount > 1) {
    typedef float Lanes __attribute__((vector_size(kCount * sizeof(float))));
    Lanes middle, s = {}, p = {};
    __builtin_memcpy(&middle, centre, sizeof middle);
    for (std::int64_t row = 0; row < shape.rows; ++row, x += kCount, dy += kCount) {
      Lanes d, g;
      __builtin_memcpy(&d, x, sizeof d);
      __builtin_memcpy(&g, dy, sizeof g);
      s += g;
      p += g * (d - middle);
    }
    __builtin_memcpy(sum, &s, sizeof s);
    __builtin_memcpy(products, &p, sizeof p);
  } else {
    for (std::int64_t lane = 0; lane < shape.lanes; ++lane) sum[lane] = products[lane] = 0;
    for (std::int64_t row = 0; row < shape.rows; ++row, x += shape.lanes, dy += shape.lanes) {
#pragma omp simd
      for (std::int64_t lane = 0; lane < shape.lanes; ++lane) {
        sum[lane] += dy[lane];
        products[lane] += dy[lane] * (x[lane] - centre[lane]);
      }
    }
  }
}

void gradient_lane_sums(const float* x, const float* dy, LaneRows shape, const float* centre,
                        float* sum, float* products) {
  if (shape.lanes == 1) {
    const Moments moments{*centre, 0, 1};
    return gradient_sums_with<false>(x, dy, shape.rows, moments, nullptr, nullptr, nullptr, sum,
                                     products);
  }
  const auto code = shape.lanes == 16  ? gradient_lane_sums_of<16>
                    : shape.lanes == 8 ? gradient_lane_sums_of<8>
                                       : gradient_lane_sums_of<0>;
  code(x, dy, shape, centre, sum, products);
}

template <int kCount>
void gradient_lanes_of(float* dx, const float* x, const float* dy, LaneRows shape,
                       const float* centre, const float* factor, const float* slope,
                       const float* shift) {
  const std::int64_t lanes = kCount > 0 ? kCount : shape.lanes;
  for (std::int64_t row = 0; row < shape.rows; ++row, x += lanes, dy += lanes, dx += lanes) {
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      dx[lane] = dy[lane] * factor[lane] + (x[lane] - centre[lane]) * slope[lane] + shift[lane];
    }
  }
}

void gradient_lanes(float* dx, const float* x, const float* dy, LaneRows shape, const float* centre,
                    const float* factor, const float* slope, const float* shift) {
  if (shape.lanes == 1) {
    const float middle = *centre, a = *factor, b = *slope, c = *shift;
#pragma omp simd
    for (std::int64_t i = 0; i < shape.rows; ++i) dx[i] = dy[i] * a + (x[i] - middle) * b + c;
    return;
  }
  const auto code = shape.lanes == 16  ? gradient_lanes_of<16>
                    : shape.lanes == 8 ? gradient_lanes_of<8>
                                       : gradient_lanes_of<0>;
  code(dx, x, dy, shape, centre, factor, slope, shift);
}

}  // namespace

extern const NormalizationKernels HOURGLASS_CONCAT(kNormalizationKernels_, HOURGLASS_LEVEL);
const NormalizationKernels HOURGLASS_CONCAT(kNormalizationKernels_, HOURGLASS_LEVEL) = {
    sums,        lane_sums,          scale,         gradient_sums, gradient,
    scale_lanes, gradient_lane_sums, gradient_lanes};

}  // namespace hourglass
