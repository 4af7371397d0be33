#include <hourglass/core/error.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/nn/parameters.hpp>

#include <algorithm>

namespace hourglass {

namespace {

void expect_room(const std::string& path, const Shape& shape) {
  const std::string lack = lack_of_room(shape);
  if (!lack.empty()) throw ShapeError(text("\"", path, "\" ", shape.to_text(), " ", lack));
}

}  // namespace

template <class Make>
Value Parameters::find_or_make(const std::string& path, Variable::Kind kind, const Shape& shape,
                               Make&& make) {
  Variable* variable = store_.find(path);
  if (variable == nullptr) {
    if (path.find('/') != path.npos) {
      throw ConfigError(text("the path \"", path, "\" has a slash; its parts are joined by dots"));
    }
    store_.expect_open(path);
    expect_room(path, shape);
    variable = &store_.create(path, kind, make());
  } else if (variable->shape() != shape) {
    throw ShapeError(text("parameter \"", path, "\" is used with shape ", shape.to_text(),
                          ", but was made with ", variable->shape().to_text()));
  }
  if (variable->kind() != kind) {
    throw ConfigError(text("\"", path, "\" cannot be a parameter and a state"));
  }
  return graph_.variable(*variable);
}

namespace {

Tensor filled_tensor(const Shape& shape, float number) {
  Tensor tensor(shape);
  std::ranges::fill(tensor.floats(), number);
  return tensor;
}

}  // namespace

Value Parameters::weight(const std::string& path, const Shape& shape) {
  return find_or_make(path, Variable::Kind::Parameter, shape,
                      [&] { return initial_weight(initializer_, shape, seed_, path); });
}

Value Parameters::turned_weight(const std::string& path, const Shape& shape) {
  const Shape kept{shape[1], shape[0]};
  Variable* opened = store_.find(path);
  if (opened != nullptr && !opened->is_kept_turned() && opened->shape() == kept) opened->turn();
  const Value weight = find_or_make(path, Variable::Kind::Parameter, shape, [&] {
    return turned_round(initial_weight(initializer_, kept, seed_, path));
  });
  store_.find(path)->keep_turned();
  return weight;
}

Value Parameters::existing(const std::string& path) {
  Variable* variable = store_.find(path);
  if (variable == nullptr) throw ConfigError(text("there is no parameter \"", path, "\""));
  return graph_.variable(*variable);
}

void Parameters::move(const std::string& path, Value value, Value source) {
  moves_.push_back({store_.find(path), value, source});
}

Value Parameters::filled(const std::string& path, const Shape& shape, float number) {
  return find_or_make(path, Variable::Kind::Parameter, shape,
                      [&] { return filled_tensor(shape, number); });
}

Value Parameters::state(const std::string& path, const Shape& shape, float number) {
  return find_or_make(path, Variable::Kind::State, shape,
                      [&] { return filled_tensor(shape, number); });
}

}  // namespace hourglass
