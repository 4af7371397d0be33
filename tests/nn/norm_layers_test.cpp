#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/nn/layer.hpp>

#include <doctest/doctest.h>
#include <nn/layers.hpp>
#include <support/golden_norms.hpp>
#include <support/models.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::layer;
using Numbers = std::vector<float>;
using Texts = std::vector<std::string>;

/// Layers over an input, in training or not, and a mirror of them over what they give, or over a
/// code.
struct NormLayers {
  NormLayers(const Shape& shape, const Texts& layers, bool training)
      : parameters(graph, store, Initializer::XavierUniform, 1), training_(training) {
    LayerWriter writer(parameters, "encoder", training);
    y = graph.input("x", shape);
    shapes.push_back(shape);
    for (const std::string& each : layers) {
      encoder.push_back(layer(each));
      y = writer.write(y, encoder.back());
      shapes.push_back(y.shape());
    }
  }
  Value mirror(std::int64_t code) {
    Value z = y;
    if (code > 0) z = graph.input("code", {shapes[0][0], code});
    const std::size_t first = graph.nodes().size();
    LayerWriter writer(parameters, "decoder", training_);
    z = writer.mirror(z, encoder, shapes, code > 0);
    for (std::size_t i = first; i < graph.nodes().size(); ++i) {
      const std::string name = graph.nodes()[i].operation->name();
      for (const char* part : {"dense", "convolution", "normalization", "relu", "tanh", "resize"}) {
        if (name.starts_with(part) || name.find(part) != name.npos) {
          mirrored += text(mirrored.empty() ? "" : " ", name);
          break;
        }
      }
    }
    return z;
  }
  /// Runs with the moves of states.
  Numbers run(std::span<const float> x) {
    std::vector<Value> updates;
    for (const StateMove& move : parameters.moves()) {
      updates.push_back(graph.assign(*move.state, move.value));
    }
    Arena arena;
    Program program(graph, std::span(&y, 1), updates, arena);
    program.feed("x", x.data());
    REQUIRE(program.run({}));
    return {program.fetched(0).begin(), program.fetched(0).end()};
  }
  Texts paths() const {
    Texts result;
    for (const auto& each : store.all()) result.push_back(each->path());
    return result;
  }
  Numbers at(const std::string& path) const {
    REQUIRE(store.find(path) != nullptr);
    const Tensor value = store.find(path)->read();
    return {value.floats().begin(), value.floats().end()};
  }
  void write(const std::string& path, std::span<const float> values) {
    Tensor tensor(store.find(path)->shape());
    std::ranges::copy(values, tensor.floats().begin());
    store.find(path)->write(tensor);
  }

  Graph graph;
  VariableStore store;
  Parameters parameters;
  std::vector<LayerOptions> encoder;
  std::vector<Shape> shapes;
  std::string mirrored;  // the operations of the mirror
  Value y;

 private:
  bool training_;
};

void check_close(const Numbers& got, std::span<const float> expected, double tolerance = 1e-5) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(tolerance).scale(1));
  }
}

}  // namespace

TEST_SUITE("nn/norm_layers") {
  TEST_CASE("normalising layers count where they have parameters or state") {
    const NormLayers written(
        {4, 6, 5},
        {"batchnorm", "{layernorm: {affine: false}}", "layernorm", "groupnorm: 3",
         "{batchnorm: {affine: false}}", "{groupnorm: {groups: 2, affine: false}}"},
        true);
    CHECK(written.paths() == Texts{"encoder.0.weight", "encoder.0.bias", "encoder.0.running_mean",
                                   "encoder.0.running_variance", "encoder.1.weight",
                                   "encoder.1.bias", "encoder.2.weight", "encoder.2.bias",
                                   "encoder.3.running_mean", "encoder.3.running_variance"});
    for (const auto& each : written.store.all()) {
      CAPTURE(each->path());
      const bool is_state = each->path().find("running") != std::string::npos;
      CHECK((each->kind() == Variable::Kind::State) == is_state);
      const bool starts_at_one =
          each->path().ends_with(".weight") || each->path().ends_with("running_variance");
      CHECK(each->shape() == (each->path().starts_with("encoder.1") ? Shape{6, 5} : Shape{6}));
      CHECK(each->read().floats()[0] == (starts_at_one ? 1.0f : 0.0f));
    }
    CHECK(written.y.shape() == Shape{4, 6, 5});
  }

  TEST_CASE("running statistics after three batches, and what they evaluate to, equal PyTorch") {
    int cases = 0;
    for (const auto& [name, golden] : test::golden_norms()) {
      if (!golden.contains("batches")) continue;
      CAPTURE(name);
      ++cases;
      const Tensor &x = golden.at("x"), &batches = golden.at("batches");
      NormLayers trained(x.shape(), {"batchnorm"}, true);
      trained.write("encoder.0.weight", golden.at("weight").floats());
      trained.write("encoder.0.bias", golden.at("bias").floats());
      for (int step = 0; step < 3; ++step) {
        trained.run(batches.floats().subspan(step * x.size(), x.size()));
      }
      check_close(trained.at("encoder.0.running_mean"), golden.at("running_mean").floats());
      check_close(trained.at("encoder.0.running_variance"), golden.at("running_variance").floats());
      // What was trained, evaluated one sample after another.
      const std::int64_t sample = x.size() / x.shape()[0];
      Shape one{1};
      for (int axis = 1; axis < x.shape().rank(); ++axis) one = one.appended(x.shape()[axis]);
      NormLayers evaluated(one, {"batchnorm"}, false);
      CHECK(evaluated.parameters.moves().empty());
      for (const std::string& path : trained.paths()) evaluated.write(path, trained.at(path));
      Numbers y;
      for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
        const Numbers part = evaluated.run(x.floats().subspan(i * sample, sample));
        y.insert(y.end(), part.begin(), part.end());
      }
      check_close(y, golden.at("evaluated").floats());
    }
    CHECK(cases == 6);
  }

  TEST_CASE("momentum is the share of the latest batch, and the variance is unbiased") {
    const Numbers x{1, 3, 5, 7};  // mean 4, unbiased variance 20 / 3
    for (const double momentum : {0.0, 0.25, 1.0}) {
      CAPTURE(momentum);
      NormLayers written({4, 1}, {text("{batchnorm: {momentum: ", momentum, "}}")}, true);
      written.run(x);
      CHECK(written.at("encoder.0.running_mean")[0] == doctest::Approx(4 * momentum));
      CHECK(written.at("encoder.0.running_variance")[0] ==
            doctest::Approx(1 - momentum + momentum * 20 / 3));
    }
  }

  TEST_CASE("relu behind a batch normalisation is part of it") {
    for (const bool training : {true, false}) {
      NormLayers fused({5, 3}, {"{batchnorm: {}, activation: relu}"}, training);
      NormLayers apart({5, 3}, {"batchnorm", "{flatten: {}, activation: relu}"}, training);
      const Tensor x = test::uniform({5, 3}, 1, -2, 2);
      check_close(fused.run(x.floats()), apart.run(x.floats()));
      CHECK(std::ranges::none_of(fused.graph.nodes(), [](const GraphNode& node) {
        return node.operation->name() == "relu";
      }));
      NormLayers tanh({5, 3}, {"{batchnorm: {}, activation: tanh}"}, training);
      for (const float each : tanh.run(x.floats())) CHECK(std::abs(each) < 1);
    }
  }

  TEST_CASE(
      "a batch with one value a channel is refused in training, with the layer and a way out") {
    CHECK_THROWS_WITH_AS(
        NormLayers({1, 6}, {"dense: 4", "batchnorm"}, true),
        "layer encoder.1: batchnorm cannot train on a batch of 1, with one value a channel, whose "
        "distance from its mean is always zero: x is [1, 4]; choose a train.batch that leaves more "
        "than one sample for the last step of an epoch, or layernorm",
        ShapeError);
    CHECK_NOTHROW(NormLayers({1, 6}, {"dense: 4", "batchnorm"}, false));
    CHECK_NOTHROW(NormLayers({1, 6, 2}, {"batchnorm"}, true));  // two places
    CHECK_NOTHROW(NormLayers({1, 6}, {"layernorm", "groupnorm: 2"}, true));
  }

  TEST_CASE("options of norms out of range, and groups that do not fit, are refused") {
    CHECK_THROWS_WITH_AS(layer("batchnorm: {momentum: 1.5}"),
                         doctest::Contains("layer.batchnorm.momentum must be <= 1, got 1.5"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(layer("layernorm: {epsilon: 0}"),
                         doctest::Contains("layer.layernorm.epsilon must be > 0, got 0"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(layer("groupnorm: 0"),
                         doctest::Contains("layer.groupnorm.groups must be >= 1, got 0"),
                         ConfigError);
    CHECK_THROWS_AS(layer("groupnorm"), ConfigError);
    CHECK_THROWS_WITH_AS(layer("batchnrom: {}"), doctest::Contains("did you mean \"batchnorm\"?"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(NormLayers({2, 6}, {"groupnorm: 4"}, true),
                         "layer encoder.0: [group_normalization] groups must divide the channels, "
                         "got 4 for 6: x is [2, 6]",
                         ShapeError);
  }

  TEST_CASE("a mirror normalises behind every product but the last") {
    NormLayers dense({4, 6},
                     {"{dense: {width: 8, bias: false}}", "{batchnorm: {}, activation: relu}",
                      "dropout: 0.5", "{dense: 5, activation: tanh}", "layernorm"},
                     true);
    CHECK(dense.mirror(3).shape() == Shape{4, 6});
    CHECK(dense.mirrored == "dense tanh layer_normalization dense batch_normalization dense");
    CHECK(dense.store.find("decoder.0.weight")->shape() == Shape{5, 3});
    CHECK(dense.store.find("decoder.1.weight")->shape() == Shape{5});
    CHECK(dense.store.find("decoder.2.weight")->shape() == Shape{8, 5});
    CHECK(dense.store.find("decoder.2.bias") == nullptr);
    CHECK(dense.store.find("decoder.3.running_mean")->shape() == Shape{8});
    CHECK(dense.store.find("decoder.4.weight")->shape() == Shape{6, 8});
    CHECK(dense.store.find("decoder.5.weight") == nullptr);
  }

  TEST_CASE("a mirror of images normalises by channels, behind pooling and flattening too") {
    NormLayers images(
        {2, 1, 12, 12},
        {"batchnorm", "conv: 16", "{batchnorm: {}, activation: relu}", "maxpool", "conv: 32",
         "{groupnorm: 8, activation: relu}", "avgpool: 2", "flatten", "dense: 20"},
        true);
    CHECK(images.mirror(4).shape() == Shape{2, 1, 12, 12});
    CHECK(images.mirrored ==
          "dense dense group_normalization relu resize convolution_backward_data "
          "batch_normalization resize convolution_backward_data");
    CHECK(images.store.find("decoder.1.weight")->shape() == Shape{32 * 9, 20});
    CHECK(images.store.find("decoder.2.weight")->shape() == Shape{32});
    CHECK(images.store.find("decoder.4.running_mean")->shape() == Shape{16});
  }
}

}  // namespace hourglass
