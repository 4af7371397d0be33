#pragma once

#include <hourglass/core/resident.hpp>
#include <hourglass/graph/passes.hpp>
#include <hourglass/graph/program_state.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

// Internal to this room.

namespace hourglass {

/// Makes a program from an order: chooses layouts, inserts reorders, creates kernels, plans memory.
class Compiler {
 public:
  Compiler(const Graph& graph, Program::Impl& program, const CompileOptions& options)
      : graph_(graph), program_(program), options_(options) {}

  void compile(std::span<const Value> fetches, std::span<const Value> updates);

 private:
  friend class NodeLowering;
  friend class SweepLowering;

  // Before any kernel exists.

  /// A gradient is best made in the layout of the parameter that it moves.
  void note_preferences();
  /// A parameter whose gradient streams in by rows is plain at home, and so are its moments.
  void settle_streamed();
  /// The home layout of the parameter whose gradient `value` is; empty where that is not known.
  onednn::Layout preferred(int value) const;
  bool streams(const Group& group) const;
  /// Whether something besides `group` reads the value.
  bool read_outside(const Group& group, int value) const;

  // Where values are.

  int add_place(Place place);
  int new_arena_place(const Shape& shape, const onednn::Layout& layout);
  int place_leaf(int value);
  /// A single number that fills a tensor needs no memory of the tensor's size in a sweep.
  int place_filled(int value, float number);
  int place_at_home(Variable& variable);
  /// The places of a value, one a layout; the first is where it was made.
  std::vector<int>& placed(int value);
  onednn::Layout layout_of(int value);
  /// The place where `value` can be read in `layout`, made by a reorder if there is none yet.
  int obtain(int value, const onednn::Layout& layout, const std::string& why);
  /// The place that a view looks at, through views of views.
  int root_of(int place) const;
  void use(int place);
  void keep(int place);

  // Kernels, one group of the order after another.

  void lower(const Group& group);
  void lower_view(const Item& item);
  void lower_node(const Item& item);
  void lower_sweep(const Group& group);
  /// Copies the old values that are fetched of variables that `group` is about to assign.
  void save_old_values(const Group& group, std::span<const Value> fetches);
  void push_reorder(int from, int to, const std::string& scope, const std::string& why);
  void push(Step step);
  int now() const { return static_cast<int>(program_.steps.size()); }
  /// Makes a kernel, counting what it takes on the heap.
  template <class Make>
  std::unique_ptr<Kernel> make(Make&& create) {
    const std::size_t before = heap_bytes();
    std::unique_ptr<Kernel> kernel = create();
    program_.kernel_bytes += std::max(heap_bytes(), before) - before;
    return kernel;
  }

  // When all kernels are there.

  void note_variables();
  void plan();

  const Graph& graph_;
  Program::Impl& program_;
  const CompileOptions& options_;
  Order order_;
  std::map<int, const Variable*> preferred_;  // by value
  std::set<const Variable*> updated_;
  std::set<int> by_columns_;                // values, of whose columns each thread computes as many
  std::map<int, std::vector<int>> placed_;  // by value
  std::map<int, int> filled_;               // by value
  std::map<int, int> saved_;                // by value: the copy of what a variable was
  std::multimap<int, int> read_;            // value -> item that reads it, -1 for a caller
};

}  // namespace hourglass
