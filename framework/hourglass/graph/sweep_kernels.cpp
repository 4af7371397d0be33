// Compiled once for each of x86-64-v2, v3 and v4, with HOURGLASS_LEVEL set to v2, v3 or v4.
// Loops are plain and short: the compiler makes vector code of them.
#include <hourglass/graph/sweep_kernels.hpp>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

using Int = std::int32_t;
using Word = std::uint32_t;

inline Int bits_of(float x) { return __builtin_bit_cast(Int, x); }
inline float float_of(Int x) { return __builtin_bit_cast(float, x); }

/// Bits without the sign, which grow with the magnitude; those of infinity and NaN are the
/// greatest.
inline Int magnitude_bits(float x) { return bits_of(x) & 0x7fffffff; }
constexpr Int kInfinityBits = 0x7f800000;
inline Int larger(Int a, Int b) { return a > b ? a : b; }

// Comparisons are written so that NaN passes through.
inline float at_most(float x, float high) { return x > high ? high : x; }
inline float at_least(float x, float low) { return x < low ? low : x; }

/// exp(x) = 2^n y, with x = n log 2 + r, |r| <= log(2)/2, and a polynomial for y = exp(r).
struct ScaledExponential {
  float y;
  Int n;
};
inline ScaledExponential scaled_exponential(float x) {
  const float n = __builtin_rintf(x * 1.44269504f);
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  return {y, static_cast<Int>(n)};
}

/// The exponent is put together in two halves, so that results reach infinity and zero.
inline float exponential(float x) {
  const ScaledExponential e = scaled_exponential(at_least(at_most(x, 89.0f), -104.0f));
  const Int half = e.n >> 1;
  return e.y * float_of((half + 127) << 23) * float_of((e.n - half + 127) << 23);
}

/// exp(x) for x <= 0: the exponent fits in one piece, and is zero (no denormals) at -88.
inline float decay(float x) {
  const ScaledExponential e = scaled_exponential(at_least(x, -88.0f));
  return e.y * float_of((e.n + 127) << 23);
}

/// log: x = m 2^e with m in [sqrt(1/2), sqrt(2)), and 2 atanh((m-1)/(m+1)) for log m.
inline float logarithm(float x) {
  const Int bits = bits_of(x);
  const Int shifted = bits - 0x3f3504f3;  // sqrt(1/2)
  const Int e = shifted >> 23;
  const float m = float_of(bits - (e << 23));
  const float t = (m - 1.0f) / (m + 1.0f), s = t * t;
  float y = 0.18181818f;  // 2/11
  y = y * s + 0.22222222f;
  y = y * s + 0.28571429f;
  y = y * s + 0.4f;
  y = y * s + 0.66666667f;
  y = t * 2.0f + t * s * y;
  const float result =
      (static_cast<float>(e) * 0.693359375f + y) - static_cast<float>(e) * 2.12194440e-4f;
  const float infinity = __builtin_inff();
  float out = x > 0.0f ? result : (x == 0.0f ? -infinity : __builtin_nanf(""));
  out = x == infinity ? infinity : out;
  return x != x ? x : out;
}

/// log(1 + u) for u in [0, 1], to the last bits also for small u: u times the polynomial that is
/// nearest to log(1 + u) / u in relative error (3e-8), found by Lawson's iteration. No division.
inline float log_one_plus(float u) {
  float y = 5.232691299170256e-3f;
  y = y * u - 2.9505226761102676e-2f;
  y = y * u + 7.8225933015346527e-2f;
  y = y * u - 1.3663244247436523e-1f;
  y = y * u + 1.9106006622314453e-1f;
  y = y * u - 2.4842981994152069e-1f;
  y = y * u + 3.3319097757339478e-1f;
  y = y * u - 4.9999493360519409e-1f;
  y = y * u + 9.9999994039535522e-1f;
  return u * y;
}

inline float magnitude(float x) { return __builtin_fabsf(x); }

inline float logistic(float x) {
  const float u = decay(-magnitude(x));
  const float r = 1.0f / (1.0f + u);
  return x < 0.0f ? u * r : r;
}

inline float hyperbolic_tangent(float x) {
  const float a = magnitude(x), s = x * x;
  float small = -5.70498872745e-3f;
  small = small * s + 2.06390887954e-2f;
  small = small * s - 5.37397155531e-2f;
  small = small * s + 1.33314422036e-1f;
  small = small * s - 3.33332819422e-1f;
  small = small * s * x + x;
  const float u = decay(-2.0f * a);
  const float large = __builtin_copysignf((1.0f - u) / (1.0f + u), x);
  return a < 0.625f ? small : large;
}

/// The error function: its series up to 1, beyond it 1 - exp(-x^2) p(1/(1 + x/2)) as in Numerical
/// Recipes' erfc (W. H. Press et al., section 6.2).
inline float error_function(float x) {
  const float a = magnitude(x), s = x * x;
  float series = 7.853861353153693e-5f;
  series = series * s - 8.010193625184903e-4f;
  series = series * s + 5.188327685732524e-3f;
  series = series * s - 2.685381193529856e-2f;
  series = series * s + 1.128358514861418e-1f;
  series = series * s - 3.761262582423300e-1f;
  series = (series * s + 1.128379165726710f) * x;
  const float t = 1.0f / (1.0f + 0.5f * a);
  float p = 0.17087277f;
  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  p = p * t - 1.26551223f;
  const float tail = __builtin_copysignf(1.0f - t * exponential(p - s), x);
  return a < 1.0f ? series : tail;
}

inline float power(float x, float p) {
  const float whole = __builtin_rintf(p);
  const float size = exponential(p * logarithm(magnitude(x)));
  const bool odd = whole == p && whole * 0.5f != __builtin_rintf(whole * 0.5f);
  const float negative = whole == p ? (odd ? -size : size) : __builtin_nanf("");
  const float result = x < 0.0f ? negative : size;
  return p == 0.0f ? 1.0f : result;
}

#define HOURGLASS_EACH _Pragma("omp simd") for (std::int64_t i = 0; i < n; ++i)
#define HOURGLASS_UNARY(name, expression)                      \
  void name(const Tile& tile) {                                \
    const std::int64_t n = tile.n;                             \
    float* y = tile.y[0];                                      \
    const float* x0 = tile.x[0];                               \
    [[maybe_unused]] const float p = tile.p[0], q = tile.p[1]; \
    HOURGLASS_EACH {                                           \
      const float x = x0[i];                                   \
      y[i] = (expression);                                     \
    }                                                          \
  }
#define HOURGLASS_BINARY(name, expression)                     \
  void name(const Tile& tile) {                                \
    const std::int64_t n = tile.n;                             \
    float* y = tile.y[0];                                      \
    const float *x0 = tile.x[0], *x1 = tile.x[1];              \
    [[maybe_unused]] const float p = tile.p[0], q = tile.p[1]; \
    HOURGLASS_EACH {                                           \
      const float a = x0[i], b = x1[i];                        \
      y[i] = (expression);                                     \
    }                                                          \
  }

HOURGLASS_UNARY(copy, x)
HOURGLASS_UNARY(affine, x* p + q)
HOURGLASS_UNARY(relu, x < 0.0f ? (p == 0.0f ? 0.0f : x * p) : x)
HOURGLASS_UNARY(relu_slope, x > 0.0f ? 1.0f : p)
HOURGLASS_UNARY(elu, x > 0.0f ? x
                              : p * (magnitude(x) < 0.1f
                                         ? x * (1.0f + x * (0.5f + x * (0.16666667f +
                                                                        x * (0.041666667f +
                                                                             x * 0.0083333333f))))
                                         : exponential(x) - 1.0f))
HOURGLASS_UNARY(elu_slope, x > 0.0f ? 1.0f : x + p)
HOURGLASS_UNARY(sigmoid, logistic(x))
HOURGLASS_UNARY(tanh, hyperbolic_tangent(x))
HOURGLASS_UNARY(softplus, (x > 0.0f ? x : 0.0f) + log_one_plus(decay(-magnitude(x))))
HOURGLASS_UNARY(erf, error_function(x))
HOURGLASS_UNARY(exp, exponential(x))
HOURGLASS_UNARY(log, logarithm(x))
HOURGLASS_UNARY(sqrt, __builtin_sqrtf(x))
HOURGLASS_UNARY(square, x* x)
HOURGLASS_UNARY(reciprocal, 1.0f / x)
HOURGLASS_UNARY(abs, magnitude(x))
HOURGLASS_UNARY(sign, x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x))
HOURGLASS_UNARY(clip, at_most(at_least(x, p), q))
HOURGLASS_UNARY(inside, x > p ? (x < q ? 1.0f : 0.0f) : 0.0f)
HOURGLASS_UNARY(power_of, power(x, p))
HOURGLASS_BINARY(add, a + b)
HOURGLASS_BINARY(subtract, a - b)
HOURGLASS_BINARY(multiply, a* b)
HOURGLASS_BINARY(divide, a / b)
HOURGLASS_BINARY(minimum, b < a ? b : (b != b ? b : a))
HOURGLASS_BINARY(maximum, b > a ? b : (b != b ? b : a))
HOURGLASS_BINARY(greater, a > b ? 1.0f : 0.0f)
HOURGLASS_BINARY(greater_equal, a >= b ? 1.0f : 0.0f)
HOURGLASS_BINARY(combine, p* a + q * b)

void sigmoid_softplus(const Tile& tile) {
  const std::int64_t n = tile.n;
  float *sigmoid = tile.y[0], *softplus = tile.y[1];
  const float* x0 = tile.x[0];
  HOURGLASS_EACH {
    const float x = x0[i];
    const float u = decay(-magnitude(x));
    const float r = 1.0f / (1.0f + u);
    sigmoid[i] = x < 0.0f ? u * r : r;
    softplus[i] = (x > 0.0f ? x : 0.0f) + log_one_plus(u);
  }
}

void multiply_add(const Tile& tile) {
  const std::int64_t n = tile.n;
  float* y = tile.y[0];
  const float *a = tile.x[0], *b = tile.x[1], *c = tile.x[2];
  HOURGLASS_EACH y[i] = a[i] * b[i] + c[i];
}

/// Inputs: parameter, gradient, m, v, rate, correction (the last two one number each, in every
/// element). Constants: beta1, beta2, epsilon, and the decay of the parameter times the rate.
void adam(const Tile& tile) {
  const std::int64_t n = tile.n;
  float *y = tile.y[0], *m = tile.y[1], *v = tile.y[2];
  const float *x = tile.x[0], *g = tile.x[1], *m0 = tile.x[2], *v0 = tile.x[3];
  const float rate = tile.x[4][0], correction = tile.x[5][0];
  const float beta1 = tile.p[0], beta2 = tile.p[1], epsilon = tile.p[2];
  const float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  // Looked at here, where it costs nothing. A mean that is not finite spoils the parameter too.
  Int greatest = 0;
#pragma omp simd reduction(max : greatest)
  for (std::int64_t i = 0; i < n; ++i) {
    const float mean = beta1 * m0[i] + rest1 * g[i];
    const float square = beta2 * v0[i] + rest2 * g[i] * g[i];
    m[i] = mean;
    v[i] = square;
    const float next = x[i] - rate * mean / (__builtin_sqrtf(square) * correction + epsilon);
    y[i] = next;
    greatest = larger(greatest, larger(magnitude_bits(next), magnitude_bits(square)));
  }
  if (greatest >= kInfinityBits) *tile.finite = false;
}

constexpr void (*kCodes[])(const Tile&) = {
    copy,         affine,  relu,     relu_slope,    elu,
    elu_slope,    sigmoid, tanh,     softplus,      sigmoid_softplus,
    erf,          exp,     log,      sqrt,          square,
    reciprocal,   abs,     sign,     clip,          inside,
    power_of,     add,     subtract, multiply,      divide,
    minimum,      maximum, greater,  greater_equal, combine,
    multiply_add, adam,
};

float sum(const float* x, std::int64_t n) {
  float total = 0.0f;
#pragma omp simd reduction(+ : total)
  for (std::int64_t i = 0; i < n; ++i) total += x[i];
  return total;
}

float maximum_of(const float* x, std::int64_t n) {
  float best = -__builtin_inff();
  float bad = 0.0f;  // x - x is zero, or NaN where x is infinite or NaN
  for (std::int64_t i = 0; i < n; ++i) {
    best = x[i] > best ? x[i] : best;
    bad = x[i] != x[i] ? x[i] : bad;
  }
  return bad != bad ? bad : best;
}

bool all_finite(const float* x, std::int64_t n) {
  Int greatest = 0;
#pragma omp simd reduction(max : greatest)
  for (std::int64_t i = 0; i < n; ++i) greatest = larger(greatest, magnitude_bits(x[i]));
  return greatest < kInfinityBits;
}

void fill(float* y, float value, std::int64_t n) { HOURGLASS_EACH y[i] = value; }

void gather(float* y, const float* x, std::int64_t stride, std::int64_t n) {
  HOURGLASS_EACH y[i] = x[i * stride];
}

void accumulate(float* y, const float* x, std::int64_t n) { HOURGLASS_EACH y[i] += x[i]; }

void accumulate_maximum(float* y, const float* x, std::int64_t n) {
  HOURGLASS_EACH y[i] = x[i] > y[i] ? x[i] : (x[i] != x[i] ? x[i] : y[i]);
}

/// Philox4x32-10 for `kLanes` blocks at once; out[word][lane].
constexpr int kLanes = 16;
inline void philox_lanes(Word first, const Word* counter, const Word* key, Word (&out)[4][kLanes]) {
  Word c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    c0[i] = first + static_cast<Word>(i);
    c1[i] = counter[0];
    c2[i] = counter[1];
    c3[i] = counter[2];
  }
  Word k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
#pragma omp simd
    for (int i = 0; i < kLanes; ++i) {
      const std::uint64_t a = std::uint64_t{0xD2511F53u} * c0[i];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * c2[i];
      c0[i] = static_cast<Word>(b >> 32) ^ c1[i] ^ k0;
      c2[i] = static_cast<Word>(a >> 32) ^ c3[i] ^ k1;
      c1[i] = static_cast<Word>(b);
      c3[i] = static_cast<Word>(a);
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < kLanes; ++i) {
    out[0][i] = c0[i];
    out[1][i] = c1[i];
    out[2][i] = c2[i];
    out[3][i] = c3[i];
  }
}

inline float unit(Word word) { return static_cast<float>(static_cast<Int>(word >> 8)) * 0x1p-24f; }

/// Sine and cosine of 2 pi t for t in [0, 1): t is folded into an eighth of a turn.
inline void sine_cosine(float t, float& sine, float& cosine) {
  const float quadrant = __builtin_rintf(t * 4.0f);
  const float r = (t - quadrant * 0.25f) * 6.28318531f, s = r * r;
  const float sr = r + r * s * (-1.6666654611e-1f + s * (8.3321608736e-3f - s * 1.9515295891e-4f));
  const float cr =
      1.0f - 0.5f * s +
      s * s * (4.166664568298827e-2f + s * (-1.388731625493765e-3f + s * 2.443315711809948e-5f));
  const Int q = static_cast<Int>(quadrant) & 3;
  const float a = (q & 1) ? cr : sr, b = (q & 1) ? sr : cr;
  sine = q >= 2 ? -a : a;
  cosine = (q == 1 || q == 2) ? -b : b;
}

void uniform(float* y, Word first, std::int64_t count, const Word* counter, const Word* key) {
  Word words[4][kLanes];
  for (std::int64_t block = 0; block < count; block += kLanes) {
    philox_lanes(first + static_cast<Word>(block), counter, key, words);
    const std::int64_t lanes = count - block < kLanes ? count - block : kLanes;
    for (std::int64_t i = 0; i < lanes; ++i) {
      for (int word = 0; word < 4; ++word) y[(block + i) * 4 + word] = unit(words[word][i]);
    }
  }
}

void normal(float* y, Word first, std::int64_t count, const Word* counter, const Word* key) {
  Word words[4][kLanes];
  float numbers[4][kLanes];
  for (std::int64_t block = 0; block < count; block += kLanes) {
    philox_lanes(first + static_cast<Word>(block), counter, key, words);
    for (int pair = 0; pair < 4; pair += 2) {
#pragma omp simd
      for (int i = 0; i < kLanes; ++i) {
        const float radius = __builtin_sqrtf(-2.0f * logarithm(1.0f - unit(words[pair][i])));
        float sine, cosine;
        sine_cosine(unit(words[pair + 1][i]), sine, cosine);
        numbers[pair][i] = radius * cosine;
        numbers[pair + 1][i] = radius * sine;
      }
    }
    const std::int64_t lanes = count - block < kLanes ? count - block : kLanes;
    for (std::int64_t i = 0; i < lanes; ++i) {
      for (int word = 0; word < 4; ++word) y[(block + i) * 4 + word] = numbers[word][i];
    }
  }
}

}  // namespace

extern const VectorKernels HOURGLASS_CONCAT(kVectorKernels_, HOURGLASS_LEVEL);
const VectorKernels HOURGLASS_CONCAT(kVectorKernels_, HOURGLASS_LEVEL) = {
    kCodes, sum,        maximum_of,         all_finite, fill,
    gather, accumulate, accumulate_maximum, uniform,    normal,
};

}  // namespace hourglass
