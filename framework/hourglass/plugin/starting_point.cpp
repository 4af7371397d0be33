#include <hourglass/core/error.hpp>
#include <hourglass/plugin/starting_point.hpp>

namespace hourglass {

Tensor StartingPoint::value(const std::string& path) const {
  const Variable* variable = variables_.find(path);
  if (variable == nullptr) throw ConfigError(text("there is no parameter \"", path, "\""));
  return variable->read();
}

Tensor StartingPoint::transposed(const std::string& path) const {
  const Tensor from = value(path);
  if (from.shape().rank() != 2) {
    throw ShapeError(text("parameter \"", path, "\" has shape ", from.shape().to_text(),
                          "; only [m, n] can be turned round"));
  }
  return turned_round(from);
}

}  // namespace hourglass
