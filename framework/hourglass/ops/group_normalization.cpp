#include <hourglass/core/error.hpp>
#include <hourglass/ops/group_normalization.hpp>
#include <hourglass/ops/normalization.hpp>

namespace hourglass {

namespace {

[[noreturn]] void refuse_group_norm(Value x, const std::string& rule) {
  throw ShapeError(text("[group_normalization] ", rule, ": x is ", x.shape().to_text()));
}

}  // namespace

Value group_normalization(Value x, std::int64_t groups, Value weight, Value bias, float epsilon) {
  if (x.shape().rank() < 2 || x.shape().rank() > 4) {
    refuse_group_norm(
        x,
        "x must be [batch, channels], [batch, channels, size] or [batch, channels, height, width]");
  }
  if (!(epsilon > 0)) refuse_group_norm(x, text("epsilon must be above 0, got ", epsilon));
  if (!weight != !bias) refuse_group_norm(x, "weight and bias must both be given, or neither");
  const Shape channels{x.shape()[1]};
  if (x.shape().without(0).size() == 0) refuse_group_norm(x, "a sample has no elements");
  if (groups < 1 || channels[0] % groups != 0) {
    refuse_group_norm(x,
                      text("groups must divide the channels, got ", groups, " for ", channels[0]));
  }
  for (const auto& [value, what] : {std::pair(weight, "weight"), std::pair(bias, "bias")}) {
    if (value && value.shape() != channels) {
      refuse_group_norm(
          x, text(what, " must be ", channels.to_text(), ", got ", value.shape().to_text()));
    }
  }
  return normalized(x, weight, bias,
                    {.name = "group_normalization", .groups = groups, .epsilon = epsilon});
}

}  // namespace hourglass
