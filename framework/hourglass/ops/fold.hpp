#pragma once

#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/value.hpp>

#include <span>
#include <vector>

namespace hourglass {

/// What sum, mean and maximum share: a fold over some axes of x, which the kernel does as part of
/// a sweep where the axes are the last ones, and by itself where they are not.
class AxisFold : public Reduction {
 public:
  AxisFold(Fold fold, float scale, const Shape& shape, std::vector<int> axes);
  std::string attributes() const override;
  Fold fold() const override { return fold_; }
  const std::vector<int>& swept_axes() const override { return swept_; }
  float scale() const override { return scale_; }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override;
  const std::vector<int>& axes() const { return axes_; }

 protected:
  /// The output's gradient with the folded axes back in place, one element long.
  Value unfolded(Value gradient, const Shape& shape) const;

 private:
  bool folds(int axis) const;
  /// Whether what is left of memory in this layout, in its order, is a plain array.
  bool keeps_order(const onednn::Layout& layout) const;

  Fold fold_;
  float scale_;
  std::vector<int> axes_;
  std::vector<int> swept_;
};

/// Axes counted from the front, sorted, all of them for an empty list; throws ShapeError.
std::vector<int> normalised_axes(const Shape& shape, std::span<const int> axes, const char* name);
Shape folded_shape(const Shape& shape, const std::vector<int>& axes);

}  // namespace hourglass
