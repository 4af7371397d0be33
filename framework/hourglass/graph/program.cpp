#include <hourglass/core/error.hpp>
#include <hourglass/core/resident.hpp>
#include <hourglass/graph/all_finite.hpp>
#include <hourglass/graph/compiler.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {

using onednn::Layout;

std::byte* Program::Impl::address(int place) {
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

void Program::Impl::bind(Step& step) {
  from.clear();
  to.clear();
  for (int place : step.inputs) from.push_back(address(place));
  for (int place : step.outputs) to.push_back(address(place));
  step.kernel->bind({from, to, step.scratch < 0 ? nullptr : address(step.scratch), &state});
}

void Program::Impl::bind_all() {
  for (Step& step : steps) bind(step);
  bound_generation = arena.generation();
}

void Program::Impl::prepare(const RunState& next) {
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

bool Program::Impl::guard_holds() {
  if (guard < 0) return true;
  return std::isfinite(*reinterpret_cast<const float*>(address(guard))) &&
         std::ranges::all_of(variables, &Variable::is_finite) &&
         std::ranges::all_of(inputs, [](const InputTensor& each) {
           return all_finite({each.memory, each.size});
         });
}

void Program::Impl::finish() {
  for (Variable* variable : assigned) variable->touch();
  for (const Watch& each : watches) {
    each.variable->set_finite(!steps[each.step].kernel->is_spoilt(each.output));
  }
}

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
  MemoryReport report;
  report.arena = impl_->arena_bytes;
  report.values = impl_->value_bytes;
  report.scratch = impl_->scratch_bytes;
  report.code = impl_->code_bytes;
  report.kernels = impl_->kernel_bytes;
  for (const Tensor& constant : impl_->constants) report.constants += constant.bytes();
  return report;
}

std::string sharing_text(const MemoryReport& memory) {
  // The arena's rounding to cache lines shows where there are but a few numbers.
  const std::size_t alone = std::max(memory.values + memory.scratch, memory.arena);
  const double part =
      alone == 0 ? 1 : static_cast<double>(memory.arena) / static_cast<double>(alone);
  return text(std::round(100 * part), " % of what its tensors would take without sharing");
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
  return out + text("  ", impl_->steps.size(), " kernels, ", reorders,
                    reorders == 1 ? " reorder, " : " reorders, ", bytes.arena / 1024,
                    " KiB of arena, ", sharing_text(bytes), ", ", bytes.constants / 1024,
                    " KiB of constants, ", bytes.code / 1024, " KiB of generated code, ",
                    bytes.kernels / 1024, " KiB of kernels\n");
}

std::string Program::find_nonfinite(const RunState& state) {
  Impl& program = *impl_;
  program.prepare(state);
  const auto describe = [&](int number) {
    const Place& place = program.places[number];
    if (place.layout.shape() != place.shape) return std::string();  // a workspace, for oneDNN alone
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
