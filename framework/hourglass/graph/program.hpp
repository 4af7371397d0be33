#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/memory_plan.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

struct CompileOptions {
  /// Activations riding on the operation before them, elementwise chains as one sweep.
  bool fuse = true;
  /// Keeps every value until the end and looks at each as it is made; see Program::find_nonfinite.
  bool trace = false;
  /// A scalar that must be finite, or no update of this run is done.
  std::optional<Value> guard = std::nullopt;
};

/// Bytes that a program needs, known before it first runs.
struct MemoryReport {
  std::size_t arena = 0;  // activations, gradients, workspaces, scratch: planned
  /// What would take so much if each had memory of its own: the sum of all activations, gradients
  /// and workspaces, and that of what kernels need while they run.
  std::size_t values = 0;
  std::size_t scratch = 0;
  std::size_t constants = 0;  // held by the program itself
  /// What making the program took besides, measured then, since oneDNN does not tell it beforehand:
  /// code that was generated for it, and kernels on the heap, oneDNN's primitives among them.
  /// Primitives that were made before are shared, and count where they were first made.
  std::size_t code = 0;
  std::size_t kernels = 0;
};

/// "37 % of what its tensors would take without sharing".
HOURGLASS_API std::string sharing_text(const MemoryReport& memory);

/// One kernel of a program, for printouts and profiles.
struct StepReport {
  std::string operation;       // "dense", "sweep of 5", "reorder"
  std::string scope;           // the layer
  std::string implementation;  // the code that runs
  std::string detail;          // layouts, and for a reorder its reason
  bool update = false;         // moves variables
  double seconds = 0;          // filled in by a profile
};

/// A compiled computation: a flat list of kernels on planned memory. Running it allocates
/// nothing, decides nothing and takes no locks.
///
///     Arena arena;
///     Program step(graph, {{loss}}, updates, arena, {.guard = loss});
///     step.feed("x", batch);
///     step.run({.seed = 1, .step = 0});
///     float value = step.fetched(0)[0];
class HOURGLASS_API Program {
 public:
  /// The graph is read now and not needed afterwards; variables and arena must outlive the program.
  /// Variables without a home layout get one here: compile the main training program first.
  Program(const Graph& graph, std::span<const Value> fetches, std::span<const Value> updates,
          Arena& arena, const CompileOptions& options = {});
  Program(const Graph& graph, std::initializer_list<Value> fetches,
          std::initializer_list<Value> updates, Arena& arena, const CompileOptions& options = {});
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// Sets where an input is read from: row-major, as large as the input's shape, and there until
  /// the run is over. Inputs that nothing needs are ignored. Throws Error for an unknown name.
  void feed(std::string_view input, const float* memory);
  bool needs(std::string_view input) const;
  /// Runs every kernel once. With a guard, returns false before the first update, and no variable
  /// has changed, when the guard is not finite, or when an input or a variable that the program
  /// reads is not: ReLU, for one, would hide that from the guard, since oneDNN's makes 0 of NaN.
  bool run(const RunState& state);
  /// The first variable in which the last run stored an element that is not finite; nullptr when
  /// all are. That is looked at while updates are written and known only afterwards: what the
  /// variables were before is gone.
  const Variable* spoilt() const;
  /// The result of fetch `i` as a row-major array, until the arena is used again.
  std::span<const float> fetched(int i) const;

  MemoryReport memory() const;
  std::vector<StepReport> steps() const;
  /// Runs once with a clock around each kernel, adding to `seconds` of each step.
  void profile(const RunState& state, std::vector<StepReport>& steps);
  /// Steps that oneDNN's reference code runs, each as "encoder.0: dense runs ref:any".
  std::vector<std::string> warnings() const;
  /// The steps with layouts, one a line, reorders with their reasons, and memory.
  std::string to_text() const;

  /// For programs compiled with `trace`: runs, and names the first tensor with an element that
  /// is not finite: "encoder.1: the output of relu, [32, 512], is nan at [3, 17]". Empty if none
  /// is.
  std::string find_nonfinite(const RunState& state);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace hourglass
