#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/leaves.hpp>

#include <limits>

namespace hourglass {

const Shape& Value::shape() const { return graph_->shape(id_); }

Value Graph::input(std::string name, const Shape& shape) {
  return add(std::make_shared<InputLeaf>(std::move(name)), {}, shape);
}

Value Graph::variable(Variable& variable) {
  for (const GraphNode& node : nodes_) {
    const auto* leaf = as<VariableLeaf>(*node.operation);
    if (leaf != nullptr && &leaf->variable() == &variable) return value(node.outputs[0]);
  }
  return add(std::make_shared<VariableLeaf>(variable), {}, variable.shape());
}

Value Graph::constant(const Tensor& tensor) {
  return add(std::make_shared<ConstantLeaf>(tensor), {}, tensor.shape());
}

Value Graph::filled(const Shape& shape, float number) {
  return add(std::make_shared<FilledLeaf>(number), {}, shape);
}

std::optional<float> Graph::number_of(Value value) const {
  const auto* leaf = as<FilledLeaf>(*node_of(value.id()).operation);
  return leaf == nullptr ? std::nullopt : std::optional(leaf->number());
}

Value Graph::slot(std::string name, std::function<double(std::int64_t)> function) {
  return add(std::make_shared<SlotLeaf>(std::move(name), std::move(function)), {}, {});
}

Value Graph::assign(Variable& variable, Value value) {
  if (value.shape() != variable.shape()) {
    throw ShapeError(text("[assign] \"", variable.path(), "\" has shape ",
                          variable.shape().to_text(), ", the value ", value.shape().to_text()));
  }
  return add(std::make_shared<Assign>(variable), {value}, value.shape());
}

Value Graph::add(std::shared_ptr<const Operation> operation, std::initializer_list<Value> inputs,
                 const Shape& shape) {
  return add(std::move(operation), std::span<const Value>(inputs.begin(), inputs.size()), shape);
}

Value Graph::add(std::shared_ptr<const Operation> operation, std::span<const Value> inputs,
                 const Shape& shape) {
  return add(std::move(operation), inputs, std::span(&shape, 1))[0];
}

std::vector<Value> Graph::add(std::shared_ptr<const Operation> operation,
                              std::span<const Value> inputs, std::span<const Shape> shapes) {
  GraphNode node{std::move(operation), {}, {}, scope_};
  for (const Value& input : inputs) {
    if (!input || &input.graph() != this) {
      throw Error(text("[", node.operation->name(), "] an input belongs to another graph"));
    }
    node.inputs.push_back(input.id());
  }
  std::vector<Value> outputs;
  for (const Shape& shape : shapes) {
    if (shape.size() > std::numeric_limits<std::int64_t>::max() / std::int64_t{sizeof(float)}) {
      throw ShapeError(text("[", node.operation->name(), "] a tensor of shape ", shape.to_text(),
                            " is larger than memory can be"));
    }
    node.outputs.push_back(value_count());
    outputs.push_back(value(value_count()));
    values_.push_back({static_cast<int>(nodes_.size()), shape});
  }
  nodes_.push_back(std::move(node));
  return outputs;
}

Graph::Scope::Scope(Graph& graph, std::string_view name)
    : graph_(graph), length_(graph.scope_.size()) {
  if (length_ > 0) graph_.scope_ += '.';
  graph_.scope_ += name;
}

Graph::Scope::~Scope() { graph_.scope_.resize(length_); }

}  // namespace hourglass
