#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/nn/activation.hpp>
#include <hourglass/nn/parameters.hpp>
#include <hourglass/nn/sizes.hpp>
#include <hourglass/ops/resample.hpp>

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace hourglass {

/// `dense: 128`: every output is a weighted sum of all inputs, plus a bias.
struct HOURGLASS_API DenseLayer {
  static constexpr const char* kName = "dense";
  int width = 0;
  bool bias = true;
  static void describe(Schema<DenseLayer>& schema);
  friend bool operator==(const DenseLayer&, const DenseLayer&) = default;
};

/// How a kernel goes over the spatial axes of images [batch, channels, height, width] or of signals
/// [batch, channels, size].
struct HOURGLASS_API KernelOptions {
  Sizes kernel{{3}};
  Sizes stride{{1}};
  /// None: half of what the kernel reaches beyond the stride, rounded up, so that a kernel of odd
  /// size with stride 1 keeps the size, and one with stride 2 halves it.
  std::optional<Sizes> padding;
  Sizes dilation{{1}};
  int groups = 1;
  bool bias = true;
  friend bool operator==(const KernelOptions&, const KernelOptions&) = default;
};

/// `conv: 16`, `conv: {channels: 16, kernel: 4, stride: 2}`: a convolution.
struct HOURGLASS_API ConvLayer : KernelOptions {
  static constexpr const char* kName = "conv";
  int channels = 0;
  static void describe(Schema<ConvLayer>& schema);
  friend bool operator==(const ConvLayer&, const ConvLayer&) = default;
};

/// `conv_transpose: {channels: 16, kernel: 4, stride: 2}`: a transposed convolution.
struct HOURGLASS_API ConvTransposeLayer : KernelOptions {
  static constexpr const char* kName = "conv_transpose";
  int channels = 0;
  /// None: so much that the output is stride times the input, where that can be.
  std::optional<Sizes> output_padding;
  static void describe(Schema<ConvTransposeLayer>& schema);
  friend bool operator==(const ConvTransposeLayer&, const ConvTransposeLayer&) = default;
};

struct HOURGLASS_API PoolLayer {
  Sizes size{{2}};
  std::optional<Sizes> stride;  // none: the size
  Sizes padding{{0}};
  friend bool operator==(const PoolLayer&, const PoolLayer&) = default;
};

/// `maxpool: 2`: the greatest under each place of a window.
struct HOURGLASS_API MaxPoolLayer : PoolLayer {
  static constexpr const char* kName = "maxpool";
  static void describe(Schema<MaxPoolLayer>& schema);
  friend bool operator==(const MaxPoolLayer&, const MaxPoolLayer&) = default;
};

/// `avgpool: 2`: the mean under each place of a window.
struct HOURGLASS_API AvgPoolLayer : PoolLayer {
  static constexpr const char* kName = "avgpool";
  static void describe(Schema<AvgPoolLayer>& schema);
  friend bool operator==(const AvgPoolLayer&, const AvgPoolLayer&) = default;
};

/// `upsample: 2`: images made larger.
struct HOURGLASS_API UpsampleLayer {
  static constexpr const char* kName = "upsample";
  Sizes factor{{2}};
  Interpolation interpolation = Interpolation::Nearest;
  static void describe(Schema<UpsampleLayer>& schema);
  friend bool operator==(const UpsampleLayer&, const UpsampleLayer&) = default;
};

/// `dropout: 0.2`: in training, each value is zero with this probability, and the others are scaled
/// up so that the mean stays. N. Srivastava et al., 2014.
struct HOURGLASS_API DropoutLayer {
  static constexpr const char* kName = "dropout";
  double rate = 0.5;
  static void describe(Schema<DropoutLayer>& schema);
  friend bool operator==(const DropoutLayer&, const DropoutLayer&) = default;
};

/// `flatten`: all axes but the batch become one.
struct HOURGLASS_API FlattenLayer {
  static constexpr const char* kName = "flatten";
  static void describe(Schema<FlattenLayer>& schema);
  friend bool operator==(const FlattenLayer&, const FlattenLayer&) = default;
};

/// `reshape: [16, 7, 7]`: the same values under another shape, the batch not counted.
struct HOURGLASS_API ReshapeLayer {
  static constexpr const char* kName = "reshape";
  std::vector<std::int64_t> shape;
  static void describe(Schema<ReshapeLayer>& schema);
  friend bool operator==(const ReshapeLayer&, const ReshapeLayer&) = default;
};

/// One entry of `encoder` or `decoder`: `{dense: 128, activation: relu}`.
struct HOURGLASS_API LayerOptions {
  std::variant<DenseLayer, ConvLayer, ConvTransposeLayer, MaxPoolLayer, AvgPoolLayer, UpsampleLayer,
               DropoutLayer, FlattenLayer, ReshapeLayer>
      kind;
  Activation activation = Activation::None;
  static void describe(Schema<LayerOptions>& schema);
  friend bool operator==(const LayerOptions&, const LayerOptions&) = default;
};

/// Writes layers, one after another, into a graph. Parameters are called `<part>.<n>.weight` and
/// `.bias`, where n counts the layers that have any.
class HOURGLASS_API LayerWriter {
 public:
  /// `training`: whether dropout drops.
  LayerWriter(Parameters& parameters, std::string part, bool training)
      : parameters_(parameters), part_(std::move(part)), training_(training) {}

  /// Throws ShapeError, naming the layer, when x does not fit it.
  Value write(Value x, const LayerOptions& layer);
  /// A dense layer with the next number; x is flattened first.
  Value dense(Value x, std::int64_t width, bool bias = true);
  /// y = x W + b with the weight of another layer: what tied decoders are made of.
  Value tied_dense(Value x, Value weight);
  /// A decoder that undoes `encoder`: from z to what came before the encoder's first layer.
  /// `shapes[i]` is what came before its layer i, and the last of them what it gave. The last
  /// layer first, each is undone by its like: a dense layer by one with as many outputs as it has
  /// inputs, a convolution by a transposed one with the same kernel and with the output padding
  /// that restores its input's size, pooling by resizing. What follows a layer in the encoder, its
  /// activation, follows what restores that layer's output. Dropout is left out. Where the code
  /// came from a layer behind the encoder, a dense layer undoes that first.
  Value mirror(Value z, std::span<const LayerOptions> encoder, std::span<const Shape> shapes,
               bool has_code_layer);

 private:
  Value convolved(Value x, const ConvLayer& layer);
  Value transposed(Value x, const ConvTransposeLayer& layer);
  Value write_here(Value x, const LayerOptions& layer);

  Parameters& parameters_;
  std::string part_;
  bool training_;
  int numbered_ = 0;  // layers with parameters so far
  int written_ = 0;   // all layers so far
};

}  // namespace hourglass
