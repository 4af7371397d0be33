#pragma once

#include <hourglass/graph/leaves.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/graph/variable.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

// What a compiler makes and a program runs. Internal to this room.

namespace hourglass {

/// Where a tensor of a program is.
struct Place {
  enum class Kind { Arena, Variable, Derived, Input, Constant, Slot };
  Kind kind = Kind::Arena;
  onednn::Layout layout;
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

/// One kernel of a program's list.
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

/// A tensor that callers feed.
struct InputTensor {
  std::string name;
  std::size_t size = 0;  // elements
  const float* memory = nullptr;
  std::vector<int> steps;  // those that read it
};

/// A scalar that the host writes before each run.
struct SlotNumber {
  std::shared_ptr<const Operation> leaf;
  const SlotLeaf* slot;
};

/// A program: its kernels in order, and where their tensors are.
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
  std::size_t value_bytes = 0;    // a sum
  std::size_t scratch_bytes = 0;  // a sum
  std::size_t code_bytes = 0;
  std::size_t kernel_bytes = 0;
  int bound_generation = -1;
  RunState state;
  std::vector<std::byte*> from, to;  // of the step that is bound: feeding a step allocates nothing

  explicit Impl(Arena& arena_) : arena(arena_) {}

  std::byte* address(int place);
  void bind(Step& step);
  void bind_all();
  /// What every run begins with: memory bound, slots written, derived copies refreshed.
  void prepare(const RunState& next);
  bool guard_holds();
  /// What every run with updates ends with.
  void finish();
};

}  // namespace hourglass
