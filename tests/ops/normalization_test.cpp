#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/ops/batch_normalization.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/group_normalization.hpp>
#include <hourglass/ops/layer_normalization.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace hourglass::test {

namespace {

/// v: x, and weight and bias if there are more.
Value layer(Values v) {
  return v.size() == 1 ? layer_normalization(v[0]) : layer_normalization(v[0], v[1], v[2]);
}
GradientFunction grouped(std::int64_t groups) {
  return [=](Values v) {
    return v.size() == 1 ? group_normalization(v[0], groups)
                         : group_normalization(v[0], groups, v[1], v[2]);
  };
}

/// The definition, in double precision; weights for each channel, or for each element of a sample.
Numbers group_norm_by_hand(const Tensor& x, std::int64_t groups, const Tensor& weight,
                           const Tensor& bias) {
  const std::int64_t sample = x.size() / x.shape()[0], group = sample / groups;
  const std::int64_t of_weight = sample / weight.size();
  Numbers y(x.size());
  for (std::int64_t first = 0; first < x.size(); first += group) {
    double mean = 0, variance = 0;
    const double count = static_cast<double>(group);
    for (std::int64_t i = first; i < first + group; ++i) mean += x.floats()[i] / count;
    for (std::int64_t i = first; i < first + group; ++i) {
      variance += std::pow(x.floats()[i] - mean, 2) / count;
    }
    for (std::int64_t i = first; i < first + group; ++i) {
      const std::int64_t c = i % sample / of_weight;
      const double z = (x.floats()[i] - mean) / std::sqrt(variance + 1e-5);
      y[i] = static_cast<float>(weight.floats()[c] * z + bias.floats()[c]);
    }
  }
  return y;
}

Tensor filled(const Shape& shape, float number) {
  Tensor result(shape);
  std::ranges::fill(result.floats(), number);
  return result;
}

/// A convolution that leaves images as they are, but for their layout: behind it they lie in
/// blocks.
Tensor identity_weight(std::int64_t channels) {
  Tensor weight({channels, channels, 1, 1});
  for (std::int64_t c = 0; c < channels; ++c) weight.floats()[c * channels + c] = 1;
  return weight;
}

}  // namespace

TEST_SUITE("ops/normalization") {
  TEST_CASE("layer and group normalisations computed by hand") {
    // The first sample has mean 4 and variance 5, with epsilon 4 a deviation of 3.
    const Tensor x = tensor({2, 4}, {1, 3, 5, 7, 2, 2, 2, 2});
    const auto with_epsilon = [](Values v) { return layer_normalization(v[0], v[1], v[2], 4); };
    check_near(run(with_epsilon, {x, tensor({4}, {3, 3, 6, 6}), tensor({4}, {0, 1, 2, 3})}),
               {-3, 0, 4, 9, 0, 1, 2, 3});
    check_near(run([](Values v) { return group_normalization(v[0], 2, v[1], v[2], 3); },
                   {x, tensor({4}, {2, 2, 4, 4}), tensor({4}, {0, 1, 2, 3})}),
               {-1, 2, 0, 5, 0, 1, 2, 3});
    check_near(run([](Values v) { return layer_normalization(v[0], {}, {}, 4); }, {x}),
               {-1, -1 / 3.0f, 1 / 3.0f, 1, 0, 0, 0, 0});
  }

  TEST_CASE("layers and groups of every size equal the definition") {
    for (const Shape& shape :
         {Shape{3, 1}, {2, 130}, {5, 17}, {2, 3, 7}, {3, 17, 5}, {2, 33, 4, 3}, {1, 32, 5, 5}}) {
      CAPTURE(shape.to_text());
      const Shape features = shape.without(0);
      const std::int64_t channels = shape[1];
      const Tensor x = random_tensor(shape, 1, -1, 3);
      const Tensor weight = random_tensor(features, 2, 0.5, 2), bias = random_tensor(features, 3);
      check_near(run(layer, {x, weight, bias}), group_norm_by_hand(x, 1, weight, bias), 1e-5f);
      check_near(run(layer, {x}),
                 group_norm_by_hand(x, 1, filled(features, 1), filled(features, 0)), 1e-5f);
      const Tensor size = random_tensor({channels}, 2, 0.5, 2),
                   middle = random_tensor({channels}, 3);
      for (std::int64_t groups = 1; groups <= channels; ++groups) {
        if (channels % groups != 0) continue;
        CAPTURE(groups);
        check_near(run(grouped(groups), {x, size, middle}),
                   group_norm_by_hand(x, groups, size, middle), 1e-5f);
        check_near(run(grouped(groups), {x}),
                   group_norm_by_hand(x, groups, filled({channels}, 1), filled({channels}, 0)),
                   1e-5f);
      }
    }
    CHECK(run(layer, {Tensor({0, 3})}).empty());
    const auto weights = [](Values v) { return gradients(sum(layer(v)), v.subspan(1, 1))[0]; };
    CHECK(run(weights, {Tensor({0, 3}), filled({3}, 1), filled({3}, 1)}) == Numbers{0, 0, 0});
  }

  TEST_CASE("samples with a mean of ten thousand lose no digits") {
    for (const float mean : {1e4f, -1e4f}) {
      Tensor x({3, 200});
      RandomStream random(1, "large mean");
      for (float& each : x.floats()) each = mean + random.normal();
      const Numbers expected = group_norm_by_hand(x, 1, filled({200}, 1), filled({200}, 0));
      check_near(run(layer, {x}), expected, 1e-5f);
      const Tensor image = x.reshaped({3, 8, 25});
      check_near(run(grouped(2), {image}),
                 group_norm_by_hand(image, 2, filled({8}, 1), filled({8}, 0)), 1e-5f);
      // The same through lanes, which is how groups within a block are summed.
      const Tensor places = x.reshaped({1, 24, 5, 5});
      const auto blocked = [](Values v) {
        return group_normalization(convolution(v[0], v[1]), 12);
      };
      check_near(run(blocked, {places, identity_weight(24)}),
                 group_norm_by_hand(places, 12, filled({24}, 1), filled({24}, 0)), 1e-4f);
    }
  }

  TEST_CASE("gradients of layers and groups, first and second") {
    for (const Shape& shape : {Shape{2, 5}, {3, 4, 3}, {2, 6, 2, 3}}) {
      CAPTURE(shape.to_text());
      const Tensor x = random_tensor(shape, 1, -2, 2);
      const Shape features = shape.without(0), channels{shape[1]};
      check_gradient(layer, {x});
      check_gradient(layer, {x, random_tensor(features, 2, 0.5, 2), random_tensor(features, 3)});
      for (std::int64_t groups = 1; groups <= 3; ++groups) {
        if (channels[0] % groups != 0 || features.size() == groups) continue;
        CAPTURE(groups);
        check_gradient(grouped(groups),
                       {x, random_tensor(channels, 2, 0.5, 2), random_tensor(channels, 3)});
        check_gradient(grouped(groups), {x});
      }
    }
    const Tensor x = tensor({2, 4}, {-2, 1, 0.5f, -1, 2, 3, -1, 0}),
                 weight = tensor({4}, {1, 2, 0.5f, 1.5f}), bias = tensor({4}, {0.5f, -1, 0, 1});
    check_twice(layer, {x, weight, bias});
    check_twice(layer, {x});
    check_twice(grouped(1), {x, weight, bias});
  }

  TEST_CASE("images are normalised in the layout that a convolution gives") {
    for (const std::int64_t channels : {3, 12, 16, 17, 24, 32, 48}) {
      const Shape shape{2, channels, 4, 3};
      const Tensor x = random_tensor(shape, 1, -1, 3), weight = identity_weight(channels);
      const Shape features = shape.without(0), each{channels};
      const auto check = [&](const GradientFunction& norm, const Tensor& size,
                             const Tensor& middle) {
        const auto behind = [&](Values v) {
          const Value inputs[] = {convolution(v[0], v[3]), v[1], v[2]};
          return norm(inputs);
        };
        check_near(run(behind, {x, size, middle, weight}), run(norm, {x, size, middle}), 1e-5f);
        // Another convolution behind it asks for the gradient in blocks as well.
        const auto between = [&](Values v) { return convolution(behind(v), v[3]); };
        for (int i = 0; i < 3; ++i) {
          check_near(run(gradient_of(between, i), {x, size, middle, weight}),
                     run(gradient_of(norm, i), {x, size, middle}), 1e-3f);
        }
        const auto without = [&](Values v) {
          const Value inputs[] = {convolution(v[0], v[1])};
          return convolution(norm(inputs), v[1]);
        };
        const auto alone = [&](Values v) { return norm(v.first(1)); };
        check_near(run(gradient_of(without, 0), {x, weight}), run(gradient_of(alone, 0), {x}),
                   1e-3f);
      };
      CAPTURE(channels);
      check(layer, random_tensor(features, 2, 0.5, 2), random_tensor(features, 3));
      for (std::int64_t groups = 1; groups <= channels; ++groups) {
        if (channels % groups != 0) continue;
        CAPTURE(groups);
        check(grouped(groups), random_tensor(each, 2, 0.5, 2), random_tensor(each, 3));
      }
    }
  }

  TEST_CASE("a convolution's blocks reach layer and group normalisation without a reorder") {
    for (const std::int64_t groups : {0, 8}) {
      Graph graph;
      const Value x = graph.input("x", {2, 32, 6, 6}), weight = graph.input("w", {32, 32, 3, 3});
      const Value hidden = convolution(x, weight, {}, {.padding = {1}});
      const Value y =
          groups == 0 ? layer_normalization(hidden) : group_normalization(hidden, groups);
      Arena arena;
      const Program program(graph, {sum(convolution(y, weight))}, {}, arena);
      bool found = false;
      for (const StepReport& step : program.steps()) {
        CAPTURE(program.to_text());
        if (step.operation.starts_with("reorder")) {
          CHECK(step.detail.find("normalization") == std::string::npos);
        }
        if (step.operation.find("normalization") == std::string::npos) continue;
        found = true;
        CHECK(step.detail.find("blocked abcd") != std::string::npos);
      }
      CHECK(found);
    }
  }

  TEST_CASE("padding of blocks stays zero through norms, their gradients and an update") {
    // A gradient in the padding of dx or y would reach that of a weight.
    const auto norms = std::vector<std::function<Value(Value)>>{
        [](Value x) { return layer_normalization(x); },
        [](Value x) { return group_normalization(x, 1); },
        [](Value x) { return group_normalization(x, 17); },
        [](Value x) { return batch_normalization(x).y; },
        [](Value x) {
          const Value ones = x.graph().filled(x.shape().without(0), 1);
          return layer_normalization(x, ones, ones);
        }};
    for (std::size_t i = 0; i < norms.size(); ++i) {
      CAPTURE(i);
      Graph graph;
      VariableStore store;
      Variable& first =
          store.create("first", Variable::Kind::Parameter, random_tensor({17, 3, 3, 3}, 1, 0.5, 1));
      Variable& last =
          store.create("last", Variable::Kind::Parameter, random_tensor({17, 17, 3, 3}, 2, 0.5, 1));
      const std::vector<Value> weights{graph.variable(first), graph.variable(last)};
      const Value x = graph.input("x", {2, 3, 6, 6});
      const Value y = convolution(norms[i](convolution(x, weights[0])), weights[1]);
      const auto found = gradients(sum(y * y), weights);
      const std::vector<Value> updates{graph.assign(first, weights[0] - 1e-3f * found[0]),
                                       graph.assign(last, weights[1] - 1e-3f * found[1])};
      Arena arena;
      Program program(graph, {}, updates, arena);
      const Tensor samples = random_tensor({2, 3, 6, 6}, 3);
      program.feed("x", samples.floats().data());
      REQUIRE(program.run({}));
      for (Variable* each : {&first, &last}) {
        CAPTURE(each->home().to_text());
        const auto* memory = reinterpret_cast<const float*>(each->memory());
        const auto count = static_cast<std::ptrdiff_t>(each->home().bytes() / sizeof(float));
        CHECK(std::count(memory, memory + count, 0.0f) == count - each->shape().size());
      }
    }
  }

  TEST_CASE("layers and groups that do not fit are refused with shapes and rule") {
    const auto of_layer = [](const Shape& x, const Shape& weight, float epsilon = 1e-5f) {
      return refusal([&](Graph& graph) {
        const Value w = weight.rank() == 0 ? Value() : graph.input("w", weight);
        layer_normalization(graph.input("x", x), w, w, epsilon);
      });
    };
    const auto of_groups = [](const Shape& x, std::int64_t groups, const Shape& weight = {}) {
      return refusal([&](Graph& graph) {
        const Value w = weight.rank() == 0 ? Value() : graph.input("w", weight);
        group_normalization(graph.input("x", x), groups, w, w);
      });
    };
    CHECK(of_layer({3}, {}) == "[layer_normalization] x must be [batch, features...]: x is [3]");
    CHECK(of_layer({3, 0}, {}) == "[layer_normalization] a sample has no elements: x is [3, 0]");
    CHECK(of_layer({3, 4}, {}, -1).find("epsilon must be above 0, got -1") != std::string::npos);
    CHECK(of_layer({3, 4, 2}, {4}) ==
          "[layer_normalization] weight must be [4, 2], got [4]: x is [3, 4, 2]");
    CHECK(of_groups({3, 4}, 3) ==
          "[group_normalization] groups must divide the channels, got 3 for 4: x is [3, 4]");
    CHECK(of_groups({3, 4}, 0).find("got 0 for 4") != std::string::npos);
    CHECK(of_groups({3, 4}, 2, {2}).find("weight must be [4], got [2]") != std::string::npos);
    CHECK(of_groups({3, 4, 2, 2, 2}, 2).find("x must be [batch, channels]") != std::string::npos);
    CHECK(refusal([](Graph& graph) {
            group_normalization(graph.input("x", {2, 8}), 2, graph.input("w", {8}));
          }).find("weight and bias must both be given, or neither") != std::string::npos);
  }
}

}  // namespace hourglass::test
