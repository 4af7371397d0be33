#include <hourglass/core/error.hpp>
#include <hourglass/nn/parameters.hpp>

#include <algorithm>

namespace hourglass {

template <class Make>
Value Parameters::find_or_make(const std::string& path, const Shape& shape, Make&& make) {
  Variable* variable = store_.find(path);
  if (variable == nullptr) {
    store_.expect_open(path);
    variable = &store_.create(path, Variable::Kind::Parameter, make());
  } else if (variable->shape() != shape) {
    throw ShapeError(text("parameter \"", path, "\" is used with shape ", shape.to_text(),
                          ", but was made with ", variable->shape().to_text()));
  }
  return graph_.variable(*variable);
}

Value Parameters::weight(const std::string& path, const Shape& shape) {
  return find_or_make(path, shape,
                      [&] { return initial_weight(initializer_, shape, seed_, path); });
}

Value Parameters::existing(const std::string& path) {
  Variable* variable = store_.find(path);
  if (variable == nullptr) throw ConfigError(text("there is no parameter \"", path, "\""));
  return graph_.variable(*variable);
}

Value Parameters::filled(const std::string& path, const Shape& shape, float number) {
  return find_or_make(path, shape, [&] {
    Tensor tensor(shape);
    std::ranges::fill(tensor.floats(), number);
    return tensor;
  });
}

}  // namespace hourglass
