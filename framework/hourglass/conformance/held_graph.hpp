#pragma once

#include <hourglass/graph/graph.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// A value that a gradient takes for a constant: what it is in the graph that it was copied from,
/// and the input that stands for it in the copy.
struct HeldValue {
  Value original;
  std::string input;
};

/// Writes what `target` is computed from into `copy`, and returns the target there: the function
/// whose slope the gradient of `target` claims to be. What gradients take for constant is handed
/// in: values behind stop_gradient, comparisons, which elements topk chose. Straight-through
/// estimates, and functions that jump, differ from it without being wrong. Throws Error unless
/// `copy` is empty.
HOURGLASS_API Value hold_constants(Value target, Graph& copy, std::vector<HeldValue>& held);

/// Whether a gradient of `target` can reach the variable: whether the target is computed from it by
/// a way that no stop_gradient lies on.
HOURGLASS_API bool gradient_reaches(Value target, const Variable& variable);

}  // namespace hourglass
