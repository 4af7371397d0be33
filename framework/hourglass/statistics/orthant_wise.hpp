#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/statistics/lbfgs.hpp>

#include <span>
#include <vector>

namespace hourglass {

/// The minimum of f(x) + sum over i of l1_i |x_i| for a convex f, by orthant-wise limited-memory
/// BFGS: a step stays where no penalised sign changes, so that numbers become exactly 0. `l1` has
/// the length of x; a number whose l1_i is 0 is free. The result's value has the penalty, and its
/// gradient norms are those of the least subgradient, which is 0 at the minimum alone: for x_i = 0
/// what is left of |f'_i| above l1_i, else f'_i + l1_i sign(x_i).
/// G. Andrew, J. Gao, "Scalable training of L1-regularized log-linear models", 2007.
HOURGLASS_API Minimum minimise_with_l1(const DifferentiableFunction& function,
                                       std::span<const double> l1, std::vector<double> start,
                                       const LbfgsOptions& options = {});

}  // namespace hourglass
