#include <hourglass/core/error.hpp>
#include <hourglass/core/resident.hpp>
#include <hourglass/graph/all_finite.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/leaves.hpp>
#include <hourglass/graph/passes.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/graph/streamed.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

namespace hourglass {

namespace {

using onednn::Layout;

/// Where a tensor of a program is.
struct Place {
  enum class Kind { Arena, Variable, Derived, Input, Constant, Slot };
  Kind kind = Kind::Arena;
  Layout layout;
  std::size_t bytes = 0;
  int first = 0, last = 0;       // Arena: the steps that write it first and read it last
  std::size_t offset = 0;        // Arena
  int number = 0;                // Input, Constant, Slot
  Variable* variable = nullptr;  // Variable, Derived
  Variable::Derived* derived = nullptr;
  int parent = -1;  // a view of another place, from `view` bytes on
  std::size_t view = 0;
  Shape shape;
};

class ReorderKernel final : public Kernel {
 public:
  ReorderKernel(const Layout& from, const Layout& to) : primitive_(onednn::reorder(from, to)) {}
  void bind(const Binding& binding) override {
    primitive_.bind(onednn::Argument::Source, binding.inputs[0]);
    primitive_.bind(onednn::Argument::Destination, binding.outputs[0]);
    primitive_.bind_scratch(binding.scratch);
  }
  void run() override { primitive_.execute(); }
  std::size_t scratch_bytes() const override { return primitive_.scratch_bytes(); }
  std::string implementation() const override { return primitive_.implementation(); }

 private:
  onednn::Primitive primitive_;
};

struct Step {
  std::unique_ptr<Kernel> kernel;
  std::vector<int> inputs;   // places
  std::vector<int> outputs;  // places
  int scratch = -1;          // place
  StepReport report;
  std::vector<std::string> output_names;  // for traces
};

/// Whose new value an output of a step is.
struct Watch {
  int step;
  int output;
  Variable* variable;
};

struct InputTensor {
  std::string name;
  std::size_t size = 0;  // elements
  const float* memory = nullptr;
  std::vector<int> steps;  // those that read it
};

struct SlotNumber {
  std::shared_ptr<const Operation> leaf;
  const SlotLeaf* slot;
};

std::vector<std::int64_t> broadcast_strides(const Shape& shape, const Shape& domain) {
  std::vector<std::int64_t> strides(domain.rank(), 0);
  std::int64_t stride = 1;
  for (int i = 1; i <= shape.rank(); ++i) {
    const std::int64_t extent = shape[shape.rank() - i];
    if (extent != 1) strides[domain.rank() - i] = stride;
    stride *= extent;
  }
  return strides;
}

}  // namespace

struct Program::Impl {
  Arena& arena;
  std::vector<Place> places;
  std::vector<Step> steps;
  std::vector<InputTensor> inputs;
  std::vector<std::string> input_names;  // also of inputs that nothing needs
  std::vector<Tensor> constants;
  std::vector<SlotNumber> slots;
  std::vector<float> slot_numbers;
  std::vector<int> fetches;  // places
  std::vector<Variable*> assigned;
  std::vector<Watch> watches;
  std::vector<const Variable*> variables;  // that are read or moved
  std::vector<std::pair<Variable*, Variable::Derived*>> derived;
  int guard = -1;  // place
  std::size_t guarded_from = 0;
  std::size_t arena_bytes = 0;
  std::size_t code_bytes = 0;
  std::size_t kernel_bytes = 0;
  int bound_generation = -1;
  RunState state;
  std::vector<std::byte*> from, to;  // of the step that is bound: feeding a step allocates nothing

  explicit Impl(Arena& arena_) : arena(arena_) {}

  std::byte* address(int place) {
    Place& each = places[place];
    if (each.parent >= 0) return address(each.parent) + each.view;
    switch (each.kind) {
      case Place::Kind::Arena: return arena.memory() + each.offset;
      case Place::Kind::Variable: return each.variable->memory();
      case Place::Kind::Derived: return each.derived->memory.get();
      case Place::Kind::Input:
        return reinterpret_cast<std::byte*>(const_cast<float*>(inputs[each.number].memory));
      case Place::Kind::Constant: return constants[each.number].raw();
      case Place::Kind::Slot: return reinterpret_cast<std::byte*>(&slot_numbers[each.number]);
    }
    return nullptr;
  }

  void bind(Step& step) {
    from.clear();
    to.clear();
    for (int place : step.inputs) from.push_back(address(place));
    for (int place : step.outputs) to.push_back(address(place));
    step.kernel->bind({from, to, step.scratch < 0 ? nullptr : address(step.scratch), &state});
  }

  void bind_all() {
    for (Step& step : steps) bind(step);
    bound_generation = arena.generation();
  }

  void prepare(const RunState& next) {
    state = next;
    for (const InputTensor& input : inputs) {
      if (input.memory == nullptr) throw Error(text("input \"", input.name, "\" was not fed"));
    }
    if (bound_generation != arena.generation()) bind_all();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      slot_numbers[i] = static_cast<float>(slots[i].slot->at(state.step));
    }
    for (auto& [variable, copy] : derived) variable->refresh(*copy);
  }

  bool guard_holds() {
    if (guard < 0) return true;
    return std::isfinite(*reinterpret_cast<const float*>(address(guard))) &&
           std::ranges::all_of(variables, &Variable::is_finite) &&
           std::ranges::all_of(inputs, [](const InputTensor& each) {
             return all_finite({each.memory, each.size});
           });
  }

  void finish() {
    for (Variable* variable : assigned) variable->touch();
    for (const Watch& each : watches) {
      each.variable->set_finite((steps[each.step].kernel->spoilt_outputs() >> each.output & 1) ==
                                0);
    }
  }
};

namespace {

/// Makes a program from an order: chooses layouts, inserts reorders, creates kernels, plans memory.
class Compiler {
 public:
  Compiler(const Graph& graph, Program::Impl& program, const CompileOptions& options)
      : graph_(graph), program_(program), options_(options) {}

  void compile(std::span<const Value> fetches, std::span<const Value> updates) {
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

 private:
  friend class NodeLowering;

  /// A gradient is best made in the layout of the parameter that it moves.
  void note_preferences() {
    for (const Group& group : order_.groups) {
      const Variable* home = nullptr;
      for (int item : group.items) {
        if (const auto* assign = as<Assign>(*order_.items[item].operation))
          home = &assign->variable();
      }
      if (home == nullptr) continue;
      for (int item : group.items) {
        for (int id : order_.items[item].inputs) {
          if (graph_.shape(id) == home->shape()) preferred_[id] = home;
        }
      }
    }
  }

  bool streams(const Group& group) const {
    return std::ranges::any_of(group.items, [&](int item) {
      return std::ranges::any_of(order_.items[item].inputs,
                                 [&](int id) { return order_.streamed.contains(id); });
    });
  }

  /// A parameter whose gradient streams in by rows is plain at home, and so are its moments.
  void settle_streamed() {
    for (const Group& group : order_.groups) {
      if (!streams(group)) continue;
      for (int item : group.items) {
        const auto* assign = as<Assign>(*order_.items[item].operation);
        if (assign == nullptr || !assign->variable().home().is_any()) continue;
        assign->variable().settle(Layout::plain(assign->variable().shape()));
      }
    }
  }

  void note_variables() {
    std::set<const Variable*> variables;
    for (const Place& place : program_.places) variables.insert(place.variable);
    variables.erase(nullptr);
    program_.variables.assign(variables.begin(), variables.end());
  }

  Layout preferred(int value) const {
    const auto found = preferred_.find(value);
    return found == preferred_.end() || found->second->home().is_any() ? Layout()
                                                                       : found->second->home();
  }

  int add_place(Place place) {
    program_.places.push_back(std::move(place));
    return static_cast<int>(program_.places.size()) - 1;
  }

  int now() const { return static_cast<int>(program_.steps.size()); }

  int new_arena_place(const Shape& shape, const Layout& layout) {
    Place place;
    place.layout = layout;
    place.bytes = layout.bytes();
    place.first = place.last = now();
    place.shape = shape;
    return add_place(std::move(place));
  }

  void use(int place) {
    for (int each = place; each >= 0; each = program_.places[each].parent) {
      program_.places[each].last = std::max(program_.places[each].last, now());
    }
  }
  void keep(int place) {
    for (int each = place; each >= 0; each = program_.places[each].parent) {
      program_.places[each].last = 1 << 30;
    }
  }

  /// The places of a value, one a layout; the first is where it was made.
  std::vector<int>& placed(int value) {
    auto& list = placed_[value];
    if (list.empty()) list.push_back(place_leaf(value));
    return list;
  }

  int place_leaf(int value) {
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

  /// A single number that fills a tensor needs no memory of the tensor's size in a sweep.
  int place_filled(int value, float number) {
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

  Layout layout_of(int value) {
    const Place& place = program_.places[placed(value)[0]];
    return place.kind == Place::Kind::Variable ? place.variable->home() : place.layout;
  }

  /// The place where `value` can be read in `layout`, made by a reorder if there is none yet.
  int obtain(int value, const Layout& layout, const std::string& why) {
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

  /// Makes a kernel, counting what it takes on the heap.
  template <class Make>
  std::unique_ptr<Kernel> make(Make&& create) {
    const std::size_t before = heap_bytes();
    std::unique_ptr<Kernel> kernel = create();
    program_.kernel_bytes += std::max(heap_bytes(), before) - before;
    return kernel;
  }

  void push_reorder(int from, int to, const std::string& scope, const std::string& why) {
    const Layout source = program_.places[from].layout, target = program_.places[to].layout;
    Step step;
    step.kernel = make([&] { return std::make_unique<ReorderKernel>(source, target); });
    step.inputs = {from};
    step.outputs = {to};
    step.report.operation = "reorder";
    step.report.scope = scope;
    step.report.detail = text(source.to_text(), " -> ", target.to_text(), ", because ", why);
    step.output_names = {"reorder"};
    push(std::move(step));
  }

  int place_at_home(Variable& variable) {
    Place place;
    place.kind = Place::Kind::Variable;
    place.variable = &variable;
    place.layout = variable.home();
    place.bytes = place.layout.bytes();
    place.shape = variable.shape();
    return add_place(std::move(place));
  }

  /// Copies the old values that are fetched of variables that `group` is about to assign.
  void save_old_values(const Group& group, std::span<const Value> fetches) {
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

  void push(Step step) {
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
      step.scratch = add_place(std::move(scratch));
    }
    step.report.implementation = step.kernel->implementation();
    program_.steps.push_back(std::move(step));
  }

  int root_of(int place) const {
    while (program_.places[place].parent >= 0) place = program_.places[place].parent;
    return place;
  }

  void lower(const Group& group) {
    const Item& first = order_.items[group.items[0]];
    if (group.items.size() > 1 || first.operation->as_elementwise() != nullptr || streams(group)) {
      lower_sweep(group);
    } else if (first.operation->view_offset()) {
      lower_view(first);
    } else {
      lower_node(first);
    }
  }

  void lower_view(const Item& item) {
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

  bool read_outside(const Group& group, int value) const {
    const auto [first, last] = read_.equal_range(value);
    return std::any_of(first, last, [&](const auto& reader) {
      return std::ranges::find(group.items, reader.second) == group.items.end();
    });
  }

  void lower_node(const Item& item);
  void lower_sweep(const Group& group);

  void plan() {
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

  const Graph& graph_;
  Program::Impl& program_;
  const CompileOptions& options_;
  Order order_;
  std::map<int, const Variable*> preferred_;  // by value
  std::map<int, std::vector<int>> placed_;    // by value
  std::map<int, int> filled_;                 // by value
  std::map<int, int> saved_;                  // by value: the copy of what a variable was
  std::multimap<int, int> read_;              // value -> item that reads it, -1 for a caller
};

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
  Layout preferred_output(int output) const override {
    return compiler_.preferred(item_.outputs[output]);
  }
  void want(int input, const Layout& layout) override { wanted_[input] = layout; }
  void give(int output, const Layout& layout) override { given_[output] = layout; }

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

/// Builds one sweep: its inputs are the values that come from outside, its outputs those that
/// somebody outside reads, its layout the one that asks for the fewest reorders.
void Compiler::lower_sweep(const Group& group) {
  const Item& head = order_.items[group.items[0]];
  const bool head_folds = head.operation->as_reduction() != nullptr;
  const Shape domain = graph_.shape(head_folds ? head.inputs[0] : head.outputs[0]);

  std::vector<int> inside;  // values made here
  std::vector<int> outside;
  std::vector<int> streamed;
  std::set<int> zero;  // values that are zero where a layout has padding
  bool keeps_zero = true, all_full = true;
  Layout layout;
  for (int index : group.items) {
    const Item& item = order_.items[index];
    for (int id : item.inputs) {
      if (std::ranges::find(inside, id) != inside.end() ||
          std::ranges::find(outside, id) != outside.end())
        continue;
      if (order_.streamed.contains(id)) {
        streamed.push_back(id);
        inside.push_back(id);
        continue;
      }
      outside.push_back(id);
      const bool full = graph_.shape(id) == domain;
      if (!full && graph_.shape(id).size() != 1) all_full = false;
      if (!full || as<FilledLeaf>(*graph_.node_of(id).operation) != nullptr) continue;
      zero.insert(id);
      const Layout current = layout_of(id);
      if (!layout && !current.is_any() && !current.is_plain()) layout = current;
    }
    if (item.operation->as_reduction() != nullptr) {
      all_full = false;  // a fold needs to know its axes
      continue;
    }
    for (int id : item.outputs) inside.push_back(id);
    std::vector<bool> zero_inputs;
    for (int id : item.inputs) zero_inputs.push_back(zero.contains(id));
    const auto* assign = as<Assign>(*item.operation);
    if (assign != nullptr) {
      keeps_zero = keeps_zero && zero_inputs[0];
      if (!assign->variable().home().is_any()) layout = assign->variable().home();
    } else if (item.operation->as_elementwise()->gives_zero(zero_inputs)) {
      zero.insert(item.outputs.begin(), item.outputs.end());
    } else {
      keeps_zero = false;
    }
  }
  if (!layout || !all_full || !streamed.empty() || (layout.is_padded() && !keeps_zero)) {
    layout = Layout::plain(domain);
  }
  const bool plain = layout.is_plain();

  SweepPlan plan;
  plan.domain = plain ? domain : Shape{static_cast<std::int64_t>(layout.bytes() / sizeof(float))};
  const auto strides = [&](const Shape& shape) {
    if (plain) return broadcast_strides(shape, domain);
    return std::vector<std::int64_t>{shape == domain ? 1 : 0};
  };

  Step step;
  std::map<int, int> registers;  // by value
  for (int id : outside) {
    const int reg = static_cast<int>(plan.inputs.size());
    registers[id] = reg;
    const auto* filled = as<FilledLeaf>(*graph_.node_of(id).operation);
    const Shape shape = filled != nullptr ? Shape{} : graph_.shape(id);
    const int place = filled != nullptr
                          ? place_filled(id, filled->number())
                          : obtain(id, shape == domain ? layout : Layout::plain(shape),
                                   plain ? "an elementwise sweep over broadcast shapes is plain"
                                         : "an elementwise sweep has one layout");
    plan.inputs.push_back({reg, static_cast<int>(step.inputs.size()), strides(shape)});
    step.inputs.push_back(place);
  }

  for (int id : streamed) {
    const Item& source = order_.streamed.at(id);
    const int reg = static_cast<int>(plan.inputs.size() + plan.streams.size());
    registers[id] = reg;
    plan.streams.push_back({reg, static_cast<int>(step.inputs.size()),
                            static_cast<int>(source.inputs.size()),
                            source.operation->as_streamed()->source()});
    for (int input : source.inputs) {
      step.inputs.push_back(obtain(input, Layout::plain(graph_.shape(input)),
                                   text(source.operation->name(), " reads plain memory")));
    }
  }

  SweepBuilder builder(static_cast<int>(plan.inputs.size() + plan.streams.size()));
  for (int index : group.items) {
    const Item& item = order_.items[index];
    if (const Elementwise* elementwise = item.operation->as_elementwise()) {
      std::vector<int> from, to(item.outputs.size());
      for (int id : item.inputs) from.push_back(registers[id]);
      elementwise->emit(builder, from, to);
      for (std::size_t i = 0; i < to.size(); ++i) registers[item.outputs[i]] = to[i];
    }
  }
  builder.merge_pairs();

  int members = 0;
  std::vector<std::pair<int, Variable*>> moves;  // new values that are not in the home layout
  for (int index : group.items) {
    const Item& item = order_.items[index];
    const auto* assign = as<Assign>(*item.operation);
    const auto* reduction = item.operation->as_reduction();
    members += assign == nullptr;
    if (step.report.scope.empty()) step.report.scope = item.scope;
    if (assign != nullptr) {
      Variable& variable = assign->variable();
      if (variable.home().is_any()) variable.settle(layout);
      const bool at_home = variable.home() == layout;
      const int target = at_home ? place_at_home(variable) : new_arena_place(domain, layout);
      if (!at_home) moves.emplace_back(target, &variable);
      const int binding = static_cast<int>(step.outputs.size());
      plan.outputs.push_back({registers[item.outputs[0]], binding, strides(domain), true});
      program_.watches.push_back({now(), binding, &variable});
      step.outputs.push_back(target);
      step.output_names.push_back(text("update of ", variable.path()));
      step.report.update = true;
      program_.assigned.push_back(&variable);
      continue;
    }
    for (int id : item.outputs) {
      if (reduction == nullptr && !read_outside(group, id)) continue;
      const int place = new_arena_place(
          graph_.shape(id), reduction != nullptr ? Layout::plain(graph_.shape(id)) : layout);
      placed_[id] = {place};
      const int binding = static_cast<int>(step.outputs.size());
      step.outputs.push_back(place);
      step.output_names.push_back(item.operation->name());
      if (reduction == nullptr) {
        plan.outputs.push_back({registers[id], binding, strides(domain)});
        continue;
      }
      SweepPlan::Folding folding;
      const int kept = domain.rank() - reduction->folded_axes();
      std::vector<std::int64_t> fold_strides(domain.rank(), 0);
      std::int64_t stride = 1;
      for (int axis = kept; axis-- > 0;) {
        fold_strides[axis] = stride;
        stride *= domain[axis];
      }
      folding.tensor = {registers[item.inputs[0]], binding, std::move(fold_strides)};
      folding.fold = reduction->fold();
      folding.scale = reduction->scale();
      folding.size = stride;
      plan.foldings.push_back(std::move(folding));
    }
  }
  plan.instructions = builder.instructions();
  plan.registers = builder.registers();
  step.report.operation = members <= 1 ? head.operation->name() : text("sweep of ", members);
  if (members > 1) {
    std::string names;
    for (int index : group.items) {
      const Item& item = order_.items[index];
      if (as<Assign>(*item.operation) == nullptr) {
        names += text(names.empty() ? "" : " ", item.operation->name());
      }
    }
    step.report.detail = names;
  }
  for (int id : streamed) {
    step.report.detail += text(step.report.detail.empty() ? "" : "; ", "streams ",
                               order_.streamed.at(id).operation->name());
  }
  if (!plain) {
    step.report.detail += text(step.report.detail.empty() ? "" : "; ", layout.to_text());
  }
  step.kernel = make([&] { return make_sweep(std::move(plan)); });
  push(std::move(step));
  for (const auto& [place, variable] : moves) {
    push_reorder(place, place_at_home(*variable), head.scope,
                 text("the update of ", variable->path(), " is computed so"));
    program_.steps.back().report.update = true;
  }
}

}  // namespace

Program::Program(const Graph& graph, std::span<const Value> fetches, std::span<const Value> updates,
                 Arena& arena, const CompileOptions& options)
    : impl_(std::make_unique<Impl>(arena)) {
  const std::size_t before = generated_code_bytes();
  Compiler(graph, *impl_, options).compile(fetches, updates);
  impl_->code_bytes = std::max(generated_code_bytes(), before) - before;
  malloc_trim(0);  // what compiling needed for a moment goes back to the system
}

Program::Program(const Graph& graph, std::initializer_list<Value> fetches,
                 std::initializer_list<Value> updates, Arena& arena, const CompileOptions& options)
    : Program(graph, std::span(fetches.begin(), fetches.size()),
              std::span(updates.begin(), updates.size()), arena, options) {}

Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

bool Program::needs(std::string_view input) const {
  return std::ranges::any_of(impl_->inputs,
                             [&](const InputTensor& each) { return each.name == input; });
}

void Program::feed(std::string_view name, const float* memory) {
  if (std::ranges::find(impl_->input_names, name) == impl_->input_names.end()) {
    std::string names;
    for (const std::string& each : impl_->input_names) {
      names += text(names.empty() ? "" : ", ", "\"", each, "\"");
    }
    throw Error(text("the program has no input \"", name, "\"; there are ", names));
  }
  for (InputTensor& input : impl_->inputs) {
    if (input.name != name || input.memory == memory) continue;
    input.memory = memory;
    if (impl_->bound_generation < 0) continue;
    for (int step : input.steps) impl_->bind(impl_->steps[step]);
  }
}

bool Program::run(const RunState& state) {
  Impl& program = *impl_;
  program.prepare(state);
  const std::size_t count = program.steps.size();
  for (std::size_t i = 0; i < program.guarded_from; ++i) program.steps[i].kernel->run();
  if (!program.guard_holds()) return false;
  for (std::size_t i = program.guarded_from; i < count; ++i) program.steps[i].kernel->run();
  program.finish();
  return true;
}

void Program::profile(const RunState& state, std::vector<StepReport>& reports) {
  Impl& program = *impl_;
  program.prepare(state);
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    if (i == program.guarded_from && !program.guard_holds()) return;
    const auto start = std::chrono::steady_clock::now();
    program.steps[i].kernel->run();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    reports[i].seconds += elapsed.count();
  }
  program.finish();
}

const Variable* Program::spoilt() const {
  for (const Watch& each : impl_->watches) {
    if (!each.variable->is_finite()) return each.variable;
  }
  return nullptr;
}

std::span<const float> Program::fetched(int i) const {
  const int place = impl_->fetches[i];
  const std::int64_t size = impl_->places[place].shape.size();
  return {reinterpret_cast<const float*>(impl_->address(place)), static_cast<std::size_t>(size)};
}

MemoryReport Program::memory() const {
  MemoryReport report{impl_->arena_bytes, 0, impl_->code_bytes, impl_->kernel_bytes};
  for (const Tensor& constant : impl_->constants) report.constants += constant.bytes();
  return report;
}

std::vector<StepReport> Program::steps() const {
  std::vector<StepReport> reports;
  for (const Step& step : impl_->steps) reports.push_back(step.report);
  return reports;
}

std::vector<std::string> Program::warnings() const {
  std::vector<std::string> result;
  for (const Step& step : impl_->steps) {
    if (!onednn::is_reference(step.report.implementation)) continue;
    result.push_back(text(step.report.scope.empty() ? "the model" : step.report.scope, ": ",
                          step.report.operation, " runs oneDNN's slow reference code (",
                          step.report.implementation, ")"));
  }
  return result;
}

std::string Program::to_text() const {
  std::string out;
  int reorders = 0;
  for (const Step& step : impl_->steps) {
    const StepReport& report = step.report;
    std::string line = text("  ", report.operation);
    const auto pad = [&](std::size_t column) {
      line.append(line.size() < column ? column - line.size() : 1, ' ');
    };
    pad(26);
    line += report.scope;
    pad(46);
    line += report.implementation;
    pad(76);
    for (int place : step.outputs) line += text(impl_->places[place].shape.to_text(), " ");
    if (!report.detail.empty()) line += text("(", report.detail, ")");
    out += text(line, "\n");
    reorders += report.operation == "reorder";
  }
  for (const auto& [variable, copy] : impl_->derived) {
    out += text("  derived copy of ", variable->path(), " as ", copy->layout.to_text(),
                ", at home it is ", variable->home().to_text(), "\n");
  }
  const MemoryReport bytes = memory();
  return out + text("  ", impl_->steps.size(), " kernels, ", reorders, " reorders, ",
                    bytes.arena / 1024, " KiB of arena, ", bytes.constants / 1024,
                    " KiB of constants, ", bytes.code / 1024, " KiB of generated code, ",
                    bytes.kernels / 1024, " KiB of kernels\n");
}

std::string Program::find_nonfinite(const RunState& state) {
  Impl& program = *impl_;
  program.prepare(state);
  const auto describe = [&](int number) {
    const Place& place = program.places[number];
    Tensor plain(place.shape);
    onednn::reorder_now(place.layout, program.address(number), Layout::plain(place.shape),
                        plain.raw());
    const auto values = plain.floats();
    const auto bad = std::ranges::find_if_not(values, [](float x) { return std::isfinite(x); });
    if (bad == values.end()) return std::string();
    std::string at;
    std::int64_t rest = bad - values.begin();
    for (int axis = place.shape.rank(); axis-- > 0;) {
      at = text(rest % place.shape[axis], at.empty() ? "" : ", ", at);
      rest /= place.shape[axis];
    }
    const char* what = std::isnan(*bad) ? "nan" : *bad > 0 ? "inf" : "-inf";
    return text(place.shape.to_text(), ", is ", what, " at [", at, "]");
  };
  for (const Place& place : program.places) {
    if (place.parent >= 0 ||
        (place.kind != Place::Kind::Input && place.kind != Place::Kind::Variable))
      continue;
    const int index = static_cast<int>(&place - program.places.data());
    const std::string found = describe(index);
    if (found.empty()) continue;
    return place.kind == Place::Kind::Input
               ? text("the input \"", program.inputs[place.number].name, "\", ", found)
               : text("the variable \"", place.variable->path(), "\", ", found);
  }
  for (Step& step : program.steps) {
    if (step.report.update) continue;
    step.kernel->run();
    for (std::size_t i = 0; i < step.outputs.size(); ++i) {
      const std::string found = describe(step.outputs[i]);
      if (found.empty()) continue;
      return text(step.report.scope.empty() ? "" : text(step.report.scope, ": "), "the output of ",
                  step.output_names[i], ", ", found);
    }
  }
  return {};
}

}  // namespace hourglass
