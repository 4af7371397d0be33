#pragma once

#include <hourglass/graph/graph.hpp>

#include <span>
#include <vector>

namespace hourglass {

/// Writes the gradient of the scalar `loss` with respect to each of `targets` into the graph, as
/// ordinary nodes (reverse mode). A target that the loss does not depend on gets zeros.
/// Throws ShapeError when `loss` is not a scalar, or an operation's backward gives other than one
/// gradient an input, of its shape; Error when an operation on the way has no gradient.
HOURGLASS_API std::vector<Value> gradients(Value loss, std::span<const Value> targets);

/// The sum of values of one shape: what meets where a value is used more than once.
HOURGLASS_API Value accumulate(Value a, Value b);
/// The values that `accumulate` summed up to this one; itself where none were.
HOURGLASS_API std::vector<Value> accumulated(Value value);

}  // namespace hourglass
