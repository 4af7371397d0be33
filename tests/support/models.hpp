#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/model.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

/// Models of the build tree's variants, and what tests do with them.
namespace hourglass::test {

/// The plugins of the build tree.
inline PluginHost& plugins() {
  static PluginHost host;
  return host;
}

/// `model` is the model section, "{latent: 3}". The learning rate is 1, without moments.
inline ModelSetup setup_of(const std::string& variant, const std::string& model,
                           const Shape& sample_shape, const ValueRange& range) {
  config::Problems problems;
  ModelSetup setup;
  setup.options = read_model_options(plugins().variant(variant),
                                     config::parse_text(model, "test.yaml"), problems);
  problems.throw_if_any();
  setup.data = {sample_shape, range};
  SgdOptions optimizer;
  optimizer.learning_rate = 1.0;
  setup.optimizer = optimizer;
  return setup;
}

inline ModelSetup vanilla(const std::string& model, const Shape& sample_shape,
                          const ValueRange& range = {.least = 0, .greatest = 1}) {
  return setup_of("vanilla", model, sample_shape, range);
}

/// Numbers in [low, high), from a counted stream.
inline Tensor uniform(const Shape& shape, std::uint64_t seed, float low = 0, float high = 1) {
  Tensor tensor(shape);
  RandomStream random(seed, "values");
  for (float& value : tensor.floats()) value = random.uniform(low, high);
  return tensor;
}

inline std::shared_ptr<Source> source_of(const Tensor& samples) {
  return std::make_shared<MemorySource>(samples, Labels(), std::make_shared<FittedScaling>());
}

/// Trains on one batch; the first train step's loss before the update.
inline float step(Model& model, const Tensor& samples, std::int64_t number = 0) {
  Program& program = model.train(samples.shape()[0])[0].program;
  program.feed("input", samples.floats().data());
  program.run({.seed = model.setup().seed, .step = number});
  return program.fetched(0)[0];
}

/// The reconstructions of samples [count, shape...].
inline std::vector<float> reconstructions(Model& model, const Tensor& samples) {
  std::vector<float> all;
  const auto size = static_cast<std::ptrdiff_t>(model.setup().data.sample_shape.size());
  model.reconstruct(*source_of(samples), 2, [&](const auto& indices, const float*, const float* y) {
    all.insert(all.end(), y, y + size * std::ssize(indices));
  });
  return all;
}

inline std::vector<float> codes(Model& model, const Tensor& samples) {
  std::vector<float> all;
  const auto size = static_cast<std::ptrdiff_t>(model.code_shape().size());
  model.encode(*source_of(samples), 2, [&](const auto& indices, const float*, const float* z) {
    all.insert(all.end(), z, z + size * std::ssize(indices));
  });
  return all;
}

/// The paths of a model's parameters, in order of creation.
inline std::vector<std::string> parameter_paths(Model& model) {
  model.parameter_count();
  std::vector<std::string> paths;
  for (const auto& variable : model.variables().all()) {
    if (variable->kind() == Variable::Kind::Parameter) paths.push_back(variable->path());
  }
  return paths;
}

inline std::vector<float> values(Model& model, const std::string& path) {
  const Tensor tensor = model.variables().find(path)->read();
  return {tensor.floats().begin(), tensor.floats().end()};
}

}  // namespace hourglass::test
