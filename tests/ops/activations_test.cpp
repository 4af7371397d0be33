#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/elu.hpp>
#include <hourglass/ops/gelu.hpp>
#include <hourglass/ops/leaky_relu.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/softplus.hpp>
#include <hourglass/ops/swish.hpp>
#include <hourglass/ops/tanh.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

struct Activation {
  const char* name;
  Value (*write)(Value);
  Numbers at;  // its values at -2, 0, 1 and infinity
};

const Activation kActivations[] = {
    {"relu", relu, {0, 0, 1, kInfinity}},
    {"leaky_relu", [](Value x) { return leaky_relu(x, 0.25f); }, {-0.5f, 0, 1, kInfinity}},
    {"elu", [](Value x) { return elu(x, 2); }, {2 * std::expm1(-2.0f), 0, 1, kInfinity}},
    {"sigmoid", sigmoid, {0.119202922f, 0.5f, 0.731058579f, 1}},
    {"tanh", tanh, {-0.96402758f, 0, 0.76159416f, 1}},
    {"softplus", softplus, {0.126928011f, 0.69314718f, 1.31326169f, kInfinity}},
    {"gelu", gelu, {-0.04550026f, 0, 0.84134475f, kInfinity}},
    {"swish", swish, {-0.238405844f, 0, 0.731058579f, kInfinity}},
};

}  // namespace

TEST_SUITE("ops/activations") {
  TEST_CASE("activations: values computed by hand") {
    for (const Activation& each : kActivations) {
      CAPTURE(each.name);
      const auto function = [&](Values x) { return each.write(x[0]); };
      check_near(run(function, {tensor({1, 3}, {-2, 0, 1})}), {each.at[0], each.at[1], each.at[2]});
      CHECK(run(function, {tensor({1}, {kInfinity})})[0] == each.at[3]);
    }
  }

  TEST_CASE("activations: NaN goes through, and an empty batch is empty") {
    for (const Activation& each : kActivations) {
      CAPTURE(each.name);
      const auto function = [&](Values x) { return each.write(x[0]); };
      CHECK(std::isnan(run(function, {tensor({1}, {kNan})})[0]));
      CHECK(run(function, {Tensor({0, 3})}).empty());
    }
  }

  TEST_CASE("activations: first and second derivatives, away from kinks") {
    Tensor x = random_tensor({2, 3, 4}, 1, 0.2f, 2);
    for (std::int64_t i = 0; i < x.size(); i += 2) x.floats()[i] *= -1;
    for (const Activation& each : kActivations) {
      CAPTURE(each.name);
      check_twice([&](Values v) { return each.write(v[0]); }, {x});
    }
  }

  TEST_CASE("slopes that are none are refused") {
    Graph graph;
    const Value x = graph.input("x", {2});
    CHECK_THROWS_WITH_AS(elu(x, 0), "[elu] alpha must be > 0, got 0", ShapeError);
    CHECK_THROWS_AS(elu(x, kNan), ShapeError);
    CHECK_THROWS_WITH_AS(leaky_relu(x, 1), "[leaky_relu] slope must be in (0, 1), got 1",
                         ShapeError);
    CHECK_THROWS_AS(leaky_relu(x, 0), ShapeError);
  }
}

}  // namespace hourglass::test
