#include <hourglass/core/cpu.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/sweep.hpp>
#include <hourglass/graph/sweep_kernels.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hourglass {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The levels that this processor has.
std::vector<Isa> levels() {
  std::vector<Isa> result{Isa::V2};
  if (isa() >= Isa::V3) result.push_back(Isa::V3);
  if (isa() >= Isa::V4) result.push_back(Isa::V4);
  return result;
}

std::vector<float> apply(Isa level, Code code, const std::vector<float>& x, float p = 0,
                         int output = 0) {
  std::vector<float> y(x.size()), other(x.size());
  Tile tile{};
  tile.n = std::ssize(x);
  tile.y[output] = y.data();
  tile.y[1 - output] = other.data();
  tile.x[0] = x.data();
  tile.p[0] = p;
  vector_kernels(level).codes[static_cast<int>(code)](tile);
  return y;
}

/// Points spread evenly over [low, high], and evenly over the exponents of both signs in it.
std::vector<float> points(float low, float high) {
  std::vector<float> x;
  constexpr int kCount = 20011;
  for (int i = 0; i <= kCount; ++i) x.push_back(low + (high - low) * (float(i) / kCount));
  for (float size = 1e-30f; size <= std::max(std::abs(low), std::abs(high)); size *= 1.037f) {
    if (size >= low && size <= high) x.push_back(size);
    if (-size >= low && -size <= high) x.push_back(-size);
  }
  return x;
}

struct Case {
  const char* name;
  Code code;
  double (*exact)(double);
  float low, high;
  double relative;  // the error allowed, relative to the exact value,
  double absolute;  // or this much
  float p = 0;
  int output = 0;
};

constexpr double kUlp = 1.2e-7;  // the relative distance of neighbouring floats, at most

const Case kCases[] = {
    {"exp", Code::Exp, std::exp, -87, 88.7f, 2 * kUlp, 0},
    {"log", Code::Log, std::log, 1e-30f, 1e30f, 2 * kUlp, 1e-7},
    {"log near 1", Code::Log, std::log, 0.5f, 2, 3 * kUlp, 1e-9},
    {"tanh", Code::Tanh, std::tanh, -20, 20, 3 * kUlp, 0},
    {"sigmoid", Code::Sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -87, 100, 4 * kUlp,
     0},
    {"softplus", Code::Softplus,
     [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, -86, 100,
     4 * kUlp, 0},
    {"sigmoid beside softplus", Code::SigmoidSoftplus,
     [](double x) { return 1 / (1 + std::exp(-x)); }, -87, 100, 4 * kUlp, 0},
    {"softplus beside sigmoid", Code::SigmoidSoftplus,
     [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, -86, 100,
     4 * kUlp, 0, 0, 1},
    {"erf", Code::Erf, std::erf, -6, 6, 4 * kUlp, 0},
    {"elu", Code::Elu, [](double x) { return x > 0 ? x : std::expm1(x); }, -50, 50, 12 * kUlp, 0,
     1},
    {"power 3", Code::Power, [](double x) { return x * x * x; }, -100, 100, 80 * kUlp, 0, 3},
    {"power 0.5", Code::Power, [](double x) { return std::sqrt(x); }, 1e-20f, 1e20f, 30 * kUlp, 0,
     0.5f},
    {"power -1", Code::Power, [](double x) { return 1 / x; }, -1e4f, 1e4f, 80 * kUlp, 0, -1},
    {"sqrt", Code::Sqrt, std::sqrt, 0, 1e10f, kUlp, 0},
    {"reciprocal", Code::Reciprocal, [](double x) { return 1 / x; }, 1e-10f, 1e10f, kUlp, 0},
};

}  // namespace

TEST_SUITE("graph/sweep_kernels") {
  TEST_CASE("functions are accurate over their whole range, at every level") {
    for (const Isa level : levels()) {
      for (const Case& each : kCases) {
        const std::vector<float> x = points(each.low, each.high);
        const std::vector<float> y = apply(level, each.code, x, each.p, each.output);
        double worst = 0;
        float where = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double exact = each.exact(x[i]);
          if (std::abs(exact) < 1.2e-38 || std::abs(exact) > 3.4e38) continue;
          const double error = std::abs(y[i] - exact);
          if (error <= each.absolute) continue;
          const double relative = error / std::abs(exact);
          if (relative > worst || std::isnan(relative)) {
            worst = std::isnan(relative) ? 1e30 : relative;
            where = x[i];
          }
        }
        const std::string what = text(name_of(level), " ", each.name, " at ", where);
        CAPTURE(what);
        CHECK(worst <= each.relative);
      }
    }
  }

  TEST_CASE("one number that is not finite is found wherever it stands, at every level") {
    for (const Isa level : levels()) {
      const VectorKernels& vector = vector_kernels(level);
      std::vector<float> x(67, -std::numeric_limits<float>::max());
      CHECK(vector.all_finite(x.data(), 67));
      CHECK(vector.all_finite(x.data(), 0));
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
          x[i] = bad;
          CHECK_FALSE(vector.all_finite(x.data(), 67));
          CHECK(vector.all_finite(x.data(), static_cast<std::int64_t>(i)));
          x[i] = 1;
        }
      }
    }
  }

  TEST_CASE("limits, infinities and NaN, at every level") {
    for (const Isa level : levels()) {
      const std::vector<float> x{-kInfinity, -1000, 0, 1000, kInfinity, kNan};
      const auto check = [&](Code code, std::vector<float> expected, float p = 0) {
        const std::vector<float> y = apply(level, code, x, p);
        const std::string what = text(name_of(level), " code ", static_cast<int>(code));
        CAPTURE(what);
        for (std::size_t i = 0; i < x.size(); ++i) {
          CAPTURE(i);
          if (std::isnan(expected[i])) {
            CHECK(std::isnan(y[i]));
          } else if (std::isinf(expected[i])) {
            CHECK(y[i] == expected[i]);
          } else {
            CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-6));
          }
        }
      };
      check(Code::Relu, {0, 0, 0, 1000, kInfinity, kNan});
      check(Code::Relu, {-kInfinity, -500, 0, 1000, kInfinity, kNan}, 0.5f);
      check(Code::Elu, {-2, -2, 0, 1000, kInfinity, kNan}, 2);
      check(Code::Sigmoid, {0, 0, 0.5f, 1, 1, kNan});
      check(Code::Tanh, {-1, -1, 0, 1, 1, kNan});
      check(Code::Softplus, {0, 0, std::log(2.0f), 1000, kInfinity, kNan});
      check(Code::Erf, {-1, -1, 0, 1, 1, kNan});
      check(Code::Exp, {0, 0, 1, kInfinity, kInfinity, kNan});
      check(Code::Log, {kNan, kNan, -kInfinity, std::log(1000.0f), kInfinity, kNan});
      check(Code::Sqrt, {kNan, kNan, 0, std::sqrt(1000.0f), kInfinity, kNan});
      check(Code::Square, {kInfinity, 1e6f, 0, 1e6f, kInfinity, kNan});
      check(Code::Abs, {kInfinity, 1000, 0, 1000, kInfinity, kNan});
      check(Code::Sign, {-1, -1, 0, 1, 1, kNan});
      check(Code::Power, {1, 1, 1, 1, 1, 1}, 0);
      check(Code::Power, {kNan, kNan, 0, std::sqrt(1000.0f), kInfinity, kNan}, 0.5f);
    }
  }

  TEST_CASE("vectors of every length, tails included") {
    const std::vector<float> x = points(-3, 3);
    for (const Isa level : levels()) {
      const VectorKernels& vector = vector_kernels(level);
      const std::vector<float> whole = apply(level, Code::Tanh, x);
      for (const std::int64_t n : {0, 1, 3, 15, 16, 17, 31, 33, 255, 4097}) {
        const std::vector<float> part(x.begin(), x.begin() + n);
        const std::vector<float> y = apply(level, Code::Tanh, part);
        CHECK(std::equal(y.begin(), y.end(), whole.begin()));
        double sum = 0;
        float largest = -kInfinity;
        for (float each : part) {
          sum += each;
          largest = std::max(largest, each);
        }
        CHECK(vector.sum(part.data(), n) == doctest::Approx(sum).epsilon(1e-5));
        CHECK(vector.maximum(part.data(), n) == largest);
      }
      CHECK(std::isnan(vector.maximum(std::vector<float>{1, kNan, 2}.data(), 3)));
    }
  }

  TEST_CASE("random bits are the same at every level") {
    const std::uint32_t counter[] = {1, 2, 3}, key[] = {4, 5};
    std::vector<float> reference(4 * 37), other(4 * 37);
    vector_kernels(Isa::V2).uniform(reference.data(), 11, 37, counter, key);
    for (const Isa level : levels()) {
      vector_kernels(level).uniform(other.data(), 11, 37, counter, key);
      CHECK(other == reference);
    }
  }
}

}  // namespace hourglass
