#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/kernel.hpp>
#include <hourglass/graph/value.hpp>
#include <hourglass/onednn/layout.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

class Elementwise;
class Reduction;
class Streamed;

/// What an operation sees of its node when gradients are asked for.
struct Backward {
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  /// The gradient of each output; an invalid Value where nothing depends on it.
  std::vector<Value> gradients;
  /// Whether the gradient of each input is wanted.
  std::vector<bool> needed;
};

/// What an operation sees of its node when a program is made: shapes, the layouts that its inputs
/// have, and a place to say which it wants and which it gives. Silence means plain.
class HOURGLASS_API Lowering {
 public:
  virtual ~Lowering();
  virtual int inputs() const = 0;
  virtual int outputs() const = 0;
  virtual const Shape& input_shape(int input) const = 0;
  virtual const Shape& output_shape(int output) const = 0;
  /// The layout that the input has; `Layout::any` for a variable that has found no home yet.
  virtual onednn::Layout input_layout(int input) const = 0;
  /// Whether the input is a variable that this program updates.
  virtual bool is_updated(int input) const = 0;
  /// Whether anything looks at the output.
  virtual bool is_read(int output) const = 0;
  /// The layout that whoever stores the output would like, where that is known (the gradient of a
  /// parameter at home in some layout); an empty Layout otherwise.
  virtual onednn::Layout preferred_output(int output) const = 0;
  /// Gives an input, if it is a variable that has found no home yet, this one.
  virtual void settle(int input, const onednn::Layout& layout) = 0;
  virtual void want(int input, const onednn::Layout& layout) = 0;
  virtual void give(int output, const onednn::Layout& layout) = 0;
  /// Says that each thread computes as many columns of the output, a matrix, so that what comes
  /// next may find them in its cache.
  virtual void give_by_columns(int output) = 0;
};

/// What a node computes: attributes, gradient, kernel. Immutable, shared by graphs and programs.
/// Shapes are checked by the function that makes the node, so a graph never holds an invalid one.
class HOURGLASS_API Operation {
 public:
  virtual ~Operation();

  virtual std::string name() const = 0;
  /// Attributes for the printout, such as "axis=1"; empty where there are none.
  virtual std::string attributes() const { return {}; }

  /// The gradient of each input, as new nodes; an invalid Value where it is not needed or zero.
  /// The default throws Error: the operation has no gradient.
  virtual std::vector<Value> backward(const Backward& node) const;
  virtual std::unique_ptr<Kernel> lower(Lowering& lowering) const = 0;

  // What passes ask for, so that they need to know no operation by name.

  /// The operation with an activation riding on it, or nothing when it cannot carry one.
  virtual std::shared_ptr<const Operation> with_post_op(const onednn::PostOp&) const {
    return nullptr;
  }
  virtual const Elementwise* as_elementwise() const { return nullptr; }
  virtual const Reduction* as_reduction() const { return nullptr; }
  virtual const Streamed* as_streamed() const { return nullptr; }
  /// Whether the output counts as a number that nothing depends on: no gradient flows through it,
  /// though values do.
  virtual bool stops_gradient() const { return false; }
  /// Whether it chooses among elements, as topk does, which its gradient takes as settled.
  virtual bool chooses() const { return false; }
  /// Of an operation that chooses: what it gives for `inputs` where the choice is that of earlier
  /// `outputs`, as new nodes.
  virtual std::vector<Value> with_choice(std::span<const Value> inputs,
                                         std::span<const Value> outputs) const;
  /// Set when the output is the input's memory from this element on, if the input is plain.
  virtual std::optional<std::int64_t> view_offset() const { return std::nullopt; }
};

}  // namespace hourglass
