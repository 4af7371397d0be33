#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/elementwise.hpp>

#include <map>

namespace hourglass {

namespace {

class Accumulate final : public Elementwise {
 public:
  std::string name() const override { return "accumulate"; }
  bool keeps_zero() const override { return true; }
  std::vector<Value> backward(const Backward& node) const override {
    return {node.gradients[0], node.gradients[0]};
  }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(Code::Add, {inputs[0], inputs[1]});
  }
};

/// Which nodes the targets reach: only these need a gradient.
std::vector<bool> reached_from(const Graph& graph, std::span<const Value> targets) {
  std::vector<bool> reached(graph.value_count(), false);
  for (const Value& target : targets) reached[target.id()] = true;
  for (const GraphNode& node : graph.nodes()) {
    bool any = false;
    for (int id : node.inputs) any = any || reached[id];
    for (int id : node.outputs) reached[id] = reached[id] || any;
  }
  return reached;
}

/// What an operation's backward has given: a gradient for each input, of its shape, or none.
void check_gradients_of(const GraphNode& node, const Backward& context,
                        const std::vector<Value>& results) {
  const auto where = [&] {
    return text("[", node.operation->name(), "] ", node.scope.empty() ? "" : node.scope + ": ");
  };
  if (results.size() != context.inputs.size()) {
    throw ShapeError(text(where(), "backward gave ", results.size(), " of ", context.inputs.size(),
                          " gradients; an empty Value is none"));
  }
  for (std::size_t k = 0; k < results.size(); ++k) {
    if (!results[k] || results[k].shape() == context.inputs[k].shape()) continue;
    throw ShapeError(text(where(), "backward gave input ", k, " a gradient ",
                          results[k].shape().to_text(), "; the input is ",
                          context.inputs[k].shape().to_text()));
  }
}

}  // namespace

Value accumulate(Value a, Value b) {
  return a.graph().add(std::make_shared<Accumulate>(), {a, b}, a.shape());
}

std::vector<Value> accumulated(Value value) {
  Graph& graph = value.graph();
  const GraphNode& node = graph.node_of(value.id());
  if (dynamic_cast<const Accumulate*>(node.operation.get()) == nullptr) return {value};
  std::vector<Value> parts = accumulated(graph.value(node.inputs[0]));
  for (const Value& part : accumulated(graph.value(node.inputs[1]))) parts.push_back(part);
  return parts;
}

std::vector<Value> gradients(Value loss, std::span<const Value> targets) {
  Graph& graph = loss.graph();
  if (loss.shape().rank() != 0) {
    throw ShapeError(text("[gradients] the loss must be a scalar, got ", loss.shape().to_text()));
  }
  const std::vector<bool> reached = reached_from(graph, targets);
  std::map<int, Value> found;  // by value id
  found[loss.id()] = graph.filled({}, 1.0f);

  const int last = graph.node_index(loss.id());
  for (int i = last; i >= 0; --i) {
    const GraphNode node = graph.nodes()[i];  // a copy: adding nodes moves the list
    Backward context;
    bool any = false;
    for (int id : node.outputs) {
      const auto gradient = found.find(id);
      any = any || gradient != found.end();
      context.outputs.push_back(graph.value(id));
      context.gradients.push_back(gradient == found.end() ? Value() : gradient->second);
    }
    bool wanted = false;
    for (int id : node.inputs) {
      context.inputs.push_back(graph.value(id));
      context.needed.push_back(reached[id]);
      wanted = wanted || reached[id];
    }
    if (!any || !wanted) continue;
    const Graph::Scope scope(graph, node.scope.empty() ? "gradient" : node.scope);
    const std::vector<Value> results = node.operation->backward(context);
    check_gradients_of(node, context, results);
    for (std::size_t k = 0; k < results.size(); ++k) {
      if (!results[k] || !context.needed[k]) continue;
      Value& slot = found[node.inputs[k]];
      slot = slot ? accumulate(slot, results[k]) : results[k];
    }
  }
  std::vector<Value> out;
  for (const Value& target : targets) {
    const auto gradient = found.find(target.id());
    out.push_back(gradient == found.end() ? graph.filled(target.shape(), 0.0f) : gradient->second);
  }
  return out;
}

}  // namespace hourglass
