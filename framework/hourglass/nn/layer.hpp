#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/nn/activation.hpp>
#include <hourglass/nn/parameters.hpp>

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
  std::variant<DenseLayer, DropoutLayer, FlattenLayer, ReshapeLayer> kind;
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

 private:
  Parameters& parameters_;
  std::string part_;
  bool training_;
  int numbered_ = 0;  // layers with parameters so far
  int written_ = 0;   // all layers so far
};

/// The layers of a decoder that undoes `encoder`, last layer first, up to the one that has as many
/// outputs as the data: each dense layer is followed by the activation of the layer that it
/// mirrors. Dropout is left out.
HOURGLASS_API std::vector<LayerOptions> mirrored(std::span<const LayerOptions> encoder);

}  // namespace hourglass
