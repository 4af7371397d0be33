#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hourglass {

/// What counted random numbers depend on besides their stream and index.
struct RunState {
  std::uint64_t seed = 0;
  bool training = true;
  /// Training: the train step's own count.
  std::int64_t step = 0;
  /// Evaluation: which split, which samples of it, and how often they were drawn for.
  std::uint32_t split = 0;
  std::uint32_t draw = 0;
  std::span<const std::uint32_t> samples = {};
};

/// Where a kernel's tensors are.
struct Binding {
  std::span<std::byte* const> inputs;
  std::span<std::byte* const> outputs;
  std::byte* scratch = nullptr;
  const RunState* run = nullptr;

  template <class T = float>
  const T* input(int i) const {
    return reinterpret_cast<const T*>(inputs[i]);
  }
  template <class T = float>
  T* output(int i) const {
    return reinterpret_cast<T*>(outputs[i]);
  }
};

/// One entry of a program's list: code with its memory. `bind` is called when memory is placed,
/// `run` once a step; `run` must not allocate.
class HOURGLASS_API Kernel {
 public:
  virtual ~Kernel();
  virtual void bind(const Binding& binding) = 0;
  virtual void run() = 0;
  /// Bytes needed during `run` alone.
  virtual std::size_t scratch_bytes() const { return 0; }
  /// Whether a variable took, as this output, an element that is not finite in the last run.
  virtual bool is_spoilt(int) const { return false; }
  /// The name of the code that runs: oneDNN's, or ours.
  virtual std::string implementation() const = 0;
};

}  // namespace hourglass
