#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/compiler.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/streamed.hpp>
#include <hourglass/graph/sweep.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace hourglass {

using onednn::Layout;

namespace {

/// The strides, in elements, of a plain tensor that is broadcast over a domain of `rank` axes.
std::vector<std::int64_t> broadcast_strides(const Shape& shape, int rank) {
  std::vector<std::int64_t> strides(rank, 0);
  std::int64_t stride = 1;
  for (int i = 1; i <= shape.rank(); ++i) {
    const std::int64_t extent = shape[shape.rank() - i];
    if (extent != 1) strides[rank - i] = stride;
    stride *= extent;
  }
  return strides;
}

/// The result of a fold has the axes that are kept, and stands where it is along those folded.
std::vector<std::int64_t> folded_strides(const Shape& domain, const std::vector<int>& folded) {
  std::vector<std::int64_t> strides(domain.rank(), 0);
  std::int64_t stride = 1;
  for (int axis = domain.rank(); axis-- > 0;) {
    if (std::ranges::find(folded, axis) != folded.end()) continue;
    strides[axis] = stride;
    stride *= domain[axis];
  }
  return strides;
}

bool contains(const std::vector<int>& list, int value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

/// Builds one sweep: its inputs are the values that come from outside, its outputs those that
/// somebody outside reads, its layout the one that asks for the fewest reorders.
class SweepLowering {
 public:
  SweepLowering(Compiler& compiler, const Group& group) : compiler_(compiler), group_(group) {
    const Item& head = item(group.items[0]);
    const bool folds = head.operation->as_reduction() != nullptr;
    domain_ = compiler.graph_.shape(folds ? head.inputs[0] : head.outputs[0]);
  }

  void lower() {
    find_inputs();
    choose_layout();
    choose_shares();
    read_inputs();
    read_streams();
    write_instructions();
    for (const int index : group_.items) write_outputs(item(index));
    describe();
    step_.kernel = compiler_.make([&] { return make_sweep(std::move(plan_)); });
    compiler_.push(std::move(step_));
    bring_home();
  }

 private:
  const Item& item(int index) const { return compiler_.order_.items[index]; }
  const Shape& shape(int value) const { return compiler_.graph_.shape(value); }
  const FilledLeaf* filled(int value) const {
    return as<FilledLeaf>(*compiler_.graph_.node_of(value).operation);
  }
  static const Assign* assignment(const Item& item) { return as<Assign>(*item.operation); }

  void find_inputs() {
    std::vector<int> made;
    for (const int index : group_.items) {
      for (const int id : item(index).inputs) {
        if (contains(made, id) || contains(inputs_, id) || contains(streamed_, id)) continue;
        (compiler_.order_.streamed.contains(id) ? streamed_ : inputs_).push_back(id);
      }
      if (item(index).operation->as_reduction() != nullptr) continue;
      made.insert(made.end(), item(index).outputs.begin(), item(index).outputs.end());
    }
  }

  /// The layout of an assigned variable, else of the first input that is not plain, unless
  /// something needs plain memory: a stream; padding that would not stay zero, or where some tensor
  /// has none; a fold that keeps the axis along which elements stand, and that is long.
  void choose_layout() {
    bool all_full = true, keeps_zero = true;
    std::set<int> kept;  // axes that a fold keeps
    std::set<int> zero;  // values that are zero where a layout has padding
    for (const int id : inputs_) {
      const bool full = shape(id) == domain_;
      if (!full && shape(id).size() != 1) all_full = false;
      if (!full || filled(id) != nullptr) continue;
      zero.insert(id);
      const Layout current = compiler_.layout_of(id);
      if (!layout_ && !current.is_any() && !current.is_plain()) layout_ = current;
    }
    for (const int index : group_.items) {
      const Item& each = item(index);
      if (const Reduction* reduction = each.operation->as_reduction()) {
        const std::vector<int>& folded = reduction->swept_axes();
        for (int axis = 0; axis < domain_.rank(); ++axis) {
          if (!contains(folded, axis)) kept.insert(axis);
        }
        all_full = false;  // padding would be folded too
        continue;
      }
      std::vector<bool> zero_inputs;
      for (const int id : each.inputs) zero_inputs.push_back(zero.contains(id));
      if (const Assign* assign = assignment(each)) {
        keeps_zero = keeps_zero && zero_inputs[0];
        if (!assign->variable().home().is_any()) layout_ = assign->variable().home();
      } else if (each.operation->as_elementwise()->gives_zero(zero_inputs)) {
        zero.insert(each.outputs.begin(), each.outputs.end());
      } else {
        keeps_zero = false;
      }
    }
    if (!layout_ || !streamed_.empty() || (layout_.is_padded() && !(all_full && keeps_zero))) {
      layout_ = Layout::plain(domain_);
    }
    if (!layout_.is_plain()) {
      const onednn::MemoryAxis last = layout_.memory_axes().back();
      if (kept.contains(last.axis) && last.extent >= kLongRow) layout_ = Layout::plain(domain_);
    }
    set_domain();
  }

  void choose_shares() {
    // Of a thread: shorter rows cost more than they save.
    constexpr std::int64_t kLeastColumns = 256;
    plan_.by_columns = thread_count() > 1 && layout_.is_plain() && streamed_.empty() &&
                       domain_.rank() == 2 && domain_[1] / thread_count() >= kLeastColumns &&
                       std::ranges::any_of(inputs_, [&](int id) {
                         return shape(id) == domain_ && compiler_.by_columns_.contains(id);
                       });
  }

  /// The sweep goes over memory in its order.
  void set_domain() {
    if (layout_.is_plain()) {
      plan_.domain = domain_;
    } else if (layout_.is_padded()) {
      plan_.domain = Shape{static_cast<std::int64_t>(layout_.bytes() / sizeof(float))};
    } else {
      axes_ = layout_.memory_axes();
      std::vector<std::int64_t> extents;
      for (const onednn::MemoryAxis& each : axes_) extents.push_back(each.extent);
      plan_.domain = Shape(extents);
    }
  }

  /// From strides along logical axes to those along memory's.
  std::vector<std::int64_t> along_memory(const std::vector<std::int64_t>& strides) const {
    if (layout_.is_plain()) return strides;
    std::vector<std::int64_t> result;
    for (const onednn::MemoryAxis& each : axes_) {
      result.push_back(strides[each.axis] * each.step);
    }
    return result;
  }

  /// Those of a tensor of the domain's shape, or of a plain one that is broadcast over it.
  std::vector<std::int64_t> strides(const Shape& shape) const {
    if (shape != domain_ || layout_.is_plain()) {
      if (layout_.is_padded()) return {0};
      return along_memory(broadcast_strides(shape, domain_.rank()));
    }
    if (layout_.is_padded()) return {1};
    std::vector<std::int64_t> result;
    for (const onednn::MemoryAxis& each : axes_) result.push_back(each.stride);
    return result;
  }

  void read_inputs() {
    for (const int id : inputs_) {
      const FilledLeaf* number = filled(id);
      const Shape read = number != nullptr ? Shape{} : shape(id);
      const int place =
          number != nullptr
              ? compiler_.place_filled(id, number->number())
              : compiler_.obtain(id, read == domain_ ? layout_ : Layout::plain(read),
                                 layout_.is_plain()
                                     ? "an elementwise sweep over broadcast shapes is plain"
                                     : "an elementwise sweep has one layout");
      plan_.inputs.push_back({new_register(id), bound_inputs(), strides(read)});
      step_.inputs.push_back(place);
    }
  }

  void read_streams() {
    for (const int id : streamed_) {
      const Item& source = compiler_.order_.streamed.at(id);
      plan_.streams.push_back({new_register(id), bound_inputs(),
                               static_cast<int>(source.inputs.size()),
                               source.operation->as_streamed()->source()});
      for (const int input : source.inputs) {
        step_.inputs.push_back(
            compiler_.obtain(input, Layout::plain(shape(input)),
                             text(source.operation->name(), " reads plain memory")));
      }
    }
  }

  int bound_inputs() const { return static_cast<int>(step_.inputs.size()); }
  int bound_outputs() const { return static_cast<int>(step_.outputs.size()); }
  int new_register(int value) {
    const int reg = static_cast<int>(registers_.size());
    return registers_[value] = reg;
  }

  void write_instructions() {
    SweepBuilder builder(static_cast<int>(registers_.size()));
    for (const int index : group_.items) {
      const Item& each = item(index);
      const Elementwise* elementwise = each.operation->as_elementwise();
      if (elementwise == nullptr) continue;
      std::vector<int> from, to(each.outputs.size());
      for (const int id : each.inputs) from.push_back(registers_[id]);
      elementwise->emit(builder, from, to);
      for (std::size_t i = 0; i < to.size(); ++i) registers_[each.outputs[i]] = to[i];
    }
    builder.merge_pairs();
    plan_.instructions = builder.instructions();
    plan_.registers = builder.registers();
  }

  void write_outputs(const Item& each) {
    if (const Assign* assign = assignment(each)) return write_variable(each, assign->variable());
    const auto* reduction = each.operation->as_reduction();
    for (const int id : each.outputs) {
      if (reduction == nullptr && !compiler_.read_outside(group_, id)) continue;
      if (reduction != nullptr) {
        SweepPlan::Folding folding;
        folding.tensor.reg = registers_[each.inputs[0]];
        folding.tensor.binding = bound_outputs();
        folding.tensor.strides = along_memory(folded_strides(domain_, reduction->swept_axes()));
        folding.fold = reduction->fold();
        folding.scale = reduction->scale();
        folding.size = shape(id).size();
        plan_.foldings.push_back(std::move(folding));
      } else {
        plan_.outputs.push_back({registers_[id], bound_outputs(), strides(domain_)});
        if (plan_.by_columns) compiler_.by_columns_.insert(id);
      }
      const int place = compiler_.new_arena_place(
          shape(id), reduction != nullptr ? Layout::plain(shape(id)) : layout_);
      compiler_.placed_[id] = {place};
      step_.outputs.push_back(place);
      step_.output_names.push_back(each.operation->name());
    }
  }

  void write_variable(const Item& each, Variable& variable) {
    if (variable.home().is_any()) variable.settle(layout_);
    const bool at_home = variable.home() == layout_;
    const int target =
        at_home ? compiler_.place_at_home(variable) : compiler_.new_arena_place(domain_, layout_);
    if (!at_home) homeless_.emplace_back(target, &variable);
    plan_.outputs.push_back({registers_[each.outputs[0]], bound_outputs(), strides(domain_), true});
    compiler_.program_.watches.push_back({compiler_.now(), bound_outputs(), &variable});
    compiler_.program_.assigned.push_back(&variable);
    step_.outputs.push_back(target);
    step_.output_names.push_back(text("update of ", variable.path()));
    step_.report.update = true;
  }

  void describe() {
    std::vector<std::string> names;
    for (const int index : group_.items) {
      if (step_.report.scope.empty()) step_.report.scope = item(index).scope;
      if (assignment(item(index)) == nullptr) names.push_back(item(index).operation->name());
    }
    step_.report.operation = item(group_.items[0]).operation->name();
    if (names.size() > 1) {
      step_.report.operation = text("sweep of ", names.size());
      for (const std::string& name : names) {
        step_.report.detail += text(step_.report.detail.empty() ? "" : " ", name);
      }
    }
    for (const int id : streamed_) {
      note(text("streams ", compiler_.order_.streamed.at(id).operation->name()));
    }
    if (!layout_.is_plain()) note(layout_.to_text());
  }

  void note(const std::string& what) {
    step_.report.detail += text(step_.report.detail.empty() ? "" : "; ", what);
  }

  /// Puts new values that were computed in another layout where their variables are at home.
  void bring_home() {
    for (const auto& [place, variable] : homeless_) {
      compiler_.push_reorder(place, compiler_.place_at_home(*variable), item(group_.items[0]).scope,
                             text("the update of ", variable->path(), " is computed so"));
      compiler_.program_.steps.back().report.update = true;
    }
  }

  Compiler& compiler_;
  const Group& group_;
  Shape domain_;
  std::vector<int> inputs_;    // values that come from outside
  std::vector<int> streamed_;  // values that are made as they are read
  Layout layout_;
  std::vector<onednn::MemoryAxis> axes_;  // of a layout that is neither plain nor padded
  std::map<int, int> registers_;          // by value
  std::vector<std::pair<int, Variable*>> homeless_;
  SweepPlan plan_;
  Step step_;
};

void Compiler::lower_sweep(const Group& group) { SweepLowering(*this, group).lower(); }

}  // namespace hourglass
