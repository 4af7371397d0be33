#pragma once

#include <hourglass/core/tensor.hpp>
#include <hourglass/graph/graph.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

struct GradientCheckOptions {
  /// Half the distance of the two points of a central difference; an element passes if it does for
  /// one of them: large steps err by curvature, small ones by rounding.
  std::vector<float> steps = {3e-2f, 1e-2f, 3e-3f};
  /// An element passes when analytic and numeric differ by at most `absolute`, or by at most
  /// `relative` times the larger of the two.
  float relative = 2e-3f;
  float absolute = 3e-4f;
  /// Of the fixed random vectors that the output is projected on, and of random numbers in it.
  std::uint64_t seed = 1;
};

struct GradientReport {
  bool passed = true;
  /// One line an element that failed, under a heading: input, index, analytic, numeric, absolute
  /// and relative error; empty if none did.
  std::string table;
};

/// Builds a value of any shape from inputs. It is called more than once, each time on the inputs of
/// one graph, and must write the same each time.
using GradientFunction = std::function<Value(std::span<const Value> inputs)>;

/// Compares the gradients that `function` has, as a graph, with central differences, for each
/// element of each input. What is differentiated is the output's product with a fixed random
/// vector. Inputs stand in parameters, so that weights get the layouts that they have in training;
/// keep them small, all extents different, and away from kinks. Two things are provoked on purpose:
/// memory starts as NaN, which finds elements that nobody wrote, and the function is applied twice
/// to the same inputs, which finds inputs that somebody overwrote.
///
///     const auto report = check_gradients([](auto x) { return softmax(x[0]); }, {{x}});
///     CHECK_MESSAGE(report.passed, report.table);
HOURGLASS_API GradientReport check_gradients(const GradientFunction& function,
                                             std::span<const Tensor> inputs,
                                             const GradientCheckOptions& options = {});
HOURGLASS_API GradientReport check_gradients(const GradientFunction& function,
                                             std::initializer_list<Tensor> inputs,
                                             const GradientCheckOptions& options = {});

}  // namespace hourglass
