// The variant beside a reference in plain loops of double, which knows nothing of graphs.
#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/nn/activation.hpp>

#include <doctest/doctest.h>
#include <plugins/weights.hpp>
#include <support/models.hpp>
#include <support/ranges.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::kShares;
using test::kSymmetric;
using test::kUnit;
using test::kWide;
using test::shake;
using test::uniform;
using test::vanilla;
using test::Weights;
using test::weights_of;
using Numbers = std::vector<double>;

double activated(double v, Activation activation) {
  switch (activation) {
    case Activation::None: break;
    case Activation::Relu: return std::max(v, 0.0);
    case Activation::LeakyRelu: return v > 0 ? v : 0.01 * v;
    case Activation::Elu: return v > 0 ? v : std::exp(v) - 1;
    case Activation::Sigmoid: return 1 / (1 + std::exp(-v));
    case Activation::Tanh: return std::tanh(v);
    case Activation::Softplus: return std::log1p(std::exp(v));
    case Activation::Gelu: return v * 0.5 * (1 + std::erf(v / std::sqrt(2.0)));
    case Activation::Swish: return v / (1 + std::exp(-v));
  }
  return v;
}

/// A dense layer: y = W x + b, or W transposed where weights are tied.
struct Layer {
  std::string weight, bias;
  int out = 0;
  Activation activation = Activation::None;
  bool transposed = false;
};

struct Network {
  std::vector<Layer> layers;
  std::string loss = "squared_error";
  std::string output = "linear";
};

Numbers dense(const Layer& layer, const Weights& weights, const Numbers& x) {
  const Numbers& w = weights.at(layer.weight);
  const Numbers& b = weights.at(layer.bias);
  Numbers y(static_cast<std::size_t>(layer.out));
  for (std::size_t o = 0; o < y.size(); ++o) {
    double sum = b[o];
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += x[i] * (layer.transposed ? w[i * y.size() + o] : w[o * x.size() + i]);
    }
    y[o] = activated(sum, layer.activation);
  }
  return y;
}

Numbers output_of(const Network& network, Numbers logits) {
  double total = 0;
  for (double& v : logits) {
    if (network.output == "sigmoid") v = 1 / (1 + std::exp(-v));
    if (network.output == "tanh") v = std::tanh(v);
    if (network.output == "softmax") total += v = std::exp(v);
  }
  for (double& v : logits) v /= total > 0 ? total : 1;
  return logits;
}

Numbers reconstruct(const Network& network, const Weights& weights, Numbers x) {
  for (const Layer& layer : network.layers) x = dense(layer, weights, x);
  return output_of(network, x);
}

/// The mean over samples of the sum over features.
double loss_of(const Network& network, const Weights& weights,
               const std::vector<Numbers>& samples) {
  double total = 0;
  for (const Numbers& x : samples) {
    const Numbers y = reconstruct(network, weights, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (network.loss == "squared_error") total += (x[i] - y[i]) * (x[i] - y[i]);
      if (network.loss == "binary_cross_entropy") {
        total -= x[i] * std::log(y[i]) + (1 - x[i]) * std::log(1 - y[i]);
      }
      if (network.loss == "categorical_cross_entropy") total -= x[i] * std::log(y[i]);
    }
  }
  return total / static_cast<double>(samples.size());
}

std::vector<Numbers> rows_of(const Tensor& samples) {
  const std::int64_t size = samples.size() / samples.shape()[0];
  std::vector<Numbers> rows;
  for (std::int64_t i = 0; i < samples.shape()[0]; ++i) {
    const float* row = samples.floats().data() + i * size;
    rows.emplace_back(row, row + size);
  }
  return rows;
}

/// Rows that sum to one.
Tensor shares(const Shape& shape, std::uint64_t seed) {
  Tensor tensor = uniform(shape, seed, 0.05f, 1);
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    float total = 0;
    for (std::int64_t k = 0; k < shape[1]; ++k) total += tensor.floats()[i * shape[1] + k];
    for (std::int64_t k = 0; k < shape[1]; ++k) tensor.floats()[i * shape[1] + k] /= total;
  }
  return tensor;
}

/// Reconstructions, loss and every parameter's gradient against the reference.
void check_against_reference(const std::string& options, const Network& network,
                             const Tensor& samples, const ValueRange& range) {
  CAPTURE(options);
  Model model(vanilla(options, {samples.shape()[1]}, range));
  shake(model);
  const Weights weights = weights_of(model);
  const std::vector<Numbers> rows = rows_of(samples);

  const std::vector<float> y = test::reconstructions(model, samples);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Numbers expected = reconstruct(network, weights, rows[i]);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK(y[i * expected.size() + k] == doctest::Approx(expected[k]).epsilon(1e-5));
    }
  }
  CHECK(test::step(model, samples) ==
        doctest::Approx(loss_of(network, weights, rows)).epsilon(1e-5));

  const Weights moved = weights_of(model);  // by the gradient, at a rate of 1
  CHECK(moved.size() == weights.size());
  for (const auto& each : weights) {
    const std::string& path = each.first;
    const Numbers& before = each.second;
    CAPTURE(path);
    for (std::size_t i = 0; i < before.size(); ++i) {
      Weights shifted = weights;
      constexpr double kStep = 1e-5;
      shifted[path][i] = before[i] + kStep;
      const double above = loss_of(network, shifted, rows);
      shifted[path][i] = before[i] - kStep;
      const double gradient = (above - loss_of(network, shifted, rows)) / (2 * kStep);
      CAPTURE(i);
      CHECK(before[i] - moved.at(path)[i] == doctest::Approx(gradient).epsilon(1e-4));
    }
  }
}

/// encoder [{dense: 4, activation: tanh}], latent 3, mirrored, for `features`.
Network deep(int features, Activation code = Activation::None, bool tied = false) {
  const std::string first = tied ? "code.weight" : "decoder.0.weight";
  const std::string second = tied ? "encoder.0.weight" : "decoder.1.weight";
  return {.layers = {{"encoder.0.weight", "encoder.0.bias", 4, Activation::Tanh},
                     {"code.weight", "code.bias", 3, code},
                     {first, "decoder.0.bias", 4, Activation::Tanh, tied},
                     {second, "decoder.1.bias", features, Activation::None, tied}}};
}

constexpr const char* kDeep = "encoder: [{dense: 4, activation: tanh}]\nlatent: 3\n";

void check_refused(const std::string& options, const ValueRange& range, const char* message) {
  CAPTURE(options);
  Model model(vanilla(options, {5}, range));
  CHECK_THROWS_WITH_AS(model.code_shape(), message, OptionError);
}

}  // namespace

TEST_SUITE("plugins/vanilla") {
  TEST_CASE("every loss and output agrees with the reference, gradients too") {
    const Tensor unit = uniform({6, 5}, 1), symmetric = uniform({6, 5}, 2, -1, 1);
    Network network = deep(5);
    check_against_reference(kDeep, network, unit, kUnit);
    check_against_reference(kDeep, network, uniform({6, 5}, 3, -3, 5), kWide);
    network.output = "sigmoid";
    check_against_reference(std::string(kDeep) + "output: sigmoid", network, unit, kUnit);
    network.output = "tanh";
    check_against_reference(std::string(kDeep) + "output: tanh", network, symmetric, kSymmetric);
    network.output = "softmax";
    check_against_reference(std::string(kDeep) + "output: softmax", network, shares({6, 5}, 4),
                            kShares);
    network.loss = "categorical_cross_entropy";
    check_against_reference(std::string(kDeep) + "loss: categorical_cross_entropy", network,
                            shares({6, 5}, 5), kShares);
    network.loss = "binary_cross_entropy";
    network.output = "sigmoid";
    check_against_reference(std::string(kDeep) + "loss: binary_cross_entropy", network, unit,
                            kUnit);
  }

  TEST_CASE("tied weights have the gradient of both uses") {
    const Tensor x = uniform({6, 5}, 1);
    const std::string tied = std::string(kDeep) + "tied: true\n";
    Network network = deep(5, Activation::None, true);
    check_against_reference(tied, network, x, kUnit);
    network.loss = "binary_cross_entropy";
    network.output = "sigmoid";
    check_against_reference(tied + "loss: binary_cross_entropy", network, x, kUnit);
    Model model(vanilla(tied, {5}));
    CHECK(test::parameter_paths(model) ==
          std::vector<std::string>{"encoder.0.weight", "encoder.0.bias", "code.weight", "code.bias",
                                   "decoder.0.bias", "decoder.1.bias"});
  }

  TEST_CASE("the code has any activation, and so have the layers") {
    const Tensor x = uniform({4, 5}, 1);
    for (const auto& [name, activation] : activation_names()) {
      check_against_reference(text(kDeep, "code_activation: ", name), deep(5, activation), x,
                              kUnit);
      Network network = deep(5);
      network.layers[0].activation = network.layers[2].activation = activation;
      check_against_reference(text("{encoder: [{dense: 4, activation: ", name, "}], latent: 3}"),
                              network, x, kUnit);
    }
  }

  TEST_CASE("the decoder can be another than the mirror, and there may be no layers at all") {
    const Tensor x = uniform({6, 5}, 1);
    check_against_reference(
        "{encoder: [{dense: 4, activation: tanh}], latent: 3, "
        "decoder: [{dense: 6, activation: sigmoid}, {dense: 2}]}",
        {.layers = {{"encoder.0.weight", "encoder.0.bias", 4, Activation::Tanh},
                    {"code.weight", "code.bias", 3},
                    {"decoder.0.weight", "decoder.0.bias", 6, Activation::Sigmoid},
                    {"decoder.1.weight", "decoder.1.bias", 2},
                    {"decoder.2.weight", "decoder.2.bias", 5}}},
        x, kUnit);
    check_against_reference(
        "{latent: 2}",
        {.layers = {{"code.weight", "code.bias", 2}, {"decoder.0.weight", "decoder.0.bias", 5}}}, x,
        kUnit);
  }

  TEST_CASE("a perfect reconstruction costs nothing") {
    Model model(vanilla("{latent: 2}", {2}));
    test::parameter_paths(model);
    Tensor identity({2, 2});
    identity.floats()[0] = identity.floats()[3] = 1;
    model.variables().find("code.weight")->write(identity);
    model.variables().find("decoder.0.weight")->write(identity);
    CHECK(test::step(model, uniform({8, 2}, 1)) == 0);
  }

  TEST_CASE("dropout acts on training alone") {
    ModelSetup setup = vanilla("{encoder: [{dense: 50}, {dropout: 0.5}], latent: 3}", {5});
    setup.frozen = {"encoder", "code", "decoder"};
    Model model(std::move(setup));
    const Tensor x = uniform({6, 5}, 1);
    const double loss = model.evaluate(*test::source_of(x), 2)[0].second;
    CHECK(model.evaluate(*test::source_of(x), 2)[0].second == loss);
    const float first = test::step(model, x, 0), second = test::step(model, x, 1);
    CHECK(first != doctest::Approx(loss));
    CHECK(first != second);
    CHECK(first == test::step(model, x, 0));
  }

  TEST_CASE("outputs and losses that do not fit the data are refused, each with its sentence") {
    check_refused("loss: binary_cross_entropy", kWide,
                  "model.loss cannot be binary_cross_entropy: the data lie in [-3, 5], it needs "
                  "[0, 1]; set dataset.scaling to unit or minmax, or use squared_error");
    check_refused("{loss: binary_cross_entropy, output: linear}", kUnit,
                  "model.output must be sigmoid (or auto) for the loss binary_cross_entropy");
    check_refused("{loss: binary_cross_entropy, output: softmax}", kShares,
                  "model.output must be sigmoid (or auto) for the loss binary_cross_entropy");
    check_refused("{loss: categorical_cross_entropy, output: sigmoid}", kShares,
                  "model.output must be softmax (or auto) for the loss categorical_cross_entropy");
    check_refused("loss: categorical_cross_entropy", kUnit,
                  "model.loss cannot be categorical_cross_entropy: softmax gives numbers that sum "
                  "to 1, and the data do not: it is for one-hot data and histograms; use "
                  "squared_error with a linear output");
    check_refused("output: softmax", kUnit,
                  "model.output cannot be softmax: softmax gives numbers that sum to 1, and the "
                  "data do not: it is for one-hot data and histograms; use squared_error with a "
                  "linear output");
    check_refused("output: sigmoid", kSymmetric,
                  "model.output cannot be sigmoid: the data lie in [-1, 1], it needs [0, 1]; set "
                  "dataset.scaling to unit or minmax, or use linear");
    check_refused("output: tanh", kWide,
                  "model.output cannot be tanh: the data lie in [-3, 5], it needs [-1, 1]; set "
                  "dataset.scaling to symmetric, or use linear");
    check_refused("{tied: true, encoder: [{dense: 4}], decoder: [{dense: 4}]}", kUnit,
                  "model.decoder must be mirror where weights are tied");
  }

  TEST_CASE("options have their names, and wrong ones are refused") {
    CHECK_THROWS_WITH_AS(vanilla("latent: 0", {5}),
                         "test.yaml:1:9: model.latent must be >= 1, got 0", ConfigError);
    CHECK_THROWS_WITH_AS(vanilla("loss: squared_eror", {5}),
                         doctest::Contains("did you mean \"squared_error\"?"), ConfigError);
    CHECK_THROWS_WITH_AS(vanilla("latnt: 3", {5}), doctest::Contains("did you mean \"latent\"?"),
                         ConfigError);
    CHECK(config::emit(vanilla("{}", {5}).options.resolved)
              .starts_with("latent: 32\ncode_activation: none\ntied: false\nloss: squared_error\n"
                           "output: auto\nencoder: []\ndecoder: mirror\n"
                           "initializer: xavier_uniform\nlikelihood:"));
  }

  TEST_CASE("training takes any shape of sample and gives it back") {
    Model model(vanilla(kDeep, {2, 1, 3}));
    const Tensor x = uniform({4, 2, 1, 3}, 1);
    CHECK(test::reconstructions(model, x).size() == 24);
    ModelSetup setup = vanilla(kDeep, {2, 1, 3});
    setup.optimizer = AdamOptions();
    Model trained(std::move(setup));
    const float first = test::step(trained, x);
    for (int i = 1; i < 200; ++i) test::step(trained, x, i);
    CHECK(test::step(trained, x, 200) < 0.9f * first);
  }
}

}  // namespace hourglass
