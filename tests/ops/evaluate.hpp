#pragma once

// What tests of operations share: tensors from numbers, and running a small graph on them.

#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/gradient_check.hpp>
#include <hourglass/ops/sum.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace hourglass::test {

using Values = std::span<const Value>;
using Numbers = std::vector<float>;

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

inline Tensor tensor(const Shape& shape, const Numbers& numbers) {
  Tensor result(shape);
  REQUIRE(result.size() == std::ssize(numbers));
  std::ranges::copy(numbers, result.floats().begin());
  return result;
}

inline Tensor random_tensor(const Shape& shape, std::uint64_t seed, float low = -1,
                            float high = 1) {
  Tensor result(shape);
  RandomStream random(seed, "test");
  for (float& each : result.floats()) each = random.uniform(low, high);
  return result;
}

inline Numbers numbers_of(std::span<const float> values) { return {values.begin(), values.end()}; }

/// Feeds `inputs` to what `function` writes and returns its value.
inline Tensor evaluate(const GradientFunction& function, const std::vector<Tensor>& inputs,
                       const RunState& state = {}, const CompileOptions& options = {}) {
  Graph graph;
  std::vector<Value> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values.push_back(graph.input(text(i), inputs[i].shape()));
  }
  const Value output = function(values);
  Arena arena;
  Program program(graph, {output}, {}, arena, options);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    program.feed(text(i), reinterpret_cast<const float*>(inputs[i].raw()));
  }
  REQUIRE(program.run(state));
  Tensor result(output.shape());
  std::ranges::copy(program.fetched(0), result.floats().begin());
  return result;
}

inline Numbers run(const GradientFunction& function, const std::vector<Tensor>& inputs) {
  return numbers_of(evaluate(function, inputs).floats());
}

/// The ShapeError with which `build` is refused.
inline std::string refusal(const std::function<void(Graph&)>& build) {
  Graph graph;
  try {
    build(graph);
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "nothing was refused";
}

/// Fails the test, with the table, where gradients are wrong.
inline void check_gradient(const GradientFunction& function, const std::vector<Tensor>& inputs,
                           const GradientCheckOptions& options = {}) {
  const GradientReport report = check_gradients(function, inputs, options);
  CHECK_MESSAGE(report.passed, report.table);
}

/// The gradient, with respect to input `which`, of function's square, as a function of its own.
/// The square makes the gradient depend on inputs in which the function is linear.
inline GradientFunction gradient_of(const GradientFunction& function, int which) {
  return [=](Values inputs) {
    const Value y = function(inputs);
    return gradients(sum(y * y), inputs.subspan(which, 1))[0];
  };
}

/// First and second derivatives with respect to every input.
inline void check_twice(const GradientFunction& function, const std::vector<Tensor>& inputs) {
  check_gradient(function, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_gradient(gradient_of(function, static_cast<int>(i)), inputs);
  }
}

inline void check_near(std::span<const float> got, std::span<const float> expected,
                       float tolerance = 1e-6f) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(tolerance).scale(1));
  }
}

inline void check_near(const Numbers& got, const Numbers& expected, float tolerance = 1e-6f) {
  check_near(std::span<const float>(got), std::span<const float>(expected), tolerance);
}

}  // namespace hourglass::test
