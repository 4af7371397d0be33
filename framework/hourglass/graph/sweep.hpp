#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>
#include <hourglass/graph/kernel.hpp>
#include <hourglass/graph/streamed.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace hourglass {

/// Instructions of a sweep. x0, x1, ... are operands, p and q constants.
enum class Code : std::uint8_t {
  Copy,             // x0
  Affine,           // p x0 + q
  Relu,             // max(x0, p x0): p is the slope below zero
  ReluSlope,        // x0 > 0 ? 1 : p
  Elu,              // x0 > 0 ? x0 : p (exp(x0) - 1)
  EluSlope,         // from the output of Elu: x0 > 0 ? 1 : x0 + p
  Sigmoid,          // 1 / (1 + exp(-x0))
  Tanh,             //
  Softplus,         // log(1 + exp(x0)), without overflow
  SigmoidSoftplus,  // two outputs: sigmoid and softplus of x0, sharing one exponential
  Erf,              //
  Exp,              //
  Log,              //
  Sqrt,             //
  Square,           //
  Reciprocal,       // 1 / x0
  Abs,              //
  Sign,             // -1, 0 or 1
  Clip,             // min(max(x0, p), q)
  Inside,           // p < x0 < q ? 1 : 0
  Power,            // x0 ^ p
  Add,              // x0 + x1
  Subtract,         // x0 - x1
  Multiply,         // x0 x1
  Divide,           // x0 / x1
  Minimum,          // NaN in either gives NaN
  Maximum,          //
  Greater,          // x0 > x1 ? 1 : 0
  GreaterEqual,     // x0 >= x1 ? 1 : 0
  Combine,          // p x0 + q x1
  MultiplyAdd,      // x0 x1 + x2
  Adam,  // see ops/adam.hpp: parameter, gradient, m, v, rate, correction -> parameter, m, v
  kCount,
};

/// How values are folded into one.
enum class Fold : std::uint8_t { Sum, Maximum };

/// A straight-line program over registers, each a tile of floats. The first registers are the
/// sweep's inputs.
struct Instruction {
  Code code;
  std::array<int, 6> inputs;
  std::array<int, 3> outputs;
  std::array<float, 4> constants;
};

/// Collects instructions; see Elementwise::emit.
class HOURGLASS_API SweepBuilder {
 public:
  explicit SweepBuilder(int inputs) : registers_(inputs) {}

  /// Appends an instruction with one output and returns its register.
  int add(Code code, std::initializer_list<int> inputs, float p = 0, float q = 0);
  /// Appends an instruction with several outputs.
  void add(Code code, std::initializer_list<int> inputs, std::span<int> outputs,
           std::array<float, 4> constants);

  const std::vector<Instruction>& instructions() const { return instructions_; }
  int registers() const { return registers_; }
  /// Joins pairs of instructions that have a cheaper common form.
  void merge_pairs();

 private:
  std::vector<Instruction> instructions_;
  int registers_;
};

/// Everything about a sweep but where its memory is.
struct SweepPlan {
  /// A tensor that the sweep reads, writes or folds into. Strides are in elements, one a domain
  /// axis, 0 where the tensor is broadcast (or folded).
  struct Tensor {
    int reg = 0;      // the register read into, stored or folded
    int binding = 0;  // number among the kernel's inputs or outputs
    std::vector<std::int64_t> strides;
    bool watched = false;  // an output: elements that are not finite are reported
  };
  struct Folding {
    Tensor tensor;
    Fold fold = Fold::Sum;
    float scale = 1;
    std::int64_t size = 1;  // elements of the result
  };
  /// A tensor of the domain's shape that is made as it is read. The inputs of its source stand side
  /// by side among the kernel's, from `binding` on.
  struct Stream {
    int reg = 0;
    int binding = 0;
    int count = 0;
    std::unique_ptr<TileSource> source;
  };
  Shape domain;
  /// Each thread takes as many of the last axis's columns, of every row; the domain has two axes.
  /// For tensors whose columns are in the caches of the threads that computed them.
  bool by_columns = false;
  std::vector<Tensor> inputs;
  std::vector<Stream> streams;
  std::vector<Tensor> outputs;
  std::vector<Folding> foldings;
  std::vector<Instruction> instructions;
  int registers = 0;
};

/// From so many elements on, rows are swept by themselves; a fold that keeps the last axis wants it
/// shorter.
inline constexpr std::int64_t kLongRow = 256;

/// Makes the kernel that runs a sweep: tiles that stay in the first-level cache, split over the
/// team. Results do not depend on the number of threads, but for sums over columns that threads
/// share out.
HOURGLASS_API std::unique_ptr<Kernel> make_sweep(SweepPlan plan);

}  // namespace hourglass
