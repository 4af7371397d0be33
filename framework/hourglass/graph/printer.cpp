#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>

namespace hourglass {

namespace {

std::string label(const GraphNode& node) {
  const std::string attributes = node.operation->attributes();
  return attributes.empty() ? node.operation->name()
                            : text(node.operation->name(), "<", attributes, ">");
}

}  // namespace

std::string Graph::to_text() const {
  std::string out;
  for (const GraphNode& node : nodes_) {
    std::string results, arguments, shapes;
    for (int id : node.outputs) {
      results += text(results.empty() ? "%" : ", %", id);
      shapes += text(" ", shape(id).to_text());
    }
    for (int id : node.inputs) arguments += text(arguments.empty() ? "%" : ", %", id);
    out += text(results, " = ", label(node), "(", arguments, ")", shapes);
    if (!node.scope.empty()) out += text("  # ", node.scope);
    out += '\n';
  }
  return out;
}

std::string Graph::to_dot() const {
  std::string out = "digraph {\n  rankdir = TB;\n  node [shape = box, fontname = \"sans\"];\n";
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const GraphNode& node = nodes_[i];
    std::string escaped;
    for (const char c : label(node)) {
      if (c == '"' || c == '\\') escaped += '\\';
      escaped += c;
    }
    out += text("  n", i, " [label = \"", escaped, "\"];\n");
    for (int id : node.inputs) {
      out += text("  n", node_index(id), " -> n", i, " [label = \"", shape(id).to_text(), "\"];\n");
    }
  }
  return out + "}\n";
}

}  // namespace hourglass
