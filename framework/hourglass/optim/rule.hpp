#pragma once

#include <hourglass/graph/graph.hpp>
#include <hourglass/optim/optimizer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

/// What an optimiser's rule needs for one parameter: the old value, the gradient, and moments.
class UpdateWriter {
 public:
  UpdateWriter(Graph& graph, VariableStore& store, const UpdateOptions& options)
      : graph_(graph), store_(store), options_(options) {}

  /// A moment of `parameter`, zero at first.
  Variable& moment(const Variable& parameter, const std::string& name);
  /// Stores the new value; that of a parameter goes through UpdateOptions::on_update.
  void assign(Variable& variable, Value value);
  /// A number that moves with the step: the same slot for one name.
  Value slot(const std::string& name, std::function<double(std::int64_t)> function);
  /// The learning rate times `factor(step)`, such as a bias correction.
  Value rate(const std::string& name, std::function<double(std::int64_t)> factor = nullptr);

  Graph& graph() { return graph_; }
  std::vector<Value> take() { return std::move(updates_); }

 private:
  Graph& graph_;
  VariableStore& store_;
  const UpdateOptions& options_;
  std::map<std::string, Value> slots_;
  std::vector<Value> updates_;
};

/// The rules, one a file.
void write_rule(UpdateWriter& writer, const SgdOptions& options, Variable& parameter,
                Value gradient);
void write_rule(UpdateWriter& writer, const RmsPropOptions& options, Variable& parameter,
                Value gradient);
void write_rule(UpdateWriter& writer, const AdamOptions& options, Variable& parameter,
                Value gradient);
void write_rule(UpdateWriter& writer, const AdamWOptions& options, Variable& parameter,
                Value gradient);

/// The options that all optimisers share.
const OptimizerCommon& common_options(const OptimizerOptions& options);

/// The gradients within their bounds.
std::vector<Value> clipped(std::vector<Value> gradients, const ClipOptions& clip);

}  // namespace hourglass
