#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/abs.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/clip.hpp>
#include <hourglass/ops/erf.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/log.hpp>
#include <hourglass/ops/power.hpp>
#include <hourglass/ops/slopes.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/stop_gradient.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

struct Function {
  const char* name;
  Value (*write)(Value);
  Numbers at;            // its values at 0.25, 1 and 4
  bool negative = true;  // whether it is there for x < 0
};

const Function kFunctions[] = {
    {"exp", exp, {1.28402542f, 2.71828183f, 54.59815f}},
    {"log", log, {-1.38629436f, 0, 1.38629436f}, false},
    {"sqrt", sqrt, {0.5f, 1, 2}, false},
    {"square", square, {0.0625f, 1, 16}},
    {"abs", abs, {0.25f, 1, 4}},
    {"erf", erf, {0.27632639f, 0.84270079f, 0.99999998f}},
    {"power 3", [](Value x) { return power(x, 3); }, {0.015625f, 1, 64}},
    {"power -0.5", [](Value x) { return power(x, -0.5f); }, {2, 1, 0.5f}, false},
    {"affine", [](Value x) { return affine(x, -2, 3); }, {2.5f, 1, -5}},
    {"clip", [](Value x) { return clip(x, -1.5f, 2.5f); }, {0.25f, 1, 2.5f}},
};

}  // namespace

TEST_SUITE("ops/functions") {
  TEST_CASE("functions: values computed by hand") {
    for (const Function& each : kFunctions) {
      CAPTURE(each.name);
      check_near(run([&](Values x) { return each.write(x[0]); }, {tensor({3}, {0.25f, 1, 4})}),
                 each.at);
    }
  }

  TEST_CASE("functions: NaN goes through, and an empty batch is empty") {
    for (const Function& each : kFunctions) {
      CAPTURE(each.name);
      const auto function = [&](Values x) { return each.write(x[0]); };
      CHECK(std::isnan(run(function, {tensor({1}, {kNan})})[0]));
      CHECK(run(function, {Tensor({3, 0})}).empty());
    }
  }

  TEST_CASE("functions: first and second derivatives, away from kinks") {
    for (const Function& each : kFunctions) {
      CAPTURE(each.name);
      Tensor x = random_tensor({2, 3, 4}, 1, 0.4f, 2);
      if (each.negative) {
        for (std::int64_t i = 0; i < x.size(); i += 2) x.floats()[i] *= -0.7f;
      }
      check_twice([&](Values v) { return each.write(v[0]); }, {x});
    }
  }

  TEST_CASE("no gradient beyond the limits of clip") {
    const auto gradient = gradient_of([](Values x) { return clip(x[0], -1, 1); }, 0);
    CHECK(run(gradient, {tensor({4}, {-2, -0.5f, 0.5f, 2})}) == Numbers{0, -1, 1, 0});
  }

  TEST_CASE("slopes") {
    const Tensor x = tensor({3}, {-2, 0, 2});
    CHECK(run([](Values v) { return sign(v[0]); }, {x}) == Numbers{-1, 0, 1});
    CHECK(run([](Values v) { return relu_slope(v[0], 0.5f); }, {x}) == Numbers{0.5f, 0.5f, 1});
    CHECK(run([](Values v) { return inside(v[0], -1, 2); }, {x}) == Numbers{0, 1, 0});
    CHECK(run([](Values v) { return elu_slope(v[0], 3); }, {x}) == Numbers{1, 3, 1});
  }

  TEST_CASE("stop_gradient gives the value and stops the gradient") {
    const Tensor x = tensor({2}, {3, -4});
    CHECK(run([](Values v) { return stop_gradient(v[0]); }, {x}) == Numbers{3, -4});
    const auto product = [](Values v) { return gradients(sum(v[0] * stop_gradient(v[0])), v)[0]; };
    CHECK(run(product, {x}) == Numbers{3, -4});
    const auto alone = [](Values v) { return gradients(sum(stop_gradient(v[0])), v)[0]; };
    CHECK(run(alone, {x}) == Numbers{0, 0});
  }

  TEST_CASE("functions: limits that are none are refused") {
    Graph graph;
    const Value x = graph.input("x", {2});
    CHECK_THROWS_WITH_AS(clip(x, 1, 1), "[clip] low must be below high, got 1 and 1", ShapeError);
    CHECK_THROWS_AS(clip(x, kNan, 1), ShapeError);
  }
}

}  // namespace hourglass::test
