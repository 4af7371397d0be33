#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/convolution.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/product_fold.hpp>
#include <hourglass/ops/resample.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/spatial.hpp>
#include <hourglass/ops/sum.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;
using onednn::Walk;

// The three products of a convolution. Each one's gradients are the other two. A weight with groups
// is [groups, out / groups, in / groups, kernel...] here, as oneDNN has it.
Value forward(Value x, Value weight, Value bias, const Walk& walk, const Shape& shape);
Value backward_data(Value gradient, Value weight, const Walk& walk, const Shape& shape);
std::vector<Value> backward_weights(Value x, Value gradient, bool bias, const Walk& walk,
                                    const Shape& shape);

std::string text_of(const Walk& walk) {
  return text("stride ", spread_text(walk.stride), ", padding ", spread_text(walk.before),
              walk.after == walk.before ? "" : text(" and ", spread_text(walk.after)),
              walk.dilation == std::vector<std::int64_t>(walk.dilation.size(), 1)
                  ? ""
                  : text(", dilation ", spread_text(walk.dilation)));
}

/// A primitive of images x and y as they lie between convolutions, or, where reference code alone
/// would run, as oneDNN likes one or both of them, or plain. A rule on shapes, instruction set and
/// version: `create` gives the primitive for two layouts.
template <class Create>
onednn::Primitive with_images(const Shape& x, const Shape& y, Create&& create) {
  const Layout image_x = Layout::image(x), image_y = Layout::image(y), any_x = Layout::any(x),
               any_y = Layout::any(y);
  onednn::Primitive first = create(image_x, image_y);
  if (!onednn::is_reference(first.implementation())) return first;
  const std::pair<Layout, Layout> others[] = {
      {any_x, image_y}, {image_x, any_y}, {any_x, any_y}, {Layout::plain(x), Layout::plain(y)}};
  for (const auto& [layout_x, layout_y] : others) {
    onednn::Primitive other = create(layout_x, layout_y);
    if (!onednn::is_reference(other.implementation())) return other;
  }
  return first;
}

class ConvolutionProduct : public Operation {
 public:
  explicit ConvolutionProduct(Walk walk) : walk_(std::move(walk)) {}
  std::string attributes() const override { return text_of(walk_); }

 protected:
  Walk walk_;
};

class Convolution final : public ConvolutionProduct {
 public:
  explicit Convolution(Walk walk, onednn::OptionalPostOp activation = std::nullopt)
      : ConvolutionProduct(std::move(walk)), activation_(activation) {}
  std::string name() const override { return "convolution"; }
  std::string attributes() const override {
    return activation_ ? text(text_of(walk_), ", ", onednn::name(activation_->kind))
                       : text_of(walk_);
  }
  std::shared_ptr<const Operation> with_post_op(const onednn::PostOp& activation) const override {
    if (activation_) return nullptr;
    return std::make_shared<Convolution>(walk_, activation);
  }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0], weight = node.inputs[1], dy = node.gradients[0];
    const bool bias = node.inputs.size() == 3;
    std::vector<Value> result(node.inputs.size());
    if (node.needed[0]) result[0] = backward_data(dy, weight, walk_, x.shape());
    if (node.needed[1] || (bias && node.needed[2])) {
      const auto gradients = backward_weights(x, dy, bias, walk_, weight.shape());
      for (std::size_t i = 0; i < gradients.size(); ++i) result[i + 1] = gradients[i];
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const bool bias = lowering.inputs() == 3;
    const Layout weight = Layout::any(lowering.input_shape(1));
    onednn::Primitive primitive = with_images(
        lowering.input_shape(0), lowering.output_shape(0), [&](const Layout& x, const Layout& y) {
          return onednn::convolution_forward(x, weight, y, walk_, bias, activation_);
        });
    lowering.want(0, primitive.layout(Argument::Source));
    lowering.want(1, primitive.layout(Argument::Weights));
    lowering.give(0, primitive.layout(Argument::Destination));
    std::vector<Argument> inputs{Argument::Source, Argument::Weights};
    if (bias) inputs.push_back(Argument::Bias);
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::move(inputs),
                                             std::vector{Argument::Destination});
  }

 private:
  onednn::OptionalPostOp activation_;
};

/// gradient: [batch, out, ...], weight -> [batch, in, ...].
class ConvolutionBackwardData final : public ConvolutionProduct {
 public:
  using ConvolutionProduct::ConvolutionProduct;
  std::string name() const override { return "convolution_backward_data"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.inputs[0], weight = node.inputs[1], d = node.gradients[0];
    std::vector<Value> result(2);
    if (node.needed[0]) result[0] = forward(d, weight, {}, walk_, dy.shape());
    if (node.needed[1]) result[1] = backward_weights(d, dy, false, walk_, weight.shape())[0];
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape &shape = lowering.output_shape(0), &gradient = lowering.input_shape(0);
    const Layout weight = Layout::any(lowering.input_shape(1));
    // A weight is at home in the layout that the two other products have in common.
    lowering.settle(1, with_images(shape, gradient, [&](const Layout& x, const Layout& y) {
                         return onednn::convolution_forward(x, weight, y, walk_, false, {});
                       }).layout(Argument::Weights));
    const Layout given = image_layout(lowering, 0);
    if (const auto sizes = ProductFold::fit(given, weight.shape(), shape, walk_)) {
      lowering.want(0, given);
      lowering.want(1, Layout::plain(weight.shape()));
      return product_fold(*sizes);
    }
    onednn::Primitive primitive =
        with_images(shape, gradient, [&](const Layout& dx, const Layout& dy) {
          return onednn::convolution_backward_data(dx, weight, dy, walk_);
        });
    lowering.want(0, primitive.layout(Argument::DestinationGradient));
    lowering.want(1, primitive.layout(Argument::Weights));
    lowering.give(0, primitive.layout(Argument::SourceGradient));
    return std::make_unique<PrimitiveKernel>(
        std::move(primitive), std::vector{Argument::DestinationGradient, Argument::Weights},
        std::vector{Argument::SourceGradient});
  }
};

/// x: [batch, in, ...], gradient: [batch, out, ...] -> the weight's shape, and [out] if there is a
/// bias.
class ConvolutionBackwardWeights final : public ConvolutionProduct {
 public:
  using ConvolutionProduct::ConvolutionProduct;
  std::string name() const override { return "convolution_backward_weights"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0], dy = node.inputs[1];
    std::vector<Value> result(2);
    const auto add = [](Value& sum, Value part) { sum = sum ? accumulate(sum, part) : part; };
    if (const Value d = node.gradients[0]) {
      if (node.needed[0]) add(result[0], backward_data(dy, d, walk_, x.shape()));
      if (node.needed[1]) add(result[1], forward(x, d, {}, walk_, dy.shape()));
    }
    if (node.gradients.size() > 1 && node.gradients[1] && node.needed[1]) {
      Shape channels = dy.shape();
      for (int axis = 0; axis < channels.rank(); ++axis) {
        if (axis != 1) channels = channels.with(axis, 1);
      }
      add(result[1], broadcast_to(reshape(node.gradients[1], channels), dy.shape()));
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const bool bias = lowering.outputs() == 2;
    const Layout weight = Layout::any(lowering.output_shape(0));
    const auto create = [&](const Layout& x, const Layout& dy) {
      return onednn::convolution_backward_weights(x, weight, dy, walk_, bias);
    };
    const Shape &x = lowering.input_shape(0), &dy = lowering.input_shape(1);
    // With channels last and fewer of them than a block, oneDNN's code for a kernel of one element
    // that passes over others writes behind its memory (uxlfoundation/oneDNN#6035).
    const auto kernel = std::span(weight.shape().begin(), weight.shape().end()).last(x.rank() - 2);
    const bool is_unsafe = std::ranges::all_of(kernel, [](auto each) { return each == 1; }) &&
                           std::ranges::any_of(walk_.stride, [](auto each) { return each > 1; }) &&
                           Layout::image(x).is_any();
    onednn::Primitive primitive =
        is_unsafe ? create(Layout::plain(x), Layout::plain(dy)) : with_images(x, dy, create);
    lowering.want(0, primitive.layout(Argument::Source));
    lowering.want(1, primitive.layout(Argument::DestinationGradient));
    lowering.give(0, primitive.layout(Argument::WeightsGradient));
    std::vector<Argument> outputs{Argument::WeightsGradient};
    if (bias) outputs.push_back(Argument::BiasGradient);
    return std::make_unique<PrimitiveKernel>(
        std::move(primitive), std::vector{Argument::Source, Argument::DestinationGradient},
        std::move(outputs));
  }
};

Value forward(Value x, Value weight, Value bias, const Walk& walk, const Shape& shape) {
  const auto operation = std::make_shared<Convolution>(walk);
  if (!bias) return x.graph().add(operation, {x, weight}, shape);
  return x.graph().add(operation, {x, weight, bias}, shape);
}

Value backward_data(Value gradient, Value weight, const Walk& walk, const Shape& shape) {
  return gradient.graph().add(std::make_shared<ConvolutionBackwardData>(walk), {gradient, weight},
                              shape);
}

std::vector<Value> backward_weights(Value x, Value gradient, bool bias, const Walk& walk,
                                    const Shape& shape) {
  std::vector<Shape> shapes{shape};
  if (bias) shapes.push_back({gradient.shape()[1]});
  const std::vector<Value> inputs{x, gradient};
  return x.graph().add(std::make_shared<ConvolutionBackwardWeights>(walk), inputs, shapes);
}

/// Checks what both directions share, and reads options into one number an axis.
class Checker : public SpatialChecker {
 public:
  Checker(const char* name, Value x, Value weight, const ConvolutionOptions& options)
      : SpatialChecker(name, x.shape()), weight_(weight.shape()) {
    describe(text(", weight ", weight_.to_text()));
    if (weight_.rank() != x.shape().rank()) fail("weight must have as many axes as x");
    for (int axis = 0; axis < axes(); ++axis) {
      if (weight_[axis + 2] < 1) fail("kernel must be at least 1");
    }
    if (options.groups < 1) fail(text("groups must be at least 1, got ", options.groups));
    walk.stride = spread(options.stride, "stride", 1);
    walk.dilation = spread(options.dilation, "dilation", 1);
    walk.before = walk.after = spread(options.padding, "padding", 0);
    output_padding = spread(options.output_padding, "output_padding", 0);
    describe(text(", weight ", weight_.to_text(), ", ", text_of(walk),
                  options.groups == 1 ? "" : text(", groups ", options.groups)));
  }

  /// What a kernel reaches over along a spatial axis.
  std::int64_t reach(int axis) const { return walk.dilation[axis] * (weight_[axis + 2] - 1) + 1; }
  /// Takes padding beyond half of the kernel's reach out of the walk, at either end: oneDNN has
  /// reference code alone for it.
  std::vector<std::int64_t> take_wide_padding() {
    std::vector<std::int64_t> wide;
    for (int axis = 0; axis < axes(); ++axis) {
      wide.push_back(std::max<std::int64_t>(walk.before[axis] - reach(axis) / 2, 0));
      walk.before[axis] -= wide[axis];
      walk.after[axis] -= wide[axis];
    }
    return wide;
  }
  void check_bias(Value bias, std::int64_t out) const {
    if (bias && bias.shape() != Shape{out}) {
      fail(text("bias must be ", Shape{out}.to_text(), ", got ", bias.shape().to_text()));
    }
  }

  Walk walk;
  std::vector<std::int64_t> output_padding;

 private:
  Shape weight_;
};

/// From [a, b, kernel...] to [groups, a / groups, b, kernel...].
Value grouped(Value weight, std::int64_t groups) {
  if (groups == 1) return weight;
  Shape shape{groups, weight.shape()[0] / groups};
  for (int axis = 1; axis < weight.shape().rank(); ++axis) {
    shape = shape.appended(weight.shape()[axis]);
  }
  return reshape(weight, shape);
}

}  // namespace

Value convolution(Value x, Value weight, Value bias, const ConvolutionOptions& options) {
  Checker check("convolution", x, weight, options);
  const std::int64_t out = weight.shape()[0], groups = options.groups;
  if (x.shape()[1] != weight.shape()[1] * groups) {
    check.fail(
        text("weight must be [out, in / groups, kernel...] for x of ", x.shape()[1], " channels"));
  }
  if (out % groups != 0) check.fail("groups must divide the outputs");
  check.check_bias(bias, out);
  Shape shape{x.shape()[0], out};
  for (int axis = 0; axis < check.axes(); ++axis) {
    const std::int64_t room =
        x.shape()[axis + 2] + check.walk.before[axis] + check.walk.after[axis] - check.reach(axis);
    if (room < 0) check.fail("the kernel reaches beyond the padded input");
    shape = shape.appended(room / check.walk.stride[axis] + 1);
  }
  const auto wide = check.take_wide_padding();
  if (std::ranges::any_of(wide, std::identity())) x = pad(x, wide, wide);
  return forward(x, grouped(weight, groups), bias, check.walk, shape);
}

Value transposed_convolution(Value x, Value weight, Value bias, const ConvolutionOptions& options) {
  Checker check("transposed_convolution", x, weight, options);
  const std::int64_t groups = options.groups, out = weight.shape()[1] * groups;
  if (x.shape()[1] != weight.shape()[0]) {
    check.fail(
        text("weight must be [in, out / groups, kernel...] for x of ", x.shape()[1], " channels"));
  }
  if (x.shape()[1] % groups != 0) check.fail("groups must divide the inputs");
  check.check_bias(bias, out);
  const auto wide = check.take_wide_padding();
  Walk& walk = check.walk;
  Shape shape{x.shape()[0], out};
  std::vector<std::int64_t> beyond;  // what no place of the kernel reaches: too far for oneDNN
  for (int axis = 0; axis < check.axes(); ++axis) {
    const std::int64_t more = check.output_padding[axis];
    if (more >= std::max(walk.stride[axis], walk.dilation[axis])) {
      check.fail(text("output_padding must be less than stride or dilation, got ", more));
    }
    const std::int64_t size = (x.shape()[axis + 2] - 1) * walk.stride[axis] -
                              2 * walk.before[axis] + check.reach(axis) + more;
    if (size - 2 * wide[axis] < 1) check.fail("nothing is left of the output within its padding");
    walk.after[axis] -= more;
    beyond.push_back(std::max<std::int64_t>(-walk.after[axis] - walk.stride[axis] + 1, 0));
    walk.after[axis] += beyond[axis];
    shape = shape.appended(size - beyond[axis]);
  }
  Value y = backward_data(x, grouped(weight, groups), walk, shape);
  if (std::ranges::any_of(beyond, std::identity())) y = pad(y, {0}, beyond);
  if (std::ranges::any_of(wide, std::identity())) y = crop(y, wide, wide);
  if (!bias) return y;
  Shape channels{out};
  for (int axis = 0; axis < check.axes(); ++axis) channels = channels.appended(1);
  return add(y, reshape(bias, channels));
}

}  // namespace hourglass
