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
#include <utility>
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
  std::optional<Sizes> stride;  // none: the size
  Sizes padding{{0}};
  friend bool operator==(const PoolLayer&, const PoolLayer&) = default;
};

/// `maxpool: 2`: the greatest under each place of a window.
struct HOURGLASS_API MaxPoolLayer : PoolLayer {
  static constexpr const char* kName = "maxpool";
  Sizes size{{2}};
  static void describe(Schema<MaxPoolLayer>& schema);
  friend bool operator==(const MaxPoolLayer&, const MaxPoolLayer&) = default;
};

/// `avgpool: 2`: the mean under each place of a window. `avgpool: global`: one mean a channel,
/// [batch, channels].
struct HOURGLASS_API AvgPoolLayer : PoolLayer {
  static constexpr const char* kName = "avgpool";
  WindowSize size;
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

/// `batchnorm`: each channel is shifted and scaled to mean 0 and variance 1, in training by what
/// the batch has, afterwards by running averages of that, then to a mean (bias, 0 at first) and a
/// size (weight, 1 at first) of its own; see batch_normalization. S. Ioffe, C. Szegedy, 2015. The
/// averages are state, <part>.<n>.running_mean, 0 at first, and running_variance, 1 at first. Each
/// batch moves them once: average = (1 - momentum) average + momentum statistic, where the variance
/// is the unbiased one.
struct HOURGLASS_API BatchNormLayer {
  static constexpr const char* kName = "batchnorm";
  double momentum = 0.1;
  double epsilon = 1e-5;
  bool affine = true;  // without, there are no weight and bias
  static void describe(Schema<BatchNormLayer>& schema);
  friend bool operator==(const BatchNormLayer&, const BatchNormLayer&) = default;
};

/// `layernorm`: each sample is shifted and scaled to mean 0 and variance 1 over all its elements,
/// then each element to a mean (bias) and a size (weight) of its own, both of a sample's shape; see
/// layer_normalization. J. L. Ba, J. R. Kiros, G. E. Hinton, 2016.
struct HOURGLASS_API LayerNormLayer {
  static constexpr const char* kName = "layernorm";
  double epsilon = 1e-5;
  bool affine = true;
  static void describe(Schema<LayerNormLayer>& schema);
  friend bool operator==(const LayerNormLayer&, const LayerNormLayer&) = default;
};

/// `groupnorm: 8`: as layernorm, but by groups of channels, and with a mean and a size for each
/// channel; see group_normalization. Y. Wu, K. He, 2018.
struct HOURGLASS_API GroupNormLayer {
  static constexpr const char* kName = "groupnorm";
  int groups = 0;
  double epsilon = 1e-5;
  bool affine = true;
  static void describe(Schema<GroupNormLayer>& schema);
  friend bool operator==(const GroupNormLayer&, const GroupNormLayer&) = default;
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
               BatchNormLayer, LayerNormLayer, GroupNormLayer, DropoutLayer, FlattenLayer,
               ReshapeLayer>
      kind;
  Activation activation = Activation::None;
  static void describe(Schema<LayerOptions>& schema);
  friend bool operator==(const LayerOptions&, const LayerOptions&) = default;
};

/// Whether a layer only shifts and scales what the one before it gives, by statistics of that.
HOURGLASS_API bool normalises(const LayerOptions& layer);

/// Writes layers, one after another, into a graph. Parameters are called `<part>.<n>.weight` and
/// `.bias`, where n counts the layers that have any parameter or state.
class HOURGLASS_API LayerWriter {
 public:
  /// `training`: whether dropout drops, and batches are normalised by their own statistics.
  LayerWriter(Parameters& parameters, std::string part, bool training)
      : parameters_(parameters), part_(std::move(part)), training_(training) {}

  /// Throws ShapeError, naming the layer, when x does not fit it, or when its output would be
  /// larger than this machine's memory.
  Value write(Value x, const LayerOptions& layer);
  /// A dense layer with the next number; x is flattened first.
  Value dense(Value x, std::int64_t width, bool bias = true);
  /// Says that few elements of what comes next are not zero: where that is a dense layer, its
  /// weight is read by the input (Parameters::turned_weight), whether x is a sparse value or not.
  void expect_sparse() { expects_sparse_ = true; }
  /// y = x W + b with the weight of another layer: what tied decoders are made of.
  Value tied_dense(Value x, Value weight);
  /// A decoder that undoes `encoder`: from z to what came before the encoder's first layer.
  /// `shapes[i]` is what came before its layer i, and the last of them what it gave. The last
  /// layer first, each is undone by its like: a dense layer by one with as many outputs as it has
  /// inputs, a convolution by a transposed one with the same kernel and with the output padding
  /// that restores its input's size, pooling by resizing. What follows a layer in the encoder, its
  /// activation and its normalisation, follows what restores that layer's output; so the last
  /// product, which restores the data, is followed by neither. Dropout is left out. Where the code
  /// came from a layer behind the encoder, a dense layer undoes that first.
  Value mirror(Value z, std::span<const LayerOptions> encoder, std::span<const Shape> shapes,
               bool has_code_layer);

 private:
  Value convolved(Value x, const ConvLayer& layer);
  Value transposed(Value x, const ConvTransposeLayer& layer);
  /// With `relu`, that follows within the same kernel.
  Value normalised(Value x, const BatchNormLayer& layer, bool relu);
  Value normalised(Value x, const LayerNormLayer& layer);
  Value normalised(Value x, const GroupNormLayer& layer);
  /// The weight and the bias of the layer with the next number; neither, and no number, unless
  /// `affine`.
  std::pair<Value, Value> scale_and_shift(bool affine, const Shape& shape);
  Value write_here(Value x, const LayerOptions& layer);

  Parameters& parameters_;
  std::string part_;
  bool training_;
  bool expects_sparse_ = false;
  int numbered_ = 0;  // layers with parameters so far
  int written_ = 0;   // all layers so far
};

}  // namespace hourglass
