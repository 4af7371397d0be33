#pragma once

// A small autoencoder with its updates, for tests of programs.

#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/adam.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sum.hpp>

#include <vector>

namespace hourglass::test {

struct Network {
  /// Dense layers of these widths, ReLU between them, cross-entropy with the input as target.
  Network(VariableStore& store_, std::int64_t batch, std::vector<std::int64_t> widths)
      : store(store_) {
    x = graph.input("x", {batch, widths.front()});
    output = x;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      const Graph::Scope scope(graph, text("layer.", i));
      const Value weight = parameter(text("layer.", i, ".weight"), {widths[i + 1], widths[i]});
      const Value bias = parameter(text("layer.", i, ".bias"), {widths[i + 1]});
      output = dense(output, weight, bias);
      if (i + 2 < widths.size()) output = relu(output);
    }
    if (widths.front() != widths.back()) return;
    loss = mean(sum(binary_cross_entropy(output, x), {1}));
  }

  Value parameter(const std::string& path, const Shape& shape) {
    Variable* variable = store.find(path);
    if (variable == nullptr) {
      Tensor initial(shape);
      RandomStream random(1, path);
      for (float& each : initial.floats()) each = random.uniform(-0.3f, 0.3f);
      variable = &store.create(path, Variable::Kind::Parameter, initial);
    }
    variables.push_back(variable);
    parameters.push_back(graph.variable(*variable));
    return parameters.back();
  }

  void descend(float rate) {
    const auto found = gradients(loss, parameters);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Graph::Scope scope(graph, variables[i]->path());
      updates.push_back(graph.assign(*variables[i], parameters[i] - rate * found[i]));
    }
  }

  void adam() {
    const auto found = gradients(loss, parameters);
    const Value rate = graph.slot("rate", [](std::int64_t) { return 1e-2; });
    const Value correction = graph.slot("correction", [](std::int64_t) { return 1.0; });
    for (std::size_t i = 0; i < found.size(); ++i) {
      Variable& m = state(text("m.", i), variables[i]->shape());
      Variable& v = state(text("v.", i), variables[i]->shape());
      const auto next = adam_step(parameters[i], found[i], graph.variable(m), graph.variable(v),
                                  rate, correction, {});
      updates.push_back(graph.assign(*variables[i], next[0]));
      updates.push_back(graph.assign(m, next[1]));
      updates.push_back(graph.assign(v, next[2]));
    }
  }

  Variable& state(const std::string& path, const Shape& shape) {
    Variable* found = store.find(path);
    return found ? *found : store.create(path, Variable::Kind::State, Tensor(shape));
  }

  Program compile(Arena& arena, const CompileOptions& options = {}) {
    CompileOptions guarded = options;
    guarded.guard = loss;
    return Program(graph, std::span(&loss, 1), updates, arena, guarded);
  }

  VariableStore& store;
  Graph graph;
  Value x, output, loss;
  std::vector<Variable*> variables;
  std::vector<Value> parameters;
  std::vector<Value> updates;
};

inline Tensor batch_of(std::int64_t batch, std::int64_t features, std::uint64_t seed = 1) {
  Tensor x({batch, features});
  RandomStream random(seed, "batch");
  for (float& each : x.floats()) each = random.uniform();
  return x;
}

}  // namespace hourglass::test
