#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/onednn/layout.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace hourglass::onednn {

/// What a tensor is to a primitive.
enum class Argument {
  Source,
  SecondSource,
  Weights,
  Bias,
  Mean,
  Variance,
  Scale,
  Shift,
  Destination,
  Workspace,  // what a backward needs to know of its forward
  SourceGradient,
  WeightsGradient,
  BiasGradient,
  ScaleGradient,
  ShiftGradient,
  DestinationGradient,
};

/// An activation that rides on the primitive before it. All of these have a gradient that needs
/// the output only, so the value before the activation is never stored. All but ReLU keep NaN;
/// oneDNN may take the larger of NaN and zero for zero.
struct PostOp {
  enum class Kind { Relu, Elu, Sigmoid, Tanh };
  Kind kind;
  float alpha = 0;  // slope of Relu below zero; scale of Elu

  friend bool operator==(const PostOp&, const PostOp&) = default;
};
/// "relu", "elu", "sigmoid" or "tanh".
HOURGLASS_API const char* name(PostOp::Kind kind);

using OptionalPostOp = std::optional<PostOp>;

/// A compiled oneDNN primitive with its arguments: created once, bound to memory when that is
/// planned, executed without allocation of ours. Scratch memory is the caller's.
class HOURGLASS_API Primitive {
 public:
  struct State;

  Primitive();
  explicit Primitive(std::unique_ptr<State> state);
  Primitive(Primitive&&) noexcept;
  Primitive& operator=(Primitive&&) noexcept;
  ~Primitive();

  /// The layout that the primitive expects, or gives, for `argument`.
  const Layout& layout(Argument argument) const;
  /// oneDNN's name of the code that it chose, such as "brgemm:avx512_core".
  const std::string& implementation() const;
  std::size_t scratch_bytes() const;

  void bind(Argument argument, std::byte* memory);
  void bind_scratch(std::byte* memory);
  /// Throws Error when oneDNN reports a failure.
  void execute();
  /// As `execute`, within a parallel region, where nothing may throw: false is a failure.
  bool try_execute() noexcept;

 private:
  std::unique_ptr<State> state_;
};

/// Whether an implementation name means oneDNN's unoptimised reference code.
HOURGLASS_API bool is_reference(const std::string& implementation);
/// "2.6.3": the library that is loaded.
HOURGLASS_API std::string version();
/// The instruction set that oneDNN dispatches for, such as "avx512_core_bf16".
HOURGLASS_API std::string instruction_set();

}  // namespace hourglass::onednn
