#pragma once

#include <hourglass/core/api.hpp>

#include <functional>
#include <span>
#include <vector>

namespace hourglass {

struct LbfgsOptions {
  int history = 10;
  /// Ends once |gradient| is at most this part of the gradient's norm at the start.
  double tolerance = 1e-5;
  int most_iterations = 1000;
};

struct Minimum {
  std::vector<double> x;
  double value = 0;
  double gradient_norm = 0;
  double first_gradient_norm = 0;
  int iterations = 0;
  bool converged = false;
};

/// Returns f(x) and writes its gradient.
using DifferentiableFunction =
    std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// The minimum of a convex function, by limited-memory BFGS with a line search to the strong Wolfe
/// conditions. Values are compared to 1e-8 of their size only, and slopes decide beyond, so that a
/// function computed in f32 can be followed to a small gradient.
/// D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
HOURGLASS_API Minimum minimise_convex(const DifferentiableFunction& function,
                                      std::vector<double> start, const LbfgsOptions& options = {});

}  // namespace hourglass
