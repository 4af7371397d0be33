#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/leaves.hpp>

namespace hourglass {

namespace {

/// Which nodes `target` is computed from; what stands before a stop is not looked at.
std::vector<bool> needed_nodes(Value target) {
  const Graph& graph = target.graph();
  std::vector<bool> needed(graph.nodes().size(), false);
  needed[graph.node_index(target.id())] = true;
  for (std::size_t i = needed.size(); i-- > 0;) {
    const GraphNode& node = graph.nodes()[i];
    if (!needed[i] || node.operation->stops_gradient()) continue;
    for (const int id : node.inputs) needed[graph.node_index(id)] = true;
  }
  return needed;
}

/// Copies a graph node by node.
class Copier {
 public:
  Copier(Graph& graph, Graph& copy, std::vector<HeldValue>& held)
      : graph_(graph), copy_(copy), held_(held), copies_(graph.value_count()) {}

  void copy(const GraphNode& node) {
    if (node.operation->stops_gradient()) {
      copies_[node.outputs[0]] = held(node.outputs[0]);
      return;
    }
    std::vector<Value> inputs;
    for (const int id : node.inputs) inputs.push_back(copies_[id]);
    const std::vector<Value> outputs =
        node.operation->chooses() ? chosen(node, inputs) : added(node, inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) copies_[node.outputs[k]] = outputs[k];
  }

  Value copy_of(Value original) const { return copies_[original.id()]; }

 private:
  Value held(int id) {
    held_.push_back({graph_.value(id), text("held ", held_.size())});
    return copy_.input(held_.back().input, graph_.shape(id));
  }

  std::vector<Value> chosen(const GraphNode& node, const std::vector<Value>& inputs) {
    std::vector<Value> before;
    for (const int id : node.outputs) before.push_back(held(id));
    return node.operation->with_choice(inputs, before);
  }

  std::vector<Value> added(const GraphNode& node, const std::vector<Value>& inputs) {
    std::vector<Shape> shapes;
    for (const int id : node.outputs) shapes.push_back(graph_.shape(id));
    return copy_.add(node.operation, inputs, shapes);
  }

  Graph& graph_;
  Graph& copy_;
  std::vector<HeldValue>& held_;
  std::vector<Value> copies_;
};

}  // namespace

Value hold_constants(Value target, Graph& copy, std::vector<HeldValue>& held) {
  if (copy.value_count() > 0) throw Error("the graph to copy into is not empty");
  const std::vector<bool> needed = needed_nodes(target);
  Copier copier(target.graph(), copy, held);
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (needed[i]) copier.copy(target.graph().nodes()[i]);
  }
  return copier.copy_of(target);
}

bool gradient_reaches(Value target, const Variable& variable) {
  const std::vector<bool> needed = needed_nodes(target);
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const auto* leaf = as<VariableLeaf>(*target.graph().nodes()[i].operation);
    if (needed[i] && leaf != nullptr && &leaf->variable() == &variable) return true;
  }
  return false;
}

}  // namespace hourglass
