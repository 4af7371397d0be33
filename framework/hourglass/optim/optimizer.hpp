#pragma once

#include <hourglass/config/optimizer_options.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/graph/graph.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// How one train step moves its parameters.
struct UpdateOptions {
  std::string
      step;  ///< the train step's name: moments are kept as optimizer/<step>/<path>/<moment>
  OptimizerOptions optimizer;
  std::optional<ClipOptions> clip;
  double steps_per_epoch = 1;  ///< for schedules counted in epochs
  /// What a parameter's gradient becomes before clipping and the optimiser's rule, and what its new
  /// value becomes after it; where nothing is to be done, they return what they got. Neither set:
  /// nothing ever.
  using Hook = std::function<Value(Variable& parameter, Value value)>;
  Hook on_gradient = nullptr;
  Hook on_update = nullptr;
};

/// Writes the whole update of `parameters` for a scalar `loss` into its graph: gradients, clipping,
/// the optimiser's rule, the hooks and the assignments. Returns the assignments, to be compiled as
/// a program's updates. The moments are variables of `store`, made on first use, all zero. Throws
/// Error when an operation on the way has no gradient.
HOURGLASS_API std::vector<Value> write_updates(Value loss, std::span<Variable* const> parameters,
                                               VariableStore& store, const UpdateOptions& options);

/// l1 times the sum of |w| plus l2 / 2 times the sum of w^2 over the weights among `parameters`
/// (those with two axes or more: biases are free), as a scalar; an invalid Value when there is
/// nothing to add.
HOURGLASS_API Value penalty(Graph& graph, std::span<Variable* const> parameters,
                            const OptimizerOptions& optimizer);

}  // namespace hourglass
