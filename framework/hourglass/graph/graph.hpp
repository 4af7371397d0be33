#pragma once

#include <hourglass/core/tensor.hpp>
#include <hourglass/graph/operation.hpp>
#include <hourglass/graph/value.hpp>
#include <hourglass/graph/variable.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

struct GraphNode {
  std::shared_ptr<const Operation> operation;
  std::vector<int> inputs;   // ids of values
  std::vector<int> outputs;  // ids of values
  std::string scope;         // the layer that the node belongs to, for messages
};

/// A computation as data: nodes in order of creation, which is a topological order, since a node
/// can only use values that exist. Running it is a Program's work.
///
///     Graph graph;
///     Value x = graph.input("x", {32, 784});
///     Value y = relu(dense(x, graph.variable(weight), graph.variable(bias)));
class HOURGLASS_API Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// A tensor handed in at each run.
  Value input(std::string name, const Shape& shape);
  /// The value that a variable has before this run's assignments.
  Value variable(Variable& variable);
  /// A tensor fixed for good.
  Value constant(const Tensor& tensor);
  /// A tensor whose elements are all `number`.
  Value filled(const Shape& shape, float number);
  /// The number that fills a value made by `filled`; nothing for any other value.
  std::optional<float> number_of(Value value) const;
  /// A scalar computed on the host before each run, from the train step's count.
  Value slot(std::string name, std::function<double(std::int64_t step)> function);
  /// Stores `value` into `variable` at the end of its life in this run: after everything that
  /// reads the old value. The returned value stands for the deed; name it as an update to have it
  /// done.
  Value assign(Variable& variable, Value value);

  /// A node with one output.
  Value add(std::shared_ptr<const Operation> operation, std::span<const Value> inputs,
            const Shape& shape);
  Value add(std::shared_ptr<const Operation> operation, std::initializer_list<Value> inputs,
            const Shape& shape);
  std::vector<Value> add(std::shared_ptr<const Operation> operation, std::span<const Value> inputs,
                         std::span<const Shape> shapes);

  const std::vector<GraphNode>& nodes() const { return nodes_; }
  const GraphNode& node_of(int value) const { return nodes_[values_[value].node]; }
  int node_index(int value) const { return values_[value].node; }
  const Shape& shape(int value) const { return values_[value].shape; }
  int value_count() const { return static_cast<int>(values_.size()); }
  Value value(int id) { return {this, id}; }

  /// While it lives, new nodes belong to the layer `name`, inside any enclosing scope.
  class HOURGLASS_API Scope {
   public:
    Scope(Graph& graph, std::string_view name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::size_t length_;
  };

  /// One line a node: `%7 = dense(%3, %4, %5) [32, 512]  # encoder.0`.
  std::string to_text() const;
  /// The same for Graphviz.
  std::string to_dot() const;

 private:
  struct Entry {
    int node;
    Shape shape;
  };
  std::vector<GraphNode> nodes_;
  std::deque<Entry> values_;  // a reference to a shape outlasts new nodes
  std::string scope_;
};

}  // namespace hourglass
