#include <hourglass/core/error.hpp>
#include <hourglass/nn/layer.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/dropout.hpp>
#include <hourglass/ops/reshape.hpp>

#include <algorithm>

namespace hourglass {

void DenseLayer::describe(Schema<DenseLayer>& schema) {
  schema.require("width", &DenseLayer::width, "outputs", at_least(1));
  schema.shorthand("width");
  schema.add("bias", &DenseLayer::bias, "whether each output has a number added");
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

Value LayerWriter::write(Value x, const LayerOptions& layer) {
  const Graph::Scope scope(parameters_.graph(), text(part_, ".", written_++));
  struct Writer {
    LayerWriter& self;
    Value x;
    Value operator()(const DenseLayer& dense) const {
      return self.dense(x, dense.width, dense.bias);
    }
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
  try {
    return activate(std::visit(Writer{*this, x}, layer.kind), layer.activation);
  } catch (const ShapeError& error) {
    throw ShapeError(text("layer ", part_, ".", written_ - 1, ": ", error.what()));
  }
}

Value LayerWriter::dense(Value x, std::int64_t width, bool bias) {
  const Value flat = flatten(x);
  const std::string path = text(part_, ".", numbered_++);
  const Value weight = parameters_.weight(path + ".weight", {width, flat.shape()[1]});
  if (!bias) return hourglass::dense(flat, weight);
  return hourglass::dense(flat, weight, parameters_.filled(path + ".bias", {width}, 0.0f));
}

Value LayerWriter::tied_dense(Value x, Value weight) {
  const std::string path = text(part_, ".", numbered_++);
  const Value bias = parameters_.filled(path + ".bias", {weight.shape()[1]}, 0.0f);
  return dense_transposed(flatten(x), weight, bias);
}

std::vector<LayerOptions> mirrored(std::span<const LayerOptions> encoder) {
  std::vector<LayerOptions> decoder;
  for (std::size_t i = encoder.size(); i-- > 0;) {
    if (std::holds_alternative<DenseLayer>(encoder[i].kind)) decoder.push_back(encoder[i]);
  }
  return decoder;
}

}  // namespace hourglass
