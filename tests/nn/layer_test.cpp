#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/nn/layer.hpp>

#include <doctest/doctest.h>
#include <nn/layers.hpp>
#include <ops/evaluate.hpp>
#include <support/models.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::layer;
using test::Numbers;
using test::tensor;

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

/// A mirror over a code of `code` numbers, or over what the layers give where that is 0.
struct Mirrored {
  Mirrored(const Shape& shape, const std::vector<std::string>& layers, std::int64_t code) {
    Parameters parameters(graph, store, Initializer::XavierUniform, 1);
    std::vector<LayerOptions> encoder;
    std::vector<Shape> shapes{shape};
    LayerWriter writer(parameters, "encoder", false);
    Value x = graph.input("x", shape);
    for (const std::string& each : layers) {
      encoder.push_back(layer(each));
      x = writer.write(x, encoder.back());
      shapes.push_back(x.shape());
    }
    if (code > 0) x = graph.input("code", {shape[0], code});
    first = static_cast<int>(graph.nodes().size());
    LayerWriter mirror(parameters, "decoder", false);
    y = mirror.mirror(x, encoder, shapes, code > 0);
  }
  bool has(const std::string& path) const { return store.find(path) != nullptr; }
  Shape shape_of(const std::string& path) const {
    REQUIRE(has(path));
    return store.find(path)->shape();
  }
  /// The names of the operations, parameters left out.
  std::string operations() const {
    std::string names;
    for (std::size_t i = first; i < graph.nodes().size(); ++i) {
      const std::string name = graph.nodes()[i].operation->name();
      const bool is_leaf = graph.nodes()[i].inputs.empty();
      const bool of_bias =
          name == "reshape" && graph.shape(graph.nodes()[i].outputs[0]).rank() == 3;
      if (!is_leaf && !of_bias) names += text(names.empty() ? "" : " ", name);
    }
    return names;
  }

  Graph graph;
  VariableStore store;
  Value y;
  int first = 0;
};

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

  TEST_CASE("a layer whose output no memory holds is named, with the output") {
    const Shape upsampled{2, 3, 8'000'000, 8'000'000};
    CHECK_THROWS_WITH_AS(
        Written({2, 3, 8, 8}, {"flatten: {}", "reshape: [3, 8, 8]", "upsample: 1000000"}),
        text("layer encoder.2: [upsample] the output ", upsampled.to_text(), " ",
             lack_of_room(upsampled), ": x is [2, 3, 8, 8]")
            .c_str(),
        ShapeError);
    CHECK_THROWS_WITH_AS(
        Written({2, 3, 8, 8}, {"conv_transpose: {channels: 4, stride: 1000000, padding: 0}"}),
        text("layer encoder.0: the output ", Shape{2, 4, 8'000'000, 8'000'000}.to_text(), " ",
             lack_of_room({2, 4, 8'000'000, 8'000'000}))
            .c_str(),
        ShapeError);
    CHECK_THROWS_WITH_AS(Written({2, 3, 8, 8}, {"conv: {channels: 4, padding: 1000000}"}),
                         doctest::Contains("layer encoder.0: [pad] the output [2, 3, 2000006, "),
                         ShapeError);
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
    const Mirrored mirrored({2, 6},
                            {"{dense: {width: 8, bias: false}, activation: relu}", "dropout: 0.5",
                             "{dense: 5, activation: tanh}", "flatten"},
                            3);
    CHECK(mirrored.y.shape() == Shape{2, 6});
    CHECK(mirrored.shape_of("decoder.0.weight") == Shape{5, 3});
    CHECK(mirrored.shape_of("decoder.1.weight") == Shape{8, 5});
    CHECK(mirrored.shape_of("decoder.2.weight") == Shape{6, 8});
    CHECK(mirrored.has("decoder.0.bias"));
    CHECK_FALSE(mirrored.has("decoder.1.bias"));
    CHECK(mirrored.has("decoder.2.bias"));
    CHECK(mirrored.operations() == "dense tanh dense relu dense");
  }

  TEST_CASE("the mirror of images restores every size, odd ones too") {
    for (const std::int64_t size : {11, 12, 13, 28, 33}) {
      for (const char* conv : {"conv: 4", "conv: {channels: 4, kernel: 4, stride: 2}",
                               "conv: {channels: 4, kernel: [3, 5], stride: [3, 2], padding: 0}",
                               "conv: {channels: 4, kernel: 2, dilation: 2, groups: 2}"}) {
        for (const char* pool :
             {"maxpool: 2", "maxpool: {size: 3, stride: 2, padding: 1}", "avgpool: 3",
              "upsample: 2", "conv_transpose: {channels: 6, kernel: 4, stride: 2}",
              "conv_transpose: {channels: 6, dilation: 3, padding: 0, output_padding: 2}"}) {
          const std::string what = text(size, " ", conv, " ", pool);
          CAPTURE(what);
          const Mirrored mirrored({2, 2, size, size + 3}, {conv, pool}, 0);
          CHECK(mirrored.y.shape() == Shape{2, 2, size, size + 3});
        }
      }
    }
  }

  TEST_CASE("the mirror of the classic convolutional autoencoder") {
    const Mirrored mirrored(
        {2, 1, 28, 28},
        {"{conv: 16, activation: relu}", "maxpool: 2", "{conv: 32, activation: relu}", "maxpool"},
        10);
    CHECK(mirrored.shape_of("decoder.0.weight") == Shape{32 * 7 * 7, 10});
    CHECK(mirrored.shape_of("decoder.1.weight") == Shape{32, 16, 3, 3});
    CHECK(mirrored.shape_of("decoder.2.weight") == Shape{16, 1, 3, 3});
    CHECK(mirrored.operations() ==
          "dense relu reshape resize convolution_backward_data add relu resize "
          "convolution_backward_data add");
  }

  TEST_CASE("convolutions keep, halve and double sizes unless they are told otherwise") {
    const auto shape = [](const std::string& yaml) {
      return Written({2, 3, 8, 9}, {yaml}).y.shape();
    };
    CHECK(shape("conv: 4") == Shape{2, 4, 8, 9});
    CHECK(shape("conv: {channels: 4, kernel: 5}") == Shape{2, 4, 8, 9});
    CHECK(shape("conv: {channels: 4, kernel: 3, dilation: 2}") == Shape{2, 4, 8, 9});
    CHECK(shape("conv: {channels: 4, kernel: 4, stride: 2}") == Shape{2, 4, 4, 4});
    CHECK(shape("conv: {channels: 4, kernel: 3, stride: 2}") == Shape{2, 4, 4, 5});
    CHECK(shape("conv: {channels: 4, padding: 0}") == Shape{2, 4, 6, 7});
    CHECK(shape("conv_transpose: {channels: 4, kernel: 4, stride: 2}") == Shape{2, 4, 16, 18});
    CHECK(shape("conv_transpose: {channels: 4, kernel: 3, stride: 2}") == Shape{2, 4, 16, 18});
    CHECK(
        shape(
            "conv_transpose: {channels: 4, kernel: 2, stride: 3, padding: 0, output_padding: 0}") ==
        Shape{2, 4, 23, 26});
    CHECK(shape("upsample: [2, 3]") == Shape{2, 3, 16, 27});
    CHECK(shape("avgpool: [2, 3]") == Shape{2, 3, 4, 3});
    CHECK(Written({2, 12}, {"conv: {channels: 4, stride: 2}"}).y.shape() == Shape{2, 4, 6});
  }

  TEST_CASE("pooling over everything leaves one number a channel, and its mirror spreads it out") {
    const Written written({2, 3, 5, 7}, {"avgpool: global"});
    CHECK(written.y.shape() == Shape{2, 3});
    CHECK(layer("avgpool: {size: global}") == layer("avgpool: global"));
    const std::string resolved = config::emit_in_line(
        config::Codec<LayerOptions>::write(layer("{avgpool: global, activation: tanh}")));
    CHECK(resolved.find("size: global") != resolved.npos);
    CHECK(layer(resolved) == layer("{avgpool: global, activation: tanh}"));
    for (const std::int64_t code : {0, 4}) {
      CAPTURE(code);
      const Mirrored images({2, 3, 11, 8},
                            {"{conv: 5, activation: relu}", "maxpool: 2", "avgpool: global"}, code);
      CHECK(images.y.shape() == Shape{2, 3, 11, 8});
      CHECK(images.shape_of(code > 0 ? "decoder.1.weight" : "decoder.0.weight") ==
            Shape{5, 3, 3, 3});
      const Mirrored signals({2, 3, 11}, {"conv: 5", "avgpool: global", "dense: 4"}, code);
      CHECK(signals.y.shape() == Shape{2, 3, 11});
    }
    CHECK_THROWS_WITH_AS(layer("avgpool: {size: global, stride: 2}"),
                         "layer.yaml:1:10: layer.avgpool has no stride and no padding where size "
                         "is global",
                         ConfigError);
    CHECK_THROWS_AS(layer("maxpool: global"), ConfigError);
    CHECK_THROWS_WITH_AS(layer("avgpool: globl"), doctest::Contains(", or global, got \"globl\""),
                         ConfigError);
  }

  TEST_CASE("sizes of kernels are checked where they stand") {
    CHECK_THROWS_WITH_AS(layer("conv: {channels: 4, kernel: -1}"),
                         "layer.yaml:1:29: layer.conv.kernel must be an integer from 0 to 1000000, "
                         "or a list with one for each axis, got -1",
                         ConfigError);
    CHECK_THROWS_AS(layer("conv: {channels: 4, kernel: []}"), ConfigError);
    CHECK_THROWS_AS(layer("conv: {channels: 4, kernel: big}"), ConfigError);
    CHECK_THROWS_WITH_AS(Written({2, 3, 8, 8}, {"conv: {channels: 4, kernel: [3, 3, 3]}"}),
                         doctest::Contains("layer encoder.0: "), ShapeError);
    CHECK_THROWS_WITH_AS(Written({2, 3, 8, 8}, {"conv: {channels: 4, groups: 2}"}),
                         doctest::Contains("groups must divide the channels"), ShapeError);
    CHECK_THROWS_WITH_AS(Written({2, 3, 8, 8}, {"conv: {channels: 4, stride: 0}"}),
                         doctest::Contains("stride must be at least 1, got 0"), ShapeError);
  }
}

}  // namespace hourglass
