#pragma once

#include <support/models.hpp>

#include <map>
#include <string>
#include <vector>

/// A model's parameters, as the references read them.
namespace hourglass::test {

/// By path, in double.
using Weights = std::map<std::string, std::vector<double>>;

inline Weights weights_of(Model& model) {
  Weights weights;
  for (const std::string& path : parameter_paths(model)) {
    const auto numbers = values(model, path);
    weights[path] = {numbers.begin(), numbers.end()};
  }
  return weights;
}

/// Biases start at zero, where a mistake with them would not show.
inline void shake(Model& model) {
  std::uint64_t seed = 10;
  for (const std::string& path : parameter_paths(model)) {
    Variable& variable = *model.variables().find(path);
    variable.write(uniform(variable.shape(), ++seed, -0.9f, 0.9f));
  }
}

}  // namespace hourglass::test
