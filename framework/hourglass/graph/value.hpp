#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>

namespace hourglass {

class Graph;

/// A tensor that a program will compute: a cheap handle into a Graph, which must outlive it.
class HOURGLASS_API Value {
 public:
  Value() = default;
  Value(Graph* graph, int id) : graph_(graph), id_(id) {}

  explicit operator bool() const { return graph_ != nullptr; }
  Graph& graph() const { return *graph_; }
  /// Its number in the graph; values are numbered in order of creation.
  int id() const { return id_; }
  const Shape& shape() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Graph* graph_ = nullptr;
  int id_ = -1;
};

}  // namespace hourglass
