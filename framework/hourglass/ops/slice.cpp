#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/pieces.hpp>
#include <hourglass/ops/slice.hpp>

#include <algorithm>

namespace hourglass {

namespace {

Value pad_with_zeros(Value x, int axis, std::int64_t before, std::int64_t extent);

class Slice final : public Operation {
 public:
  Slice(const Shape& shape, int axis, std::int64_t begin, std::int64_t end)
      : axis_(axis), begin_(begin), end_(end), pieces_(shape, axis) {}
  std::string name() const override { return "slice"; }
  std::string attributes() const override {
    return text("axis=", axis_, " [", begin_, ", ", end_, ")");
  }
  std::vector<Value> backward(const Backward& node) const override {
    return {pad_with_zeros(node.gradients[0], axis_, begin_, pieces_.extent)};
  }
  std::optional<std::int64_t> view_offset() const override {
    return pieces_.count == 1 ? std::optional(begin_ * pieces_.unit) : std::nullopt;
  }
  std::unique_ptr<Kernel> lower(Lowering&) const override {
    const std::int64_t length = (end_ - begin_) * pieces_.unit;
    return std::make_unique<PiecesKernel>(
        "slice", pieces_.count,
        std::vector{Piece{.length = length,
                          .from = begin_ * pieces_.unit,
                          .from_stride = pieces_.extent * pieces_.unit,
                          .to_stride = length}});
  }

 private:
  int axis_;
  std::int64_t begin_, end_;
  Pieces pieces_;
};

/// The opposite of Slice: x between zeros.
class PadWithZeros final : public Operation {
 public:
  PadWithZeros(const Shape& shape, int axis, std::int64_t before)
      : axis_(axis), before_(before), pieces_(shape, axis) {}
  std::string name() const override { return "pad_with_zeros"; }
  std::string attributes() const override { return text("axis=", axis_, " from ", before_); }
  std::vector<Value> backward(const Backward& node) const override {
    const std::int64_t extent = node.inputs[0].shape()[axis_];
    return {slice(node.gradients[0], axis_, before_, before_ + extent)};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const std::int64_t length = lowering.input_shape(0)[axis_] * pieces_.unit;
    const std::int64_t stride = pieces_.extent * pieces_.unit, at = before_ * pieces_.unit;
    return std::make_unique<PiecesKernel>(
        "pad_with_zeros", pieces_.count,
        std::vector{Piece{.input = -1, .length = at, .to_stride = stride},
                    Piece{.length = length, .from_stride = length, .to = at, .to_stride = stride},
                    Piece{.input = -1,
                          .length = stride - at - length,
                          .to = at + length,
                          .to_stride = stride}});
  }

 private:
  int axis_;
  std::int64_t before_;
  Pieces pieces_;  // of the result
};

Value pad_with_zeros(Value x, int axis, std::int64_t before, std::int64_t extent) {
  const Shape shape = x.shape().with(axis, extent);
  if (const auto number = x.graph().number_of(x); number && *number == 0.0f) {
    return x.graph().filled(shape, 0.0f);
  }
  return x.graph().add(std::make_shared<PadWithZeros>(shape, axis, before), {x}, shape);
}

}  // namespace

Value slice(Value x, int axis, std::int64_t begin, std::int64_t end) {
  const int which = x.shape().axis(axis, "slice");
  const std::int64_t extent = x.shape()[which];
  if (begin < 0 || begin > end || end > extent) {
    throw ShapeError(text("[slice] 0 <= begin <= end <= ", extent, " must hold along axis ", which,
                          " of ", x.shape().to_text(), ": got begin ", begin, " and end ", end));
  }
  if (begin == 0 && end == extent) return x;
  const Shape shape = x.shape().with(which, end - begin);
  if (const auto number = x.graph().number_of(x)) return x.graph().filled(shape, *number);
  return x.graph().add(std::make_shared<Slice>(x.shape(), which, begin, end), {x}, shape);
}

}  // namespace hourglass
