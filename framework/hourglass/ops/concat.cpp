#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/concat.hpp>
#include <hourglass/ops/pieces.hpp>
#include <hourglass/ops/slice.hpp>

namespace hourglass {

namespace {

class Concat final : public Operation {
 public:
  explicit Concat(int axis) : axis_(axis) {}
  std::string name() const override { return "concat"; }
  std::string attributes() const override { return text("axis=", axis_); }
  std::vector<Value> backward(const Backward& node) const override {
    std::vector<Value> result(node.inputs.size());
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::int64_t end = begin + node.inputs[i].shape()[axis_];
      if (node.needed[i]) result[i] = slice(node.gradients[0], axis_, begin, end);
      begin = end;
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Pieces whole(lowering.output_shape(0), axis_);
    std::vector<Piece> pieces;
    std::int64_t to = 0;
    for (int i = 0; i < lowering.inputs(); ++i) {
      const std::int64_t length = lowering.input_shape(i)[axis_] * whole.unit;
      pieces.push_back({.input = i,
                        .length = length,
                        .from_stride = length,
                        .to = to,
                        .to_stride = whole.extent * whole.unit});
      to += length;
    }
    return std::make_unique<PiecesKernel>("concat", whole.count, std::move(pieces));
  }

 private:
  int axis_;
};

}  // namespace

Value concat(std::span<const Value> values, int axis) {
  if (values.empty()) throw ShapeError("[concat] there must be at least one value");
  const Shape& first = values[0].shape();
  const int which = first.axis(axis, "concat");
  std::int64_t extent = 0;
  for (const Value& value : values) {
    const Shape& shape = value.shape();
    if (shape.rank() != first.rank() || shape.with(which, first[which]) != first) {
      throw ShapeError(text("[concat] shapes must be equal but for axis ", which, ": got ",
                            first.to_text(), " and ", shape.to_text()));
    }
    extent += shape[which];
  }
  if (values.size() == 1) return values[0];
  return values[0].graph().add(std::make_shared<Concat>(which), values, first.with(which, extent));
}

Value concat(std::initializer_list<Value> values, int axis) {
  return concat(std::span<const Value>(values.begin(), values.size()), axis);
}

}  // namespace hourglass
