#include <hourglass/graph/autodiff.hpp>
#include <hourglass/ops/abs.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/optim/optimizer.hpp>
#include <hourglass/optim/rule.hpp>

namespace hourglass {

Variable& UpdateWriter::moment(const Variable& parameter, const std::string& name) {
  const std::string path = text("optimizer/", options_.step, "/", parameter.path(), "/", name);
  if (Variable* found = store_.find(path)) return *found;
  Variable& made = store_.create(path, Variable::Kind::State, Tensor(parameter.shape()));
  if (parameter.is_kept_turned()) made.keep_turned();
  return made;
}

void UpdateWriter::assign(Variable& variable, Value value) {
  if (options_.on_update && variable.kind() == Variable::Kind::Parameter) {
    value = options_.on_update(variable, value);
  }
  updates_.push_back(graph_.assign(variable, value));
}

Value UpdateWriter::slot(const std::string& name, std::function<double(std::int64_t)> function) {
  Value& value = slots_[name];
  if (!value) value = graph_.slot(name, std::move(function));
  return value;
}

Value UpdateWriter::rate(const std::string& name, std::function<double(std::int64_t)> factor) {
  const Schedule schedule = common_options(options_.optimizer).learning_rate;
  const double steps = options_.steps_per_epoch;
  return slot(name, [schedule, steps, factor](std::int64_t step) {
    return schedule.at(step, steps) * (factor ? factor(step) : 1.0);
  });
}

const OptimizerCommon& common_options(const OptimizerOptions& options) {
  return std::visit([](const auto& each) -> const OptimizerCommon& { return each; }, options);
}

std::vector<Value> write_updates(Value loss, std::span<Variable* const> parameters,
                                 VariableStore& store, const UpdateOptions& options) {
  Graph& graph = loss.graph();
  std::vector<Value> targets;
  for (Variable* parameter : parameters) targets.push_back(graph.variable(*parameter));
  std::vector<Value> found = gradients(loss, targets);
  if (options.on_gradient) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Graph::Scope scope(graph, parameters[i]->path());
      found[i] = options.on_gradient(*parameters[i], found[i]);
    }
  }
  if (options.clip) found = clipped(std::move(found), *options.clip);

  UpdateWriter writer(graph, store, options);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Graph::Scope scope(graph, parameters[i]->path());
    std::visit([&](const auto& rule) { write_rule(writer, rule, *parameters[i], found[i]); },
               options.optimizer);
  }
  return writer.take();
}

Value penalty(Graph& graph, std::span<Variable* const> parameters,
              const OptimizerOptions& optimizer) {
  const OptimizerCommon& options = common_options(optimizer);
  Value total;
  const auto add_term = [&](Value term) { total = total ? total + term : term; };
  for (Variable* parameter : parameters) {
    // A bias has one axis, but that of a normalised sample as many as the sample.
    if (parameter->shape().rank() < 2 || parameter->path().ends_with(".bias")) continue;
    const Graph::Scope scope(graph, "penalty");
    const Value weight = graph.variable(*parameter);
    if (options.l1 > 0) add_term(affine(sum(abs(weight)), static_cast<float>(options.l1)));
    if (options.l2 > 0) add_term(affine(sum(square(weight)), static_cast<float>(options.l2 / 2)));
  }
  return total;
}

}  // namespace hourglass
