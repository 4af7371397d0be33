#include <hourglass/graph/compiler.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace hourglass {

using onednn::Layout;

void Compiler::compile(std::span<const Value> fetches, std::span<const Value> updates) {
  order_ = schedule_graph(graph_, fetches, updates,
                          {.fuse = options_.fuse && !options_.trace,
                           .guard = options_.guard ? options_.guard->id() : -1});
  program_.guarded_from = static_cast<std::size_t>(-1);
  for (const Value& fetch : fetches) read_.insert({fetch.id(), -1});
  if (options_.guard) read_.insert({options_.guard->id(), -1});
  for (std::size_t i = 0; i < order_.items.size(); ++i) {
    for (int id : read_by(order_, order_.items[i])) read_.insert({id, static_cast<int>(i)});
  }
  for (const GraphNode& node : graph_.nodes()) {
    if (const auto* input = as<InputLeaf>(*node.operation)) {
      program_.input_names.push_back(input->label());
    }
  }
  note_preferences();
  settle_streamed();
  for (std::size_t i = 0; i < order_.groups.size(); ++i) {
    save_old_values(order_.groups[i], fetches);
    if (static_cast<int>(i) == order_.guarded_from) program_.guarded_from = program_.steps.size();
    lower(order_.groups[i]);
  }
  program_.guarded_from = std::min(program_.guarded_from, program_.steps.size());
  for (const Value& fetch : fetches) {
    const auto saved = saved_.find(fetch.id());
    const int place = saved != saved_.end()
                          ? saved->second
                          : obtain(fetch.id(), Layout::plain(fetch.shape()), "a result is plain");
    keep(place);
    program_.fetches.push_back(place);
  }
  if (options_.guard) {
    program_.guard = obtain(options_.guard->id(), Layout::plain({}), "the guard is a number");
    keep(program_.guard);
  }
  note_variables();
  plan();
}

void Compiler::note_preferences() {
  for (const Group& group : order_.groups) {
    const Variable* home = nullptr;
    for (int item : group.items) {
      if (const auto* assign = as<Assign>(*order_.items[item].operation)) {
        home = &assign->variable();
        updated_.insert(home);
      }
    }
    if (home == nullptr) continue;
    for (int item : group.items) {
      for (int id : order_.items[item].inputs) {
        if (graph_.shape(id) == home->shape()) preferred_[id] = home;
      }
    }
  }
}

bool Compiler::streams(const Group& group) const {
  return std::ranges::any_of(group.items, [&](int item) {
    return std::ranges::any_of(order_.items[item].inputs,
                               [&](int id) { return order_.streamed.contains(id); });
  });
}

void Compiler::settle_streamed() {
  for (const Group& group : order_.groups) {
    if (!streams(group)) continue;
    for (int item : group.items) {
      const auto* assign = as<Assign>(*order_.items[item].operation);
      if (assign == nullptr || !assign->variable().home().is_any()) continue;
      assign->variable().settle(Layout::plain(assign->variable().shape()));
    }
  }
}

void Compiler::note_variables() {
  std::set<const Variable*> variables;
  for (const Place& place : program_.places) variables.insert(place.variable);
  variables.erase(nullptr);
  program_.variables.assign(variables.begin(), variables.end());
}

Layout Compiler::preferred(int value) const {
  const auto found = preferred_.find(value);
  return found == preferred_.end() || found->second->home().is_any() ? Layout()
                                                                     : found->second->home();
}

int Compiler::add_place(Place place) {
  program_.places.push_back(std::move(place));
  return static_cast<int>(program_.places.size()) - 1;
}

int Compiler::new_arena_place(const Shape& shape, const Layout& layout) {
  Place place;
  place.layout = layout;
  place.bytes = layout.bytes();
  place.first = place.last = now();
  place.shape = shape;
  program_.value_bytes += place.bytes;
  return add_place(std::move(place));
}

void Compiler::use(int place) {
  for (int each = place; each >= 0; each = program_.places[each].parent) {
    program_.places[each].last = std::max(program_.places[each].last, now());
  }
}

void Compiler::keep(int place) {
  for (int each = place; each >= 0; each = program_.places[each].parent) {
    program_.places[each].last = 1 << 30;
  }
}

std::vector<int>& Compiler::placed(int value) {
  auto& list = placed_[value];
  if (list.empty()) list.push_back(place_leaf(value));
  return list;
}

int Compiler::place_leaf(int value) {
  const GraphNode& node = graph_.node_of(value);
  const Shape& shape = graph_.shape(value);
  Place place;
  place.layout = Layout::plain(shape);
  place.bytes = place.layout.bytes();
  place.shape = shape;
  if (const auto* input = as<InputLeaf>(*node.operation)) {
    place.kind = Place::Kind::Input;
    place.number = static_cast<int>(program_.inputs.size());
    program_.inputs.push_back(
        {input->label(), static_cast<std::size_t>(shape.size()), nullptr, {}});
  } else if (const auto* variable = as<VariableLeaf>(*node.operation)) {
    place.kind = Place::Kind::Variable;
    place.variable = &variable->variable();
    place.layout = place.variable->home();
  } else if (const auto* slot = as<SlotLeaf>(*node.operation)) {
    place.kind = Place::Kind::Slot;
    place.number = static_cast<int>(program_.slots.size());
    program_.slots.push_back({node.operation, slot});
    program_.slot_numbers.push_back(0);
  } else {
    place.kind = Place::Kind::Constant;
    place.number = static_cast<int>(program_.constants.size());
    if (const auto* constant = as<ConstantLeaf>(*node.operation)) {
      program_.constants.push_back(constant->tensor());
    } else {
      Tensor filled(shape);
      std::ranges::fill(filled.floats(), as<FilledLeaf>(*node.operation)->number());
      program_.constants.push_back(std::move(filled));
    }
  }
  return add_place(std::move(place));
}

int Compiler::place_filled(int value, float number) {
  auto [found, fresh] = filled_.try_emplace(value, 0);
  if (fresh) {
    Place place;
    place.kind = Place::Kind::Constant;
    place.layout = Layout::plain({});
    place.bytes = sizeof(float);
    place.number = static_cast<int>(program_.constants.size());
    Tensor tensor{Shape{}};
    tensor.floats()[0] = number;
    program_.constants.push_back(std::move(tensor));
    found->second = add_place(std::move(place));
  }
  return found->second;
}

Layout Compiler::layout_of(int value) {
  const Place& place = program_.places[placed(value)[0]];
  return place.kind == Place::Kind::Variable ? place.variable->home() : place.layout;
}

int Compiler::obtain(int value, const Layout& layout, const std::string& why) {
  const int origin = placed(value)[0];
  Place& source = program_.places[origin];
  if (source.kind == Place::Kind::Variable && source.layout.is_any()) {
    source.variable->settle(layout);
    source.layout = source.variable->home();
    source.bytes = source.layout.bytes();
  }
  for (int place : placed(value)) {
    if (program_.places[place].layout == layout) return place;
  }
  int result;
  if (source.kind == Place::Kind::Variable) {
    Variable* variable = source.variable;
    Place copy;
    copy.kind = Place::Kind::Derived;
    copy.variable = variable;
    copy.derived = &variable->derive(layout);
    copy.layout = layout;
    copy.shape = source.shape;
    program_.derived.emplace_back(variable, copy.derived);
    result = add_place(std::move(copy));
  } else {
    const Shape shape = source.shape;
    result = new_arena_place(shape, layout);
    push_reorder(origin, result, graph_.node_of(value).scope, why);
  }
  placed(value).push_back(result);
  return result;
}

void Compiler::push_reorder(int from, int to, const std::string& scope, const std::string& why) {
  const Layout source = program_.places[from].layout, target = program_.places[to].layout;
  Step step;
  step.kernel = make([&] {
    return std::make_unique<PrimitiveKernel>(onednn::reorder(source, target),
                                             std::vector{onednn::Argument::Source},
                                             std::vector{onednn::Argument::Destination});
  });
  step.inputs = {from};
  step.outputs = {to};
  step.report.operation = "reorder";
  step.report.scope = scope;
  step.report.detail = text(source.to_text(), " -> ", target.to_text(), ", because ", why);
  step.output_names = {"reorder"};
  push(std::move(step));
}

int Compiler::place_at_home(Variable& variable) {
  Place place;
  place.kind = Place::Kind::Variable;
  place.variable = &variable;
  place.layout = variable.home();
  place.bytes = place.layout.bytes();
  place.shape = variable.shape();
  return add_place(std::move(place));
}

void Compiler::save_old_values(const Group& group, std::span<const Value> fetches) {
  for (int index : group.items) {
    const auto* assign = as<Assign>(*order_.items[index].operation);
    if (assign == nullptr) continue;
    for (const Value& fetch : fetches) {
      if (saved_.contains(fetch.id()) ||
          variable_behind(graph_, fetch.id()) != &assign->variable()) {
        continue;
      }
      const int old = obtain(fetch.id(), Layout::plain(fetch.shape()), "a result is plain");
      if (program_.places[root_of(old)].kind != Place::Kind::Variable) continue;
      const int copy = new_arena_place(fetch.shape(), Layout::plain(fetch.shape()));
      push_reorder(old, copy, graph_.node_of(fetch.id()).scope, "the old value is a result");
      saved_[fetch.id()] = copy;
    }
  }
}

void Compiler::push(Step step) {
  for (int place : step.inputs) {
    use(place);
    const int root = root_of(place);
    if (program_.places[root].kind == Place::Kind::Input) {
      program_.inputs[program_.places[root].number].steps.push_back(now());
    }
  }
  for (int place : step.outputs) use(place);
  if (const std::size_t bytes = step.kernel->scratch_bytes(); bytes > 0) {
    Place scratch;
    scratch.bytes = bytes;
    scratch.first = scratch.last = now();
    program_.scratch_bytes += bytes;
    step.scratch = add_place(std::move(scratch));
  }
  step.report.implementation = step.kernel->implementation();
  program_.steps.push_back(std::move(step));
}

int Compiler::root_of(int place) const {
  while (program_.places[place].parent >= 0) place = program_.places[place].parent;
  return place;
}

void Compiler::lower(const Group& group) {
  const Item& first = order_.items[group.items[0]];
  if (group.items.size() > 1 || first.operation->as_elementwise() != nullptr || streams(group)) {
    lower_sweep(group);
  } else if (first.operation->view_offset()) {
    lower_view(first);
  } else {
    lower_node(first);
  }
}

void Compiler::lower_view(const Item& item) {
  const Shape& shape = graph_.shape(item.outputs[0]);
  const int from = obtain(item.inputs[0], Layout::plain(graph_.shape(item.inputs[0])),
                          text(item.operation->name(), " looks at plain memory"));
  Place view;
  view.layout = Layout::plain(shape);
  view.bytes = view.layout.bytes();
  view.shape = shape;
  view.parent = from;
  view.view = static_cast<std::size_t>(*item.operation->view_offset()) * sizeof(float);
  use(from);
  placed_[item.outputs[0]] = {add_place(std::move(view))};
}

bool Compiler::read_outside(const Group& group, int value) const {
  const auto [first, last] = read_.equal_range(value);
  return std::any_of(first, last, [&](const auto& reader) {
    return std::ranges::find(group.items, reader.second) == group.items.end();
  });
}

void Compiler::plan() {
  std::vector<Lifetime> lifetimes;
  std::vector<int> which;
  const int end = now();
  for (std::size_t i = 0; i < program_.places.size(); ++i) {
    const Place& place = program_.places[i];
    if (place.kind != Place::Kind::Arena || place.parent >= 0) continue;
    lifetimes.push_back(
        {place.bytes, options_.trace ? 0 : place.first, options_.trace ? end : place.last});
    which.push_back(static_cast<int>(i));
  }
  const MemoryPlan memory = plan_memory(lifetimes);
  for (std::size_t i = 0; i < which.size(); ++i) {
    program_.places[which[i]].offset = memory.offsets[i];
  }
  program_.arena_bytes = memory.bytes;
  program_.arena.reserve(memory.bytes);
}

/// One node's view of the compiler.
class NodeLowering final : public Lowering {
 public:
  NodeLowering(Compiler& compiler, const Item& item) : compiler_(compiler), item_(item) {
    for (int id : item.inputs) wanted_.push_back(Layout::plain(compiler.graph_.shape(id)));
    for (int id : item.outputs) given_.push_back(Layout::plain(compiler.graph_.shape(id)));
  }
  int inputs() const override { return static_cast<int>(wanted_.size()); }
  int outputs() const override { return static_cast<int>(given_.size()); }
  const Shape& input_shape(int input) const override {
    return compiler_.graph_.shape(item_.inputs[input]);
  }
  const Shape& output_shape(int output) const override {
    return compiler_.graph_.shape(item_.outputs[output]);
  }
  Layout input_layout(int input) const override { return compiler_.layout_of(item_.inputs[input]); }
  bool is_updated(int input) const override {
    const Variable* variable = variable_behind(compiler_.graph_, item_.inputs[input]);
    return variable != nullptr && compiler_.updated_.contains(variable);
  }
  bool is_read(int output) const override {
    return compiler_.options_.trace || compiler_.read_.contains(item_.outputs[output]);
  }
  Layout preferred_output(int output) const override {
    return compiler_.preferred(item_.outputs[output]);
  }
  void settle(int input, const Layout& layout) override {
    const int id = item_.inputs[input];
    if (compiler_.layout_of(id).is_any()) compiler_.obtain(id, layout, "");
  }
  void want(int input, const Layout& layout) override { wanted_[input] = layout; }
  void give(int output, const Layout& layout) override { given_[output] = layout; }
  void give_by_columns(int output) override { compiler_.by_columns_.insert(item_.outputs[output]); }

  const Layout& wanted(int input) const { return wanted_[input]; }
  const Layout& given(int output) const { return given_[output]; }

 private:
  Compiler& compiler_;
  const Item& item_;
  std::vector<Layout> wanted_;
  std::vector<Layout> given_;
};

void Compiler::lower_node(const Item& item) {
  NodeLowering lowering(*this, item);
  if (std::ranges::all_of(item.outputs, [&](int id) { return graph_.shape(id).size() == 0; })) {
    // An empty batch: nothing to compute, and oneDNN would divide by its size.
    for (int id : item.outputs) {
      placed_[id] = {new_arena_place(graph_.shape(id), Layout::plain(graph_.shape(id)))};
    }
    return;
  }
  Step step;
  step.kernel = make([&] { return item.operation->lower(lowering); });
  step.report.operation = item.operation->name();
  const std::string attributes = item.operation->attributes();
  if (!attributes.empty()) step.report.operation += text("<", attributes, ">");
  step.report.scope = item.scope;
  for (int i = 0; i < lowering.inputs(); ++i) {
    step.inputs.push_back(
        obtain(item.inputs[i], lowering.wanted(i), text(item.operation->name(), " wants it so")));
    if (!lowering.wanted(i).is_plain()) {
      step.report.detail += text(step.report.detail.empty() ? "" : "; ", "input ", i, " ",
                                 lowering.wanted(i).to_text());
    }
  }
  for (int i = 0; i < lowering.outputs(); ++i) {
    const int place = new_arena_place(graph_.shape(item.outputs[i]), lowering.given(i));
    placed_[item.outputs[i]] = {place};
    step.outputs.push_back(place);
    step.output_names.push_back(item.operation->name());
    if (!lowering.given(i).is_plain()) {
      step.report.detail += text(step.report.detail.empty() ? "" : "; ", "output ", i, " ",
                                 lowering.given(i).to_text());
    }
  }
  push(std::move(step));
}

}  // namespace hourglass
