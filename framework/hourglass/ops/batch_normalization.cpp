#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/batch_normalization.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/batch_normalization.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/power.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/second_gradients.hpp>
#include <hourglass/ops/slopes.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>

#include <utility>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;
using BatchOptions = onednn::BatchNormalization;

std::vector<int> all_but_channels(const Shape& shape) {
  std::vector<int> axes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis != 1) axes.push_back(axis);
  }
  return axes;
}

/// [channels] as a shape that broadcasts to `shape`.
Value along_channels(Value x, const Shape& shape) {
  Shape channels{shape[1]};
  for (int axis = 2; axis < shape.rank(); ++axis) channels = channels.appended(1);
  return reshape(x, channels);
}

Value one_over_deviation(Value variance, float epsilon) { return power(variance + epsilon, -0.5f); }

/// The whole in operations with gradients of their own. v: x, and scale and shift if there are any.
Value composed(std::span<const Value> v, const BatchOptions& options) {
  const Value x = v[0];
  const std::vector<int> axes = all_but_channels(x.shape());
  const Value centred = x - along_channels(mean(x, axes), x.shape());
  Value factor = one_over_deviation(mean(square(centred), axes), options.epsilon);
  if (options.affine) factor = factor * v[1];
  Value y = centred * along_channels(factor, x.shape());
  if (options.affine) y = y + along_channels(v[2], x.shape());
  return options.relu ? relu(y) : y;
}

class NormalizationOfBatches : public Operation {
 public:
  explicit NormalizationOfBatches(const BatchOptions& options) : options_(options) {}
  std::string attributes() const override {
    return text("epsilon ", options_.epsilon, options_.relu ? ", relu" : "");
  }

 protected:
  Layout layout_of(const Lowering& lowering) const {
    const Layout layout = lowering.input_layout(0);
    return onednn::batch_normalization_layout(layout.like(lowering.input_shape(0)), options_);
  }

  BatchOptions options_;
};

/// x, mean, variance, dy, scale and shift, and the workspace of relu -> dx, and the gradients of
/// scale and shift.
class BatchNormalizationBackward final : public NormalizationOfBatches {
 public:
  using NormalizationOfBatches::NormalizationOfBatches;
  std::string name() const override { return "batch_normalization_backward"; }
  std::vector<Value> backward(const Backward& node) const override {
    std::vector<Value> inputs{node.inputs[0]};
    if (options_.affine) inputs.insert(inputs.end(), {node.inputs[4], node.inputs[5]});
    const auto found =
        second_gradients([&](std::span<const Value> v) { return composed(v, options_); }, inputs,
                         node.inputs[3], node.gradients);
    std::vector<Value> result(node.inputs.size());
    result[0] = found.front();
    result[3] = found.back();
    if (options_.affine) result[4] = found[1];  // nothing depends on the shift
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Layout layout = layout_of(lowering);
    std::vector<Argument> inputs{Argument::Source, Argument::Mean, Argument::Variance,
                                 Argument::DestinationGradient};
    std::vector<Argument> outputs{Argument::SourceGradient};
    if (options_.affine) {
      inputs.insert(inputs.end(), {Argument::Scale, Argument::Shift});
      outputs.insert(outputs.end(), {Argument::ScaleGradient, Argument::ShiftGradient});
    }
    onednn::Primitive primitive = onednn::batch_normalization_backward(layout, options_);
    lowering.want(0, layout);
    lowering.want(3, layout);
    lowering.give(0, layout);
    if (options_.relu) {
      lowering.want(static_cast<int>(inputs.size()), primitive.layout(Argument::Workspace));
      inputs.push_back(Argument::Workspace);
    }
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::move(inputs),
                                             std::move(outputs));
  }
};

/// x, and scale and shift -> y, mean, variance, and with relu where y was above zero, in a form of
/// oneDNN's own.
class BatchNormalization final : public NormalizationOfBatches {
 public:
  using NormalizationOfBatches::NormalizationOfBatches;
  std::string name() const override { return "batch_normalization"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0], mean = node.outputs[1], variance = node.outputs[2];
    std::vector<Value> result(node.inputs.size());
    if (const Value dy = node.gradients[0]) {
      std::vector<Value> inputs{x, mean, variance, dy};
      std::vector<Shape> shapes{x.shape()};
      if (options_.affine) {
        inputs.insert(inputs.end(), {node.inputs[1], node.inputs[2]});
        shapes.insert(shapes.end(), 2, mean.shape());
      }
      if (options_.relu) inputs.push_back(node.outputs[3]);
      result =
          x.graph().add(std::make_shared<BatchNormalizationBackward>(options_), inputs, shapes);
    }
    const float share =
        static_cast<float>(mean.shape().size()) / static_cast<float>(x.shape().size());
    const auto add_to_x = [&](Value more) {
      result[0] = result[0] ? accumulate(result[0], more) : more;
    };
    if (const Value d = node.gradients[1]) {
      add_to_x(broadcast_to(along_channels(affine(d, share), x.shape()), x.shape()));
    }
    if (const Value d = node.gradients[2]) {
      add_to_x((x - along_channels(mean, x.shape())) *
               along_channels(affine(d, 2 * share), x.shape()));
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Layout layout = layout_of(lowering);
    onednn::Primitive primitive = onednn::batch_normalization_training(layout, options_);
    lowering.want(0, layout);
    lowering.give(0, layout);
    std::vector<Argument> inputs{Argument::Source};
    std::vector<Argument> outputs{Argument::Destination, Argument::Mean, Argument::Variance};
    if (options_.affine) inputs.insert(inputs.end(), {Argument::Scale, Argument::Shift});
    if (options_.relu) {
      lowering.give(3, primitive.layout(Argument::Workspace));
      outputs.push_back(Argument::Workspace);
    }
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::move(inputs),
                                             std::move(outputs));
  }
};

/// x, mean, variance, and scale and shift -> y.
class GivenNormalization final : public NormalizationOfBatches {
 public:
  using NormalizationOfBatches::NormalizationOfBatches;
  std::string name() const override { return "batch_normalization_by_given"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0];
    const Shape& shape = x.shape();
    const std::vector<int> axes = all_but_channels(shape);
    const Value dy =
        options_.relu ? node.gradients[0] * relu_slope(node.outputs[0], 0) : node.gradients[0];
    const Value over_deviation = one_over_deviation(node.inputs[2], options_.epsilon);
    const Value factor = options_.affine ? over_deviation * node.inputs[3] : over_deviation;
    std::vector<Value> result(node.inputs.size());
    if (node.needed[0]) result[0] = dy * along_channels(factor, shape);
    const Value total = sum(dy, axes);
    if (node.needed[1]) result[1] = -(total * factor);
    if (options_.affine && node.needed[4]) result[4] = total;
    if (node.needed[2] || (options_.affine && node.needed[3])) {
      const Value spread = sum(dy * (x - along_channels(node.inputs[1], shape)), axes);
      if (node.needed[2]) {
        result[2] = affine(spread * factor * square(over_deviation), -0.5f);
      }
      if (options_.affine) result[3] = spread * over_deviation;
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Layout layout = layout_of(lowering);
    lowering.want(0, layout);
    lowering.give(0, layout);
    std::vector<Argument> inputs{Argument::Source, Argument::Mean, Argument::Variance};
    if (options_.affine) inputs.insert(inputs.end(), {Argument::Scale, Argument::Shift});
    return std::make_unique<PrimitiveKernel>(
        onednn::batch_normalization_inference(layout, options_), std::move(inputs),
        std::vector{Argument::Destination});
  }
};

[[noreturn]] void fail(Value x, const std::string& rule) {
  throw ShapeError(text("[batch_normalization] ", rule, ": x is ", x.shape().to_text()));
}

BatchOptions checked(Value x, Value scale, Value shift, const BatchNormalizationOptions& options) {
  if (x.shape().rank() < 2 || x.shape().rank() > 4) {
    fail(
        x,
        "x must be [batch, channels], [batch, channels, size] or [batch, channels, height, width]");
  }
  if (!(options.epsilon > 0)) fail(x, text("epsilon must be above 0, got ", options.epsilon));
  if (!scale != !shift) fail(x, "scale and shift must both be given, or neither");
  return {options.epsilon, static_cast<bool>(scale), options.relu};
}

void check_channels(Value x, Value value, const char* what) {
  const Shape channels{x.shape()[1]};
  if (value.shape() == channels) return;
  fail(x, text(what, " must be ", channels.to_text(), ", got ", value.shape().to_text()));
}

/// x, scale and shift, of which the last two may be missing.
std::vector<Value> inputs_of(Value x, Value scale, Value shift) {
  if (!scale) return {x};
  check_channels(x, scale, "scale");
  check_channels(x, shift, "shift");
  return {x, scale, shift};
}

}  // namespace

BatchNormalized batch_normalization(Value x, Value scale, Value shift,
                                    const BatchNormalizationOptions& options) {
  const BatchOptions checked_options = checked(x, scale, shift, options);
  const std::vector<Value> inputs = inputs_of(x, scale, shift);
  if (x.shape().size() <= x.shape()[1]) {
    fail(x, "a channel needs more than one value to be normalised by its own statistics");
  }
  const Shape channels{x.shape()[1]};
  std::vector<Shape> shapes{x.shape(), channels, channels};
  if (options.relu) shapes.push_back(x.shape());
  const auto outputs =
      x.graph().add(std::make_shared<BatchNormalization>(checked_options), inputs, shapes);
  return {outputs[0], {outputs[1], outputs[2]}};
}

Value batch_normalization(Value x, const BatchStatistics& statistics, Value scale, Value shift,
                          const BatchNormalizationOptions& options) {
  const BatchOptions checked_options = checked(x, scale, shift, options);
  std::vector<Value> inputs = inputs_of(x, scale, shift);
  check_channels(x, statistics.mean, "mean");
  check_channels(x, statistics.variance, "variance");
  inputs.insert(inputs.begin() + 1, {statistics.mean, statistics.variance});
  return x.graph().add(std::make_shared<GivenNormalization>(checked_options), inputs, {x.shape()});
}

}  // namespace hourglass
