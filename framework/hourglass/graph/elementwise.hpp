#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/operation.hpp>
#include <hourglass/graph/sweep.hpp>

#include <span>
#include <vector>

namespace hourglass {

/// An operation that computes each element of its outputs from the elements of its (broadcast)
/// inputs at the same place. All outputs have one shape. Chains of them run as one sweep.
class HOURGLASS_API Elementwise : public Operation {
 public:
  ~Elementwise() override;
  /// Appends the instructions that compute `outputs` from the registers `inputs`.
  virtual void emit(SweepBuilder& sweep, std::span<const int> inputs,
                    std::span<int> outputs) const = 0;
  /// The form of this operation that may ride on the one before it, if it has one.
  virtual onednn::OptionalPostOp post_op() const { return std::nullopt; }
  /// Whether zero is mapped to zero, so that padding stays zero.
  virtual bool keeps_zero() const { return false; }
  /// Whether the outputs are zero where those inputs are zero that `zero` names: padding is, a
  /// number that is spread over it is not.
  virtual bool gives_zero(const std::vector<bool>& zero) const;

  std::unique_ptr<Kernel> lower(Lowering& lowering) const final;
  const Elementwise* as_elementwise() const final { return this; }
};

/// An operation that folds its input over some axes; it can be the end of a sweep where these are
/// the last ones, or all but the channels of images.
class HOURGLASS_API Reduction : public Operation {
 public:
  ~Reduction() override;
  virtual Fold fold() const = 0;
  /// The axes that are folded, sorted; none when they are such as no sweep can do.
  virtual const std::vector<int>& swept_axes() const = 0;
  /// The result is multiplied by this: 1/n makes a mean of a sum.
  virtual float scale() const = 0;
  const Reduction* as_reduction() const final { return this; }
};

}  // namespace hourglass
