#include <hourglass/core/error.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/nn/kernel_options.hpp>
#include <hourglass/nn/layer.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/batch_normalization.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/dropout.hpp>
#include <hourglass/ops/group_normalization.hpp>
#include <hourglass/ops/layer_normalization.hpp>
#include <hourglass/ops/pooling.hpp>
#include <hourglass/ops/reshape.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {

void DenseLayer::describe(Schema<DenseLayer>& schema) {
  schema.require("width", &DenseLayer::width, "outputs", at_least(1));
  schema.shorthand("width");
  schema.add("bias", &DenseLayer::bias, "whether each output has a number added");
}

namespace {

template <class Layer>
void describe_kernel(Schema<Layer>& schema) {
  schema.require("channels", &Layer::channels, "channels of the output", at_least(1));
  schema.shorthand("channels");
  schema.add("kernel", &Layer::kernel, "size of the kernel");
  schema.add("stride", &Layer::stride, "from one place of the kernel to the next");
  schema.add("padding", &Layer::padding,
             "zeros at either end; none: half of what the kernel reaches beyond the stride");
  schema.add("dilation", &Layer::dilation, "from one element of the kernel to the next");
  schema.add("groups", &Layer::groups, "groups of channels, each convolved by itself", at_least(1));
  schema.add("bias", &Layer::bias, "whether each channel has a number added");
}

template <class Layer>
void describe_pool(Schema<Layer>& schema) {
  schema.add("size", &Layer::size, "size of the window");
  schema.shorthand("size");
  schema.add("stride", &Layer::stride,
             "from one place of the window to the next; none: the window's size");
  schema.add("padding", &Layer::padding, "how far the window reaches beyond either end");
}

}  // namespace

void ConvLayer::describe(Schema<ConvLayer>& schema) { describe_kernel(schema); }

void ConvTransposeLayer::describe(Schema<ConvTransposeLayer>& schema) {
  describe_kernel(schema);
  schema.add("output_padding", &ConvTransposeLayer::output_padding,
             "rows and columns more at the far end; none: so many that the output is stride times "
             "the input, where that can be");
}

void MaxPoolLayer::describe(Schema<MaxPoolLayer>& schema) { describe_pool(schema); }
void AvgPoolLayer::describe(Schema<AvgPoolLayer>& schema) {
  describe_pool(schema);
  schema.check([](const AvgPoolLayer& layer) -> std::string {
    const bool whole = !layer.size.numbers, moved = layer.stride || layer.padding != Sizes{{0}};
    return whole && moved ? "has no stride and no padding where size is global" : "";
  });
}

void UpsampleLayer::describe(Schema<UpsampleLayer>& schema) {
  schema.add("factor", &UpsampleLayer::factor, "how many times larger");
  schema.shorthand("factor");
  schema.add("interpolation", &UpsampleLayer::interpolation, "what stands between elements",
             Names<Interpolation>{{"nearest", Interpolation::Nearest},
                                  {"bilinear", Interpolation::Bilinear}});
}

namespace {

template <class Layer>
void describe_norm(Schema<Layer>& schema, const char* what) {
  schema.add("epsilon", &Layer::epsilon, "added to variances", greater_than(0));
  schema.add("affine", &Layer::affine, what);
}

constexpr const char* kOfChannels = "whether each channel has a weight and a bias";

}  // namespace

void BatchNormLayer::describe(Schema<BatchNormLayer>& schema) {
  schema.add("momentum", &BatchNormLayer::momentum,
             "share of the latest batch in the running averages", at_least(0), at_most(1));
  describe_norm(schema, kOfChannels);
}

void LayerNormLayer::describe(Schema<LayerNormLayer>& schema) {
  describe_norm(schema, "whether each element has a weight and a bias");
}

void GroupNormLayer::describe(Schema<GroupNormLayer>& schema) {
  schema.require("groups", &GroupNormLayer::groups, "groups of channels", at_least(1));
  schema.shorthand("groups");
  describe_norm(schema, kOfChannels);
}

void DropoutLayer::describe(Schema<DropoutLayer>& schema) {
  schema.add("rate", &DropoutLayer::rate, "part of the values that is dropped", at_least(0),
             less_than(1));
  schema.shorthand("rate");
}

void FlattenLayer::describe(Schema<FlattenLayer>&) {}

void ReshapeLayer::describe(Schema<ReshapeLayer>& schema) {
  schema.require("shape", &ReshapeLayer::shape, "the new shape, the batch not counted",
                 not_empty());
  schema.shorthand("shape");
}

void LayerOptions::describe(Schema<LayerOptions>& schema) {
  schema.alternatives(&LayerOptions::kind, "the layer");
  schema.add("activation", &LayerOptions::activation, "what follows the layer", activation_names());
}

namespace {

PoolOptions options_of(const PoolLayer& layer, const Sizes& size) {
  PoolOptions options;
  options.kernel = size.numbers;
  if (layer.stride) options.stride = layer.stride->numbers;
  options.padding = layer.padding.numbers;
  return options;
}

/// A convolution's weight [out, in / groups, kernel...]; of a transposed one, in and out change
/// places.
Shape weight_shape(std::int64_t out, std::int64_t in, const KernelOptions& layer, int axes) {
  if (in % layer.groups != 0 || out % layer.groups != 0) {
    throw ShapeError(text("groups must divide the channels: groups ", layer.groups, ", ", in,
                          " channels in, ", out, " out"));
  }
  Shape shape{out, in / layer.groups};
  for (const std::int64_t each : spread(layer.kernel, axes)) shape = shape.appended(each);
  return shape;
}

/// A signal without channels has one.
Value with_channels(Value x) {
  return x.shape().rank() == 2 ? reshape(x, {x.shape()[0], 1, x.shape()[1]}) : x;
}

}  // namespace

Value LayerWriter::write(Value x, const LayerOptions& layer) {
  const Graph::Scope scope(parameters_.graph(), text(part_, ".", written_++));
  if (!std::holds_alternative<DenseLayer>(layer.kind)) expects_sparse_ = false;
  try {
    const Value y = write_here(x, layer);
    const std::string lack = lack_of_room(y.shape());
    if (!lack.empty()) throw ShapeError(text("the output ", y.shape().to_text(), " ", lack));
    return y;
  } catch (const ShapeError& error) {
    throw ShapeError(text("layer ", part_, ".", written_ - 1, ": ", error.what()));
  }
}

Value LayerWriter::write_here(Value x, const LayerOptions& layer) {
  struct Writer {
    LayerWriter& self;
    Value x;
    bool relu;
    Value operator()(const DenseLayer& dense) const {
      return self.dense(x, dense.width, dense.bias);
    }
    Value operator()(const ConvLayer& conv) const { return self.convolved(x, conv); }
    Value operator()(const ConvTransposeLayer& conv) const { return self.transposed(x, conv); }
    Value operator()(const MaxPoolLayer& pool) const {
      return max_pool(x, options_of(pool, pool.size));
    }
    Value operator()(const AvgPoolLayer& pool) const {
      if (!pool.size.numbers) return global_average_pool(x);
      return average_pool(x, options_of(pool, *pool.size.numbers));
    }
    Value operator()(const UpsampleLayer& layer) const {
      return upsample(x, layer.factor.numbers, layer.interpolation);
    }
    Value operator()(const BatchNormLayer& norm) const { return self.normalised(x, norm, relu); }
    Value operator()(const LayerNormLayer& norm) const { return self.normalised(x, norm); }
    Value operator()(const GroupNormLayer& norm) const { return self.normalised(x, norm); }
    Value operator()(const DropoutLayer& dropout_) const {
      return self.training_ ? dropout(x, static_cast<float>(dropout_.rate),
                                      text("dropout ", self.part_, ".", self.written_ - 1))
                            : x;
    }
    Value operator()(const FlattenLayer&) const { return flatten(x); }
    Value operator()(const ReshapeLayer& reshape_) const {
      Shape shape{x.shape()[0]};
      for (std::int64_t extent : reshape_.shape) shape = shape.appended(extent);
      return reshape(x, shape);
    }
  };
  const bool relu = layer.activation == Activation::Relu;
  const Value y = std::visit(Writer{*this, x, relu}, layer.kind);
  // A batch normalisation has done its ReLU.
  const bool done = relu && std::holds_alternative<BatchNormLayer>(layer.kind);
  return done ? y : activate(y, layer.activation);
}

bool normalises(const LayerOptions& layer) {
  return std::holds_alternative<BatchNormLayer>(layer.kind) ||
         std::holds_alternative<LayerNormLayer>(layer.kind) ||
         std::holds_alternative<GroupNormLayer>(layer.kind);
}

Value LayerWriter::dense(Value x, std::int64_t width, bool bias) {
  const Value flat = flatten(x);
  const std::string path = text(part_, ".", numbered_++);
  const std::int64_t in = flat.shape()[1];
  const bool sparse = std::exchange(expects_sparse_, false);
  const Value weight = sparse ? parameters_.turned_weight(path + ".weight", {in, width})
                              : parameters_.weight(path + ".weight", {width, in});
  const Value shift = bias ? parameters_.filled(path + ".bias", {width}, 0.0f) : Value();
  return sparse ? dense_transposed(flat, weight, shift) : hourglass::dense(flat, weight, shift);
}

Value LayerWriter::convolved(Value x, const ConvLayer& layer) {
  x = with_channels(x);
  const int axes = x.shape().rank() - 2;
  const std::string path = text(part_, ".", numbered_++);
  const Value weight =
      parameters_.weight(path + ".weight", weight_shape(layer.channels, x.shape()[1], layer, axes));
  const Value bias =
      layer.bias ? parameters_.filled(path + ".bias", {layer.channels}, 0.0f) : Value();
  return convolution(x, weight, bias, options_of(layer, axes));
}

Value LayerWriter::transposed(Value x, const ConvTransposeLayer& layer) {
  x = with_channels(x);
  const int axes = x.shape().rank() - 2;
  const std::string path = text(part_, ".", numbered_++);
  const Value weight =
      parameters_.weight(path + ".weight", weight_shape(x.shape()[1], layer.channels, layer, axes));
  const Value bias =
      layer.bias ? parameters_.filled(path + ".bias", {layer.channels}, 0.0f) : Value();
  ConvolutionOptions options = options_of(layer, axes);
  if (layer.output_padding) {
    options.output_padding = spread(*layer.output_padding, axes);
  } else if (std::ssize(options.padding) == axes && std::ssize(options.stride) == axes &&
             std::ssize(options.dilation) == axes) {
    options.output_padding.clear();
    for (int axis = 0; axis < axes; ++axis) {
      const std::int64_t size = x.shape()[axis + 2], stride = options.stride[axis];
      const std::int64_t missing =
          size * stride - transposed_size(size, weight.shape()[axis + 2], options, axis);
      options.output_padding.push_back(
          std::clamp<std::int64_t>(missing, 0, std::max<std::int64_t>(stride - 1, 0)));
    }
  }
  return transposed_convolution(x, weight, bias, options);
}

Value LayerWriter::normalised(Value x, const BatchNormLayer& layer, bool relu) {
  const Shape channels{x.shape()[1]};
  const std::int64_t values = x.shape().size() / std::max<std::int64_t>(channels[0], 1);
  if (training_ && values < 2) {
    throw ShapeError(
        text("batchnorm cannot train on a batch of ", x.shape()[0],
             ", with one value a channel, whose distance from its mean is always zero: x is ",
             x.shape().to_text(),
             "; choose a train.batch that leaves more than one sample for the last step of an "
             "epoch, or layernorm"));
  }
  // The layer has a number for its state in any case.
  const std::string path = text(part_, ".", layer.affine ? numbered_ : numbered_++);
  const auto [weight, bias] = scale_and_shift(layer.affine, channels);
  const std::string mean_path = path + ".running_mean", variance_path = path + ".running_variance";
  const Value mean = parameters_.state(mean_path, channels, 0.0f);
  const BatchStatistics running{mean, parameters_.state(variance_path, channels, 1.0f)};
  const BatchNormalizationOptions options{static_cast<float>(layer.epsilon), relu};
  if (!training_) return batch_normalization(x, running, weight, bias, options);
  const auto [y, batch] = batch_normalization(x, weight, bias, options);
  const auto kept = static_cast<float>(1 - layer.momentum),
             taken = static_cast<float>(layer.momentum);
  const auto unbiased = static_cast<float>(layer.momentum * static_cast<double>(values) /
                                           static_cast<double>(values - 1));
  parameters_.move(mean_path, kept * running.mean + taken * batch.mean, y);
  parameters_.move(variance_path, kept * running.variance + unbiased * batch.variance, y);
  return y;
}

Value LayerWriter::normalised(Value x, const LayerNormLayer& layer) {
  const auto [weight, bias] = scale_and_shift(layer.affine, x.shape().without(0));
  return layer_normalization(x, weight, bias, static_cast<float>(layer.epsilon));
}

Value LayerWriter::normalised(Value x, const GroupNormLayer& layer) {
  const auto [weight, bias] = scale_and_shift(layer.affine, {x.shape()[1]});
  return group_normalization(x, layer.groups, weight, bias, static_cast<float>(layer.epsilon));
}

std::pair<Value, Value> LayerWriter::scale_and_shift(bool affine, const Shape& shape) {
  if (!affine) return {};
  const std::string path = text(part_, ".", numbered_++);
  const Value weight = parameters_.filled(path + ".weight", shape, 1.0f);
  return {weight, parameters_.filled(path + ".bias", shape, 0.0f)};
}

Value LayerWriter::tied_dense(Value x, Value weight) {
  const std::string path = text(part_, ".", numbered_++);
  const Value bias = parameters_.filled(path + ".bias", {weight.shape()[1]}, 0.0f);
  return dense_transposed(flatten(x), weight, bias);
}

}  // namespace hourglass
