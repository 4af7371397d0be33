#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/leaves.hpp>
#include <hourglass/graph/passes.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace hourglass {

namespace {

/// A set of small numbers.
class Bits {
 public:
  explicit Bits(std::size_t size) : words_((size + 63) / 64, 0) {}
  void insert(int i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool contains(int i) const { return words_[i / 64] >> (i % 64) & 1; }
  void merge(const Bits& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  bool meets(const Bits& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] & other.words_[i]) return true;
    }
    return false;
  }

 private:
  std::vector<std::uint64_t> words_;
};

bool is_leaf(const Operation& operation) { return as<Leaf>(operation) != nullptr; }

/// The pass over one graph; members are filled in the order of `run`.
class Scheduler {
 public:
  Scheduler(const Graph& graph, std::span<const Value> fetches, std::span<const Value> updates,
            const PassOptions& options)
      : graph_(graph), options_(options) {
    for (const Value& fetch : fetches) fetched_.insert(fetch.id());
    for (const Value& update : updates) updates_.insert(update.id());
  }

  Order run() {
    prune();
    if (options_.fuse) absorb_post_ops();
    if (options_.fuse) set_streams_apart();
    find_dependencies();
    join();
    order();
    return std::move(result_);
  }

 private:
  std::vector<Item>& items() { return result_.items; }

  void prune() {
    std::vector<bool> needed(graph_.nodes().size(), false);
    const auto need = [&](int value) { needed[graph_.node_index(value)] = true; };
    for (int id : fetched_) need(id);
    for (int id : updates_) need(id);
    if (options_.guard >= 0) need(options_.guard);
    for (int i = static_cast<int>(graph_.nodes().size()) - 1; i >= 0; --i) {
      if (!needed[i]) continue;
      for (int id : graph_.nodes()[i].inputs) need(id);
    }
    for (std::size_t i = 0; i < needed.size(); ++i) {
      const GraphNode& node = graph_.nodes()[i];
      if (needed[i] && !is_leaf(*node.operation)) {
        items().push_back({node.operation, node.inputs, node.outputs, node.scope});
      }
    }
  }

  std::map<int, std::vector<int>> users() {
    std::map<int, std::vector<int>> result;
    for (std::size_t i = 0; i < items().size(); ++i) {
      for (int id : items()[i].inputs) result[id].push_back(static_cast<int>(i));
    }
    return result;
  }

  void absorb_post_ops() {
    const auto used_by = users();
    std::vector<bool> absorbed(items().size(), false);
    for (Item& item : items()) {
      if (item.outputs.size() != 1 || fetched_.contains(item.outputs[0])) continue;
      const auto found = used_by.find(item.outputs[0]);
      if (found == used_by.end() || found->second.size() != 1) continue;
      const int next = found->second[0];
      const Elementwise* activation = items()[next].operation->as_elementwise();
      if (activation == nullptr || !activation->post_op()) continue;
      auto joined = item.operation->with_post_op(*activation->post_op());
      if (joined == nullptr) continue;
      item.operation = std::move(joined);
      item.outputs = items()[next].outputs;
      absorbed[next] = true;
    }
    std::vector<Item> kept;
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (!absorbed[i]) kept.push_back(std::move(items()[i]));
    }
    items() = std::move(kept);
  }

  /// Takes out the streamed operations whose outputs nothing but sweeps of the same shape read.
  void set_streams_apart() {
    const auto used_by = users();
    std::vector<Item> kept;
    for (Item& item : items()) {
      const int output = item.outputs[0];
      const auto found = used_by.find(output);
      const auto swept = [&](int user) {
        const auto shape = domain(items()[user]);
        return shape && *shape == graph_.shape(output);
      };
      if (item.operation->as_streamed() != nullptr && !fetched_.contains(output) &&
          found != used_by.end() && std::ranges::all_of(found->second, swept)) {
        result_.streamed.emplace(output, item);
      }
    }
    for (Item& item : items()) {
      if (!result_.streamed.contains(item.outputs[0])) kept.push_back(std::move(item));
    }
    items() = std::move(kept);
  }

  const Assign* assignment(int item) { return as<Assign>(*items()[item].operation); }

  void find_dependencies() {
    const std::size_t count = items().size();
    std::map<int, int> producer;
    for (std::size_t i = 0; i < count; ++i) {
      for (int id : items()[i].outputs) producer[id] = static_cast<int>(i);
    }
    guard_item_ = -1;
    if (const auto found = producer.find(options_.guard); found != producer.end()) {
      guard_item_ = found->second;
    }
    std::map<const Variable*, std::vector<int>> readers;
    for (std::size_t i = 0; i < count; ++i) {
      for (int id : read_by(result_, items()[i])) {
        if (const Variable* variable = variable_behind(graph_, id)) {
          readers[variable].push_back(static_cast<int>(i));
        }
      }
    }
    before_.assign(count, {});
    for (std::size_t i = 0; i < count; ++i) {
      std::set<int> before;
      for (int id : read_by(result_, items()[i])) {
        if (const auto found = producer.find(id); found != producer.end()) {
          before.insert(found->second);
        }
      }
      if (const Assign* assign = assignment(static_cast<int>(i))) {
        for (int reader : readers[&assign->variable()]) before.insert(reader);
        if (guard_item_ >= 0) before.insert(guard_item_);
      }
      before.erase(static_cast<int>(i));
      before_[i].assign(before.begin(), before.end());
    }
    // Control edges can point to later items, so ancestors are found by a walk in any order.
    ancestors_.assign(count, Bits(count));
    std::vector<int> state(count, 0);
    for (std::size_t i = 0; i < count; ++i) collect_ancestors(static_cast<int>(i), state);
  }

  void collect_ancestors(int item, std::vector<int>& state) {
    // An explicit stack: graphs may be deep.
    std::vector<int> stack{item};
    while (!stack.empty()) {
      const int top = stack.back();
      if (state[top] == 2) {
        stack.pop_back();
        continue;
      }
      state[top] = 1;
      bool ready = true;
      for (int each : before_[top]) {
        if (state[each] == 0) {
          stack.push_back(each);
          ready = false;
        }
      }
      if (!ready) continue;
      for (int each : before_[top]) {
        ancestors_[top].insert(each);
        ancestors_[top].merge(ancestors_[each]);
      }
      state[top] = 2;
      stack.pop_back();
    }
  }

  /// The shape over which an item can be swept, if it can.
  std::optional<Shape> domain(const Item& item) const {
    if (item.operation->as_elementwise() != nullptr) return graph_.shape(item.outputs[0]);
    const Reduction* reduction = item.operation->as_reduction();
    if (reduction != nullptr && !reduction->swept_axes().empty())
      return graph_.shape(item.inputs[0]);
    return std::nullopt;
  }

  /// Joins each item with groups that it shares a full tensor with, as long as no path leaves the
  /// group and comes back to it.
  void join() {
    const std::size_t count = items().size();
    group_of_.resize(count);
    std::iota(group_of_.begin(), group_of_.end(), 0);
    members_.resize(count);
    for (std::size_t i = 0; i < count; ++i) members_[i] = {static_cast<int>(i)};
    if (!options_.fuse) return;
    // What follows from a stream goes first: once joined to what it meets before, such as a
    // penalty's sum, it could no longer join its update, and would be stored as a whole.
    const std::vector<bool> all(count, true);
    if (!result_.streamed.empty()) join_among(downstream(), {});
    join_among(all, made_for_one_reader());
    join_among(all, {});
  }

  /// Items of one full tensor that one other item reads, with one of its own: they join their
  /// reader first, so that an activation's slope is made from the output where the backward pass
  /// needs it, and is never stored.
  std::set<int> made_for_one_reader() {
    const auto used_by = users();
    const auto full_inputs = [&](int item) {
      const Shape& shape = graph_.shape(items()[item].outputs[0]);
      return std::ranges::count_if(items()[item].inputs,
                                   [&](int id) { return graph_.shape(id) == shape; });
    };
    std::set<int> result;
    for (std::size_t i = 0; i < items().size(); ++i) {
      const Item& item = items()[i];
      if (item.operation->as_elementwise() == nullptr || item.outputs.size() != 1) continue;
      const auto found = used_by.find(item.outputs[0]);
      if (fetched_.contains(item.outputs[0]) || found == used_by.end() ||
          found->second.size() != 1) {
        continue;
      }
      const int reader = found->second[0];
      if (full_inputs(static_cast<int>(i)) == 1 && full_inputs(reader) > 1) {
        result.insert(static_cast<int>(i));
      }
    }
    return result;
  }

  /// By item: whether it reads what streams, or something made of it.
  std::vector<bool> downstream() {
    std::set<int> made;
    for (const auto& [value, item] : result_.streamed) made.insert(value);
    std::vector<bool> result(items().size(), false);
    for (std::size_t i = 0; i < items().size(); ++i) {
      const Item& item = items()[i];
      result[i] = std::ranges::any_of(item.inputs, [&](int id) { return made.contains(id); });
      if (result[i]) made.insert(item.outputs.begin(), item.outputs.end());
    }
    return result;
  }

  /// Those of `by_output` join what reads their output alone.
  void join_among(const std::vector<bool>& chosen, const std::set<int>& by_output) {
    std::map<int, std::vector<int>> touching;  // items that read or write a value, so far
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (!chosen[i]) continue;
      const Item& item = items()[i];
      const auto shape = domain(item);
      if (!shape) continue;
      std::vector<int> values;
      if (!by_output.contains(static_cast<int>(i))) values = item.inputs;
      values.insert(values.end(), item.outputs.begin(), item.outputs.end());
      for (int id : values) {
        if (graph_.shape(id) != *shape) continue;
        if (item.operation->as_reduction() != nullptr && id == item.outputs[0]) continue;
        for (int other : touching[id]) try_join(static_cast<int>(i), other, *shape);
        touching[id].push_back(static_cast<int>(i));
      }
    }
  }

  void try_join(int item, int other, const Shape& shape) {
    const int a = group_of_[item], b = group_of_[other];
    if (a == b || *domain(items()[other]) != shape) return;
    constexpr std::size_t kMostItems = 48;
    if (members_[a].size() + members_[b].size() > kMostItems) return;
    std::vector<int> joined = members_[a];
    joined.insert(joined.end(), members_[b].begin(), members_[b].end());
    Bits inside(items().size());
    bool assigns = false;
    for (int each : joined) {
      inside.insert(each);
      assigns = assigns || assignment(each) != nullptr;
    }
    // A fold is complete only after the sweep: nothing in it may depend on one.
    if (assigns && guard_item_ >= 0 && inside.contains(guard_item_)) return;
    for (int each : joined) {
      for (int producer : before_[each]) {
        if (!inside.contains(producer)) {
          if (ancestors_[producer].meets(inside)) return;
        } else if (streams_from(each, producer) ||
                   (items()[producer].operation->as_reduction() != nullptr &&
                    reads(each, producer))) {
          return;
        }
      }
      if (assigns && reads_broadcast(each, joined, shape)) return;
    }
    // From now on the group runs as one: what any member needs, all need.
    Bits needed = inside;
    for (int each : joined) needed.merge(ancestors_[each]);
    for (std::size_t k = 0; k < items().size(); ++k) {
      if (inside.contains(static_cast<int>(k)) || ancestors_[k].meets(inside)) {
        ancestors_[k].merge(needed);
      }
    }
    std::ranges::sort(joined);
    for (int each : joined) group_of_[each] = a;
    members_[a] = std::move(joined);
    members_[b].clear();
  }

  bool reads(int item, int producer) {
    const auto& outputs = items()[producer].outputs;
    return std::ranges::any_of(items()[item].inputs, [&](int id) {
      return std::ranges::find(outputs, id) != outputs.end();
    });
  }

  /// Whether what streams an input of `item` reads an output of `producer`, which must then be
  /// complete.
  bool streams_from(int item, int producer) {
    const auto& outputs = items()[producer].outputs;
    return std::ranges::any_of(items()[item].inputs, [&](int id) {
      const auto found = result_.streamed.find(id);
      return found != result_.streamed.end() &&
             std::ranges::any_of(found->second.inputs, [&](int read) {
               return std::ranges::find(outputs, read) != outputs.end();
             });
    });
  }

  /// Whether `item` reads, stretched or through a view, a variable that the group assigns: elements
  /// would be overwritten before they have been read for the last time. So it is with what streams.
  bool reads_broadcast(int item, const std::vector<int>& group, const Shape& shape) {
    const auto assigned = [&](int id) {
      const Variable* variable = variable_behind(graph_, id);
      return variable != nullptr && std::ranges::any_of(group, [&](int each) {
               const Assign* assign = assignment(each);
               return assign != nullptr && &assign->variable() == variable;
             });
    };
    return std::ranges::any_of(items()[item].inputs, [&](int id) {
      const auto streamed = result_.streamed.find(id);
      if (streamed != result_.streamed.end()) {
        return std::ranges::any_of(streamed->second.inputs, assigned);
      }
      const bool itself = as<VariableLeaf>(*graph_.node_of(id).operation) != nullptr;
      return !(itself && graph_.shape(id) == shape) && assigned(id);
    });
  }

  void order() {
    std::vector<int> roots;  // groups, by their first item
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (!members_[i].empty()) roots.push_back(static_cast<int>(i));
    }
    std::ranges::sort(roots, {}, [&](int root) { return members_[root].front(); });
    done_ = Bits(items().size());
    result_.guarded_from = -1;
    std::size_t left = roots.size();
    while (left > 0) {
      // Updates run as soon as they can, while their gradient is in cache; all else in the order in
      // which it was written.
      int chosen = -1;
      for (int root : roots) {
        if (done_.contains(members_[root].front()) || !ready(root)) continue;
        if (chosen < 0 || assigns(root)) chosen = root;
        if (assigns(root)) break;
      }
      if (chosen < 0) throw Error("the graph's updates wait for each other");
      place(chosen);
      --left;
    }
    if (result_.guarded_from < 0) result_.guarded_from = static_cast<int>(result_.groups.size());
  }

  bool ready(int root) {
    return std::ranges::all_of(members_[root], [&](int item) {
      return std::ranges::all_of(
          before_[item], [&](int each) { return done_.contains(each) || group_of_[each] == root; });
    });
  }

  bool assigns(int root) {
    return std::ranges::any_of(members_[root],
                               [&](int item) { return assignment(item) != nullptr; });
  }

  void place(int root) {
    if (assigns(root) && result_.guarded_from < 0) {
      result_.guarded_from = static_cast<int>(result_.groups.size());
    }
    for (int item : members_[root]) done_.insert(item);
    result_.groups.push_back({members_[root]});
  }

  const Graph& graph_;
  const PassOptions& options_;
  std::set<int> fetched_;
  std::set<int> updates_;
  Order result_;
  int guard_item_ = -1;
  std::vector<std::vector<int>> before_;  // by item: what must run before it
  std::vector<Bits> ancestors_;
  std::vector<int> group_of_;
  std::vector<std::vector<int>> members_;  // by group; empty once joined to another
  Bits done_{0};
};

}  // namespace

std::vector<int> read_by(const Order& order, const Item& item) {
  std::vector<int> values;
  for (int id : item.inputs) {
    const auto found = order.streamed.find(id);
    if (found == order.streamed.end()) {
      values.push_back(id);
    } else {
      values.insert(values.end(), found->second.inputs.begin(), found->second.inputs.end());
    }
  }
  return values;
}

const Variable* variable_behind(const Graph& graph, int value) {
  const GraphNode* node = &graph.node_of(value);
  while (node->operation->view_offset()) node = &graph.node_of(node->inputs[0]);
  const auto* leaf = as<VariableLeaf>(*node->operation);
  return leaf == nullptr ? nullptr : &leaf->variable();
}

Order schedule_graph(const Graph& graph, std::span<const Value> fetches,
                     std::span<const Value> updates, const PassOptions& options) {
  return Scheduler(graph, fetches, updates, options).run();
}

}  // namespace hourglass
