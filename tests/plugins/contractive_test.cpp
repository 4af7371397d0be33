// The variant beside the Jacobian in plain loops of double.
#include <hourglass/core/error.hpp>
#include <hourglass/ops/random.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>
#include <support/slope.hpp>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

namespace {

constexpr std::int64_t kContracted = 5, kOfContracted = 6, kContractedHidden = 4;

std::unique_ptr<Model> contractive(const std::string& options) {
  auto model = std::make_unique<Model>(test::setup_of(
      "contractive", text("{encoder: [{dense: 4, activation: tanh}], ", options, "}"),
      Shape{kOfContracted}, test::kUnit));
  for (const std::string& path : test::parameter_paths(*model)) {
    Variable& variable = *model->variables().find(path);
    variable.write(test::uniform(variable.shape(), path.size(), -0.9f, 0.9f));
  }
  return model;
}

std::map<std::string, double> contractive_losses(Model& model, const Tensor& samples) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.evaluate(*test::source_of(samples), 2)) {
    result[name] = value;
  }
  return result;
}

/// d code / d input of one sample, a row for each number of the code: for tanh, then a sigmoid.
std::vector<std::vector<double>> jacobian(Model& model, const float* x) {
  const auto v = test::values(model, "encoder.0.weight"), a = test::values(model, "encoder.0.bias");
  const auto w = test::values(model, "code.weight"), b = test::values(model, "code.bias");
  std::vector<double> hidden(a.begin(), a.end());
  for (std::size_t h = 0; h < hidden.size(); ++h) {
    for (std::size_t i = 0; i < kOfContracted; ++i) hidden[h] += v[h * kOfContracted + i] * x[i];
    hidden[h] = std::tanh(hidden[h]);
  }
  std::vector<std::vector<double>> rows(b.size(), std::vector<double>(kOfContracted));
  for (std::size_t z = 0; z < b.size(); ++z) {
    double score = b[z];
    for (std::size_t h = 0; h < hidden.size(); ++h) score += w[z * hidden.size() + h] * hidden[h];
    const double code = 1 / (1 + std::exp(-score));
    for (std::size_t i = 0; i < kOfContracted; ++i) {
      for (std::size_t h = 0; h < hidden.size(); ++h) {
        rows[z][i] += code * (1 - code) * w[z * hidden.size() + h] * (1 - hidden[h] * hidden[h]) *
                      v[h * kOfContracted + i];
      }
    }
  }
  return rows;
}

/// |J^T v|^2 for the given signs; all squares of J for none.
double squared_norm(const std::vector<std::vector<double>>& rows, const float* heads = nullptr) {
  double norm = 0;
  for (std::size_t i = 0; i < kOfContracted; ++i) {
    double along = 0;
    for (std::size_t z = 0; z < rows.size(); ++z) {
      if (heads == nullptr) norm += rows[z][i] * rows[z][i];
      if (heads != nullptr) along += (2 * heads[z] - 1) * rows[z][i];
    }
    norm += along * along;
  }
  return norm;
}

std::string contractive_refusal(const std::string& options, const Shape& shape,
                                const ValueRange& range = test::kUnit) {
  Model model(test::setup_of("contractive", options, shape, range));
  try {
    model.parameter_count();
  } catch (const OptionError& error) {
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace

TEST_SUITE("plugins/contractive") {
  TEST_CASE("the contraction of a code of one number is its squared slope exactly") {
    const auto model = contractive("latent: 1, weight: 3");
    const Tensor samples = test::uniform({kContracted, kOfContracted}, 1);
    double expected = 0;
    for (std::size_t n = 0; n < kContracted; ++n) {
      expected +=
          squared_norm(jacobian(*model, samples.floats().data() + n * kOfContracted)) / kContracted;
    }
    auto got = contractive_losses(*model, samples);
    CHECK(got["contraction"] == doctest::Approx(expected));
    CHECK(got["loss"] == doctest::Approx(got["error"] + 3 * expected));
  }

  TEST_CASE("the contraction is the squared length of the Jacobian along random signs") {
    const auto model = contractive("latent: 3, probes: 2");
    const Tensor samples = test::uniform({kContracted, kOfContracted}, 1);
    const std::vector<std::uint32_t> numbers{0, 1, 2, 3, 4};
    Graph graph;
    std::vector<Value> drawn;
    for (const char* stream : {"probe 0", "probe 1"}) {
      drawn.push_back(random_bernoulli(graph, {kContracted, 3}, stream, 0.5f));
    }
    Arena arena;
    Program program(graph, drawn, {}, arena);
    program.run({.seed = model->setup().seed, .training = false, .split = 2, .samples = numbers});
    double expected = 0;
    for (std::size_t n = 0; n < kContracted; ++n) {
      const auto rows = jacobian(*model, samples.floats().data() + n * kOfContracted);
      for (const std::size_t probe : {0, 1}) {
        expected += squared_norm(rows, program.fetched(probe).data() + 3 * n) / (2.0 * kContracted);
      }
    }
    CHECK(contractive_losses(*model, samples)["contraction"] == doctest::Approx(expected));
  }

  TEST_CASE("the mean over many signs is the sum of all squares in the Jacobian") {
    const auto model = contractive("latent: 3, probes: 4");
    const Tensor one = test::uniform({1, kOfContracted}, 1);
    Tensor many({1000, kOfContracted});
    for (std::int64_t i = 0; i < many.size(); ++i) many.floats()[i] = one.floats()[i % 6];
    const double expected = squared_norm(jacobian(*model, one.floats().data()));
    CHECK(contractive_losses(*model, many)["contraction"] ==
          doctest::Approx(expected).epsilon(0.03));
  }

  TEST_CASE("the loss of a contractive autoencoder has its gradient, through every layer") {
    const Tensor samples = test::uniform({kContracted, 6, 4}, 2);
    for (const std::string options :
         {"latent: 3, weight: 20", "latent: 3, weight: 20, code_activation: tanh, probes: 2",
          "latent: 3, weight: 20, loss: binary_cross_entropy",
          "latent: 3, weight: 20, encoder: [{dense: 5, activation: gelu}, layernorm]",
          "latent: 3, weight: 20, encoder: [{dense: 5, activation: elu}, {dropout: 0.3}]",
          "latent: 3, weight: 20, encoder: [{dense: 5, activation: swish}, batchnorm]",
          "latent: 3, weight: 20, encoder: [{conv: 3, activation: tanh}, {avgpool: 2}]",
          "latent: 3, weight: 20, encoder: [{conv: 4, activation: softplus}, {groupnorm: 2}]",
          "latent: 3, weight: 20, encoder: [{conv: 3, activation: tanh}, {avgpool: global}]",
          "latent: 3, weight: 20, encoder: [{conv_transpose: 2, activation: sigmoid}, flatten]",
          "latent: 3, weight: 20, encoder: [{upsample: 2}, {conv: 2, activation: tanh}]"}) {
      CAPTURE(options);
      Model model(test::setup_of("contractive", text("{", options, "}"), {6, 4}, test::kUnit));
      test::check_slope(model, samples, Stream::All, 1e-3f);
    }
  }

  TEST_CASE("what has no second gradient and what the data do not fit is refused") {
    CHECK(contractive_refusal("encoder: [{conv: 3}, {maxpool: 2}]", {6, 4}) ==
          "model.encoder.1 cannot be maxpool: the Jacobian's norm is differentiated through the "
          "gradient of each layer, and that of maxpool has none; use avgpool, or a conv with "
          "stride 2");
    CHECK(contractive_refusal("loss: binary_cross_entropy", {6}, test::kWide)
              .starts_with("model.loss cannot be binary_cross_entropy"));
  }
}

}  // namespace hourglass
