#pragma once

#include <doctest/doctest.h>
#include <support/models.hpp>

#include <map>
#include <string>

namespace hourglass::test {

/// The loss of a train step for one batch, before its update.
inline double loss_of_step(Model& model, const Tensor& samples, Stream stream) {
  Program& program = model.train(samples.shape()[0], stream)[0].program;
  program.feed("input", samples.floats().data());
  program.run({.seed = model.setup().seed, .step = 3});
  return program.fetched(0)[0];
}

/// Checks the slope of the loss of a stream's first train step along a direction: from the gradient
/// that an update of size 1 makes, and from the losses `step` to both sides. Parameters that are
/// not updated stay as they are.
inline void check_slope(Model& model, const Tensor& samples, Stream stream = Stream::All,
                        float step = 5e-3f) {
  model.train(samples.shape()[0], stream);  // makes all variables
  std::map<Variable*, Tensor> start, direction;
  for (const auto& variable : model.variables().all()) start[variable.get()] = variable->read();
  loss_of_step(model, samples, stream);
  double analytic = 0;
  std::uint64_t seed = 50;
  for (const std::string& path : parameter_paths(model)) {
    Variable* parameter = model.variables().find(path);
    const Tensor now = parameter->read(), before = start.at(parameter);
    const Tensor along = uniform(now.shape(), ++seed, -1, 1);
    bool any = false;
    for (std::int64_t i = 0; i < now.size(); ++i) {
      const double gradient = before.floats()[i] - now.floats()[i];
      analytic += gradient * along.floats()[i];
      any |= gradient != 0;
    }
    if (any) direction[parameter] = along;
  }
  const auto at = [&](float distance) {
    for (const auto& [variable, value] : start) {
      Tensor moved(value.shape());
      const auto along = direction.find(variable);
      for (std::int64_t i = 0; i < value.size(); ++i) {
        const float there = along == direction.end() ? 0.0f : distance * along->second.floats()[i];
        moved.floats()[i] = value.floats()[i] + there;
      }
      variable->write(moved);
    }
    return loss_of_step(model, samples, stream);
  };
  const double numeric = (at(step) - at(-step)) / (2.0 * step);
  CHECK(analytic == doctest::Approx(numeric).epsilon(0.01));
}

}  // namespace hourglass::test
