#pragma once

#include <hourglass/graph/graph.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// A value that stands behind stop_gradient: what it is in the graph that it was copied from, and
/// the input that stands for it in the copy.
struct HeldValue {
  Value original;
  std::string input;
};

/// Writes what `target` is computed from into `copy`, with an input in place of each value behind
/// stop_gradient, and returns the target there: the function whose slope the gradient of `target`
/// claims to be. Straight-through estimates differ from it without being wrong. Throws Error unless
/// `copy` is empty.
HOURGLASS_API Value hold_stopped_values(Value target, Graph& copy, std::vector<HeldValue>& held);

}  // namespace hourglass
