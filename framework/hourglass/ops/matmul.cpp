#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/matmul.hpp>
#include <hourglass/ops/matmul.hpp>

#include <utility>

namespace hourglass {

namespace {

using onednn::Layout;

Shape swapped(const Shape& shape) {
  const int rank = shape.rank();
  return shape.with(rank - 2, shape[rank - 1]).with(rank - 1, shape[rank - 2]);
}

/// All batch axes as one: oneDNN's fast code knows at most one or two.
Shape with_one_batch(const Shape& shape) {
  const int rank = shape.rank();
  if (rank <= 3) return shape;
  std::int64_t batch = 1;
  for (int axis = 0; axis < rank - 2; ++axis) batch *= shape[axis];
  return {batch, shape[rank - 2], shape[rank - 1]};
}

/// How plain memory of `shape` looks to the product: as it is, or as its transpose.
Layout seen(const Shape& shape, bool transposed) {
  const Shape joined = with_one_batch(shape);
  return transposed ? Layout::transposed(swapped(joined)) : Layout::plain(joined);
}

class Matmul final : public Operation {
 public:
  explicit Matmul(MatmulOptions options) : options_(options) {}
  std::string name() const override { return "matmul"; }
  std::string attributes() const override {
    if (options_.transpose_a) return options_.transpose_b ? "a^T b^T" : "a^T b";
    return options_.transpose_b ? "a b^T" : "";
  }
  std::vector<Value> backward(const Backward& node) const override {
    const Value a = node.inputs[0], b = node.inputs[1], dc = node.gradients[0];
    const bool ta = options_.transpose_a, tb = options_.transpose_b;
    std::vector<Value> result(2);
    // With A and B as the product sees them, dA = dC B^T and dB = A^T dC.
    if (node.needed[0]) result[0] = ta ? matmul(b, dc, {tb, true}) : matmul(dc, b, {false, !tb});
    if (node.needed[1]) result[1] = tb ? matmul(dc, a, {true, ta}) : matmul(a, dc, {!ta, false});
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    using onednn::Argument;
    return std::make_unique<PrimitiveKernel>(
        onednn::matmul(seen(lowering.input_shape(0), options_.transpose_a),
                       seen(lowering.input_shape(1), options_.transpose_b)),
        std::vector{Argument::Source, Argument::Weights}, std::vector{Argument::Destination});
  }

 private:
  MatmulOptions options_;
};

bool same_batch(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int axis = 0; axis < a.rank() - 2; ++axis) {
    if (a[axis] != b[axis]) return false;
  }
  return true;
}

}  // namespace

Value matmul(Value a, Value b, MatmulOptions options) {
  const auto fail = [&](const char* rule) {
    throw ShapeError(text("[matmul] ", rule, ": got a ", a.shape().to_text(),
                          options.transpose_a ? " transposed" : "", " and b ", b.shape().to_text(),
                          options.transpose_b ? " transposed" : ""));
  };
  if (a.shape().rank() < 2 || b.shape().rank() < 2) fail("a and b must have at least two axes");
  if (!same_batch(a.shape(), b.shape())) fail("axes before the last two must be equal");
  const Shape left = options.transpose_a ? swapped(a.shape()) : a.shape();
  const Shape right = options.transpose_b ? swapped(b.shape()) : b.shape();
  if (left.back() != right[right.rank() - 2]) fail("inner dimensions must agree");
  const Shape shape = left.with(left.rank() - 1, right.back());
  if (left.back() == 0) return a.graph().filled(shape, 0.0f);
  return a.graph().add(std::make_shared<Matmul>(options), {a, b}, shape);
}

}  // namespace hourglass
