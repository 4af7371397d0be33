#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/core/error.hpp>

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

}  // namespace

Value hold_stopped_values(Value target, Graph& copy, std::vector<HeldValue>& held) {
  if (copy.value_count() > 0) throw Error("the graph to copy into is not empty");
  Graph& graph = target.graph();
  const std::vector<bool> needed = needed_nodes(target);
  std::vector<Value> copies(graph.value_count());
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    const GraphNode& node = graph.nodes()[i];
    if (node.operation->stops_gradient()) {
      const int id = node.outputs[0];
      held.push_back({graph.value(id), text("held ", held.size())});
      copies[id] = copy.input(held.back().input, graph.shape(id));
      continue;
    }
    std::vector<Value> inputs;
    std::vector<Shape> shapes;
    for (const int id : node.inputs) inputs.push_back(copies[id]);
    for (const int id : node.outputs) shapes.push_back(graph.shape(id));
    const std::vector<Value> outputs = copy.add(node.operation, inputs, shapes);
    for (std::size_t k = 0; k < outputs.size(); ++k) copies[node.outputs[k]] = outputs[k];
  }
  return copies[target.id()];
}

}  // namespace hourglass
