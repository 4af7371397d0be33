#include <hourglass/core/error.hpp>
#include <hourglass/ops/layer_normalization.hpp>
#include <hourglass/ops/normalization.hpp>

namespace hourglass {

namespace {

[[noreturn]] void refuse_layer_norm(Value x, const std::string& rule) {
  throw ShapeError(text("[layer_normalization] ", rule, ": x is ", x.shape().to_text()));
}

}  // namespace

Value layer_normalization(Value x, Value weight, Value bias, float epsilon) {
  if (x.shape().rank() < 2) refuse_layer_norm(x, "x must be [batch, features...]");
  if (!(epsilon > 0)) refuse_layer_norm(x, text("epsilon must be above 0, got ", epsilon));
  if (!weight != !bias) refuse_layer_norm(x, "weight and bias must both be given, or neither");
  const Shape features = x.shape().without(0);
  if (features.size() == 0) refuse_layer_norm(x, "a sample has no elements");
  for (const auto& [value, what] : {std::pair(weight, "weight"), std::pair(bias, "bias")}) {
    if (value && value.shape() != features) {
      refuse_layer_norm(
          x, text(what, " must be ", features.to_text(), ", got ", value.shape().to_text()));
    }
  }
  return normalized(x, weight, bias,
                    {.name = "layer_normalization", .by_element = true, .epsilon = epsilon});
}

}  // namespace hourglass
