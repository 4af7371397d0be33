#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/nn/layer.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using Numbers = std::vector<float>;

LayerOptions layer(const std::string& yaml) {
  static const Schema<LayerOptions> kSchema = schema_of<LayerOptions>();
  config::Problems problems;
  LayerOptions options;
  kSchema.read(config::parse_text(yaml, "layer.yaml"), "layer", problems, options);
  problems.throw_if_any();
  return options;
}

/// Layers written over an input of one shape.
struct Written {
  Written(const Shape& shape, const std::vector<std::string>& layers, bool training = false) {
    Parameters parameters(graph, store, Initializer::XavierUniform, 1);
    LayerWriter writer(parameters, "encoder", training);
    y = graph.input("x", shape);
    for (const std::string& each : layers) y = writer.write(y, layer(each));
  }

  Numbers run(const Tensor& x, const RunState& state = {}) {
    Program program(graph, {y}, {}, arena);
    program.feed("x", x.floats().data());
    REQUIRE(program.run(state));
    return {program.fetched(0).begin(), program.fetched(0).end()};
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> result;
    for (const auto& each : store.all()) result.push_back(each->path());
    return result;
  }

  Graph graph;
  VariableStore store;
  Arena arena;
  Value y;
};

Tensor tensor(const Shape& shape, const Numbers& numbers) {
  Tensor result(shape);
  std::ranges::copy(numbers, result.floats().begin());
  return result;
}

}  // namespace

TEST_SUITE("nn/layer") {
  TEST_CASE("a dense layer is a weighted sum, a bias and an activation") {
    Written written({2, 3}, {"{dense: 2, activation: relu}"});
    written.store.find("encoder.0.weight")->write(tensor({2, 3}, {1, 2, 3, -1, 0, 1}));
    written.store.find("encoder.0.bias")->write(tensor({2}, {0.5f, -1}));
    CHECK(written.run(tensor({2, 3}, {1, 1, 1, 0, 1, 2})) == Numbers{6.5f, 0, 8.5f, 1});
  }

  TEST_CASE("a dense layer takes every axis but the batch, and can go without a bias") {
    Written written({2, 3, 2}, {"{dense: {width: 4, bias: false}}"});
    CHECK(written.y.shape() == Shape{2, 4});
    CHECK(written.paths() == std::vector<std::string>{"encoder.0.weight"});
    CHECK(written.store.find("encoder.0.weight")->shape() == Shape{4, 6});
  }

  TEST_CASE("paths count the layers that have parameters") {
    Written written({2, 6}, {"dropout: 0.5", "dense: 4", "flatten", "reshape: [2, 2]", "dense: 3"});
    CHECK(written.paths() == std::vector<std::string>{"encoder.0.weight", "encoder.0.bias",
                                                      "encoder.1.weight", "encoder.1.bias"});
    CHECK(written.store.find("encoder.1.weight")->shape() == Shape{3, 4});
    CHECK(written.run(Tensor({2, 6})) == Numbers(6, 0.0f));  // biases start at zero
  }

  TEST_CASE("flatten and reshape keep the values in their order") {
    const Tensor x = test::uniform({2, 6}, 1);
    const Numbers values(x.floats().begin(), x.floats().end());
    Written reshaped({2, 6}, {"reshape: [3, 2]"});
    CHECK(reshaped.y.shape() == Shape{2, 3, 2});
    CHECK(reshaped.run(x) == values);
    Written flat({2, 3, 2}, {"flatten"});
    CHECK(flat.y.shape() == Shape{2, 6});
    CHECK(flat.run(x.reshaped({2, 3, 2})) == values);
  }

  TEST_CASE("dropout drops in training only, scales what stays, and counts steps") {
    Tensor ones({20, 50});
    std::ranges::fill(ones.floats(), 1.0f);
    Written evaluated({20, 50}, {"dropout: 0.2"});
    CHECK(evaluated.run(ones) == Numbers(1000, 1.0f));

    Written trained({20, 50}, {"dropout: 0.2"}, true);
    const Numbers y = trained.run(ones, {.seed = 1, .step = 0});
    const auto dropped = std::ranges::count(y, 0.0f);
    CHECK(dropped > 150);
    CHECK(dropped < 250);
    CHECK(std::ranges::count(y, 1 / 0.8f) == 1000 - dropped);
    CHECK(y == trained.run(ones, {.seed = 1, .step = 0}));
    CHECK(y != trained.run(ones, {.seed = 1, .step = 1}));
    CHECK(y != trained.run(ones, {.seed = 2, .step = 0}));

    // Two layers drop independently: a quarter of the values survives both halves.
    Written twice({20, 50}, {"dropout: 0.5", "dropout: 0.5"}, true);
    const auto kept = 1000 - std::ranges::count(twice.run(ones, {.seed = 1}), 0.0f);
    CHECK(kept > 200);
    CHECK(kept < 300);
    CHECK(Written({20, 50}, {"dropout: 0"}, true).run(ones) == Numbers(1000, 1.0f));
  }

  TEST_CASE("every activation follows a layer") {
    const Tensor x = tensor({1, 3}, {-1.5f, 0.25f, 2});
    const auto apply = [&](const std::string& name) {
      return Written({1, 3}, {"{flatten: {}, activation: " + name + "}"}).run(x);
    };
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    const auto normal = [](double v) { return 0.5 * (1 + std::erf(v / std::sqrt(2.0))); };
    const auto check = [&](const std::string& name, auto function) {
      CAPTURE(name);
      const Numbers y = apply(name);
      for (int i = 0; i < 3; ++i) {
        CHECK(y[i] == doctest::Approx(function(static_cast<double>(x.floats()[i]))).epsilon(1e-6));
      }
    };
    check("none", [](double v) { return v; });
    check("relu", [](double v) { return std::max(v, 0.0); });
    check("leaky_relu", [](double v) { return v > 0 ? v : 0.01 * v; });
    check("elu", [](double v) { return v > 0 ? v : std::exp(v) - 1; });
    check("sigmoid", sigmoid);
    check("tanh", [](double v) { return std::tanh(v); });
    check("softplus", [](double v) { return std::log1p(std::exp(v)); });
    check("gelu", [&](double v) { return v * normal(v); });
    check("swish", [&](double v) { return v * sigmoid(v); });
    CHECK(activation_names().size() == 9);
  }

  TEST_CASE("a layer that does not fit is named, counted from the input") {
    CHECK_THROWS_WITH_AS(Written({2, 6}, {"dense: 4", "dropout: 0.1", "reshape: [3, 2]"}),
                         doctest::Contains("layer encoder.2: "), ShapeError);
    CHECK_THROWS_WITH_AS(Written({2, 6}, {"dense: 4", "dropout: 0.1", "reshape: [3, 2]"}),
                         doctest::Contains("[2, 3, 2]"), ShapeError);
    CHECK_THROWS_AS(Written({2, 6}, {"reshape: [-1, 6]"}), Error);
    CHECK_THROWS_AS(Written({2, 6}, {"reshape: [1, 1, 1, 1, 1, 1, 1, 6]"}), Error);
    CHECK_THROWS_AS(Written({2, 6}, {"reshape: [4294967296, 4294967296, 4294967296]"}), Error);
  }

  TEST_CASE("options out of their range are refused") {
    CHECK_THROWS_WITH_AS(layer("dense: 0"), "layer.yaml:1:8: layer.dense.width must be >= 1, got 0",
                         ConfigError);
    CHECK_THROWS_AS(layer("dropout: 1"), ConfigError);
    CHECK_THROWS_AS(layer("dropout: -0.1"), ConfigError);
    CHECK_THROWS_AS(layer("reshape: []"), ConfigError);
    CHECK_THROWS_WITH_AS(layer("{dense: 3, activation: rellu}"),
                         doctest::Contains("did you mean \"relu\"?"), ConfigError);
    CHECK_THROWS_WITH_AS(layer("dence: 3"), doctest::Contains("did you mean \"dense\"?"),
                         ConfigError);
  }

  TEST_CASE("the mirror has the dense layers in reverse, with their activations") {
    const std::vector<LayerOptions> encoder{
        layer("{dense: 8, activation: relu}"), layer("dropout: 0.5"),
        layer("{dense: {width: 5, bias: false}, activation: tanh}"), layer("flatten")};
    const std::vector<LayerOptions> expected{
        layer("{dense: {width: 5, bias: false}, activation: tanh}"),
        layer("{dense: 8, activation: relu}")};
    CHECK(mirrored(encoder) == expected);
    CHECK(mirrored({}).empty());
  }
}

}  // namespace hourglass
