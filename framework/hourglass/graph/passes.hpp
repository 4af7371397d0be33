#pragma once

#include <hourglass/graph/graph.hpp>

#include <map>
#include <memory>
#include <vector>

namespace hourglass {

/// A node as passes see it: its operation may have been exchanged for one that carries an
/// activation, and its outputs are then those of the activation.
struct Item {
  std::shared_ptr<const Operation> operation;
  std::vector<int> inputs;   // ids of values
  std::vector<int> outputs;  // ids of values
  std::string scope;
};

/// Items that run as one kernel: one item, or elementwise operations and folds over one domain.
struct Group {
  std::vector<int> items;  // in order of creation
};

/// A program before its kernels exist: what to run, joined and in order.
struct Order {
  std::vector<Item> items;
  std::vector<Group> groups;  // in the order in which they run
  /// Streamed operations that only sweeps read, by the value that they make: they are no items, and
  /// what they read, their readers read.
  std::map<int, Item> streamed;
  /// The first group that must not run when the guard is not finite; groups.size() without updates.
  int guarded_from = 0;
};

struct PassOptions {
  /// Post-ops and sweeps; without, each node is a kernel of its own.
  bool fuse = true;
  /// The value that must be finite before the first assignment; -1 for none.
  int guard = -1;
};

/// The values that running an item reads: its inputs, or what streams them.
std::vector<int> read_by(const Order& order, const Item& item);

/// The variable whose memory a value may be read from: it is one, or a view of one. nullptr for all
/// other values.
const Variable* variable_behind(const Graph& graph, int value);

/// Prunes the graph to what `fetches` and `updates` need, lets activations ride on the operations
/// before them, joins elementwise chains, and puts all in order: updates as early as their
/// gradients are complete and every reader of the old value has run.
Order schedule_graph(const Graph& graph, std::span<const Value> fetches,
                     std::span<const Value> updates, const PassOptions& options);

}  // namespace hourglass
