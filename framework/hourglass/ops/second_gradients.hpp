#pragma once

#include <hourglass/graph/value.hpp>

#include <functional>
#include <span>
#include <vector>

namespace hourglass {

/// The gradients of a backward that one kernel computes, from the same mathematics written with
/// operations that have gradients of their own. `function` is the forward, of `inputs`; `dy` the
/// gradient of its output; `gradients` those of what the backward gave for each input, invalid
/// where nothing depends on it. Returns the gradients of the inputs, and last that of dy.
std::vector<Value> second_gradients(const std::function<Value(std::span<const Value>)>& function,
                                    std::span<const Value> inputs, Value dy,
                                    std::span<const Value> gradients);

}  // namespace hourglass
