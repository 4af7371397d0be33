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
  const std::int64_t rows = from.shape()[0], columns = from.shape()[1];
  Tensor to({columns, rows});
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < columns; ++k) {
      to.floats()[k * rows + i] = from.floats()[i * columns + k];
    }
  }
  return to;
}

}  // namespace hourglass
