// The variant beside a reference in plain loops of double, which knows nothing of graphs.
#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/nn/corruption.hpp>

#include <doctest/doctest.h>
#include <plugins/weights.hpp>
#include <support/models.hpp>
#include <support/ranges.hpp>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::kSymmetric;
using test::kUnit;
using test::kWide;
using test::shake;
using test::uniform;
using test::Weights;
using test::weights_of;
using Numbers = std::vector<double>;

const std::vector<CorruptionOptions> kMasking{{MaskingCorruption{0.4}}};
const std::vector<CorruptionOptions> kGaussian{{GaussianCorruption{0.3}}};

ModelSetup denoising(const std::string& options, const Shape& shape,
                     const ValueRange& range = kUnit,
                     const std::vector<CorruptionOptions>& corruption = kMasking) {
  ModelSetup setup = test::setup_of("denoising", options, shape, range);
  setup.corruption = corruption;
  return setup;
}

/// What the model is given in a step of training, and 1 where that is corrupted.
struct Given {
  std::vector<float> samples, where;
};
Given given(const Model& model, const Tensor& clean, std::int64_t step = 0) {
  Graph graph;
  const Corrupted corrupted = corrupt(graph.input("x", clean.shape()), model.setup().corruption,
                                      model.setup().data.range, "corruption");
  Arena arena;
  Program program(graph, {corrupted.samples, corrupted.where}, {}, arena);
  program.feed("x", clean.floats().data());
  program.run({.seed = model.setup().seed, .step = step});
  const auto samples = program.fetched(0), where = program.fetched(1);
  return {{samples.begin(), samples.end()}, {where.begin(), where.end()}};
}

Numbers dense(const Weights& weights, const std::string& layer, const Numbers& x, bool tanh) {
  const Numbers &w = weights.at(layer + ".weight"), &b = weights.at(layer + ".bias");
  Numbers y = b;
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += w[o * x.size() + i] * x[i];
    if (tanh) y[o] = std::tanh(y[o]);
  }
  return y;
}

/// `{encoder: [{dense: 4, activation: tanh}], latent: 3, code_activation: tanh}` and its mirror.
Numbers code_of(const Weights& weights, const Numbers& x) {
  return dense(weights, "code", dense(weights, "encoder.0", x, true), true);
}
Numbers output_of(const Weights& weights, const Numbers& x, const std::string& output) {
  const Numbers hidden = dense(weights, "decoder.0", code_of(weights, x), true);
  Numbers y = dense(weights, "decoder.1", hidden, output == "tanh");
  if (output == "sigmoid") {
    for (double& each : y) each = 1 / (1 + std::exp(-each));
  }
  return y;
}

constexpr std::size_t kFeatures = 5;
constexpr const char* kNetwork =
    "encoder: [{dense: 4, activation: tanh}]\nlatent: 3\ncode_activation: tanh\n";

Numbers row(std::span<const float> values, std::size_t n) {
  const float* first = values.data() + n * kFeatures;
  return {first, first + kFeatures};
}

struct Objective {
  std::string loss = "squared_error", output = "linear";
  double corrupted = 1, uncorrupted = 1;
};

/// The mean over samples of the weighed sum over features, of the output for what was given
/// against the clean samples.
double loss_of(const Weights& weights, const Tensor& clean, const Given& given,
               const Objective& objective) {
  double total = 0;
  const auto samples = static_cast<std::size_t>(clean.shape()[0]);
  for (std::size_t n = 0; n < samples; ++n) {
    const Numbers x = row(clean.floats(), n);
    const Numbers y = output_of(weights, row(given.samples, n), objective.output);
    for (std::size_t i = 0; i < kFeatures; ++i) {
      const double error = objective.loss == "squared_error"
                               ? (x[i] - y[i]) * (x[i] - y[i])
                               : -x[i] * std::log(y[i]) - (1 - x[i]) * std::log(1 - y[i]);
      const bool hit = given.where[n * kFeatures + i] == 1;
      total += (hit ? objective.corrupted : objective.uncorrupted) * error;
    }
  }
  return total / static_cast<double>(samples);
}

/// Loss and every parameter's gradient against the reference.
void check_against_reference(const Objective& objective, const Tensor& clean,
                             const ValueRange& range,
                             const std::vector<CorruptionOptions>& corruption) {
  const std::string options =
      text(kNetwork, "loss: ", objective.loss, "\noutput: ", objective.output,
           "\ncorrupted_weight: ", objective.corrupted,
           "\nuncorrupted_weight: ", objective.uncorrupted, "\n");
  CAPTURE(options);
  Model model(denoising(options, {kFeatures}, range, corruption));
  shake(model);
  const Weights weights = weights_of(model);
  const Given seen = given(model, clean);
  CHECK(test::step(model, clean) ==
        doctest::Approx(loss_of(weights, clean, seen, objective)).epsilon(1e-5));

  const Weights moved = weights_of(model);  // by the gradient, at a rate of 1
  for (const auto& [path, before] : weights) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      Weights shifted = weights;
      constexpr double kStep = 1e-5;
      shifted[path][i] = before[i] + kStep;
      const double above = loss_of(shifted, clean, seen, objective);
      shifted[path][i] = before[i] - kStep;
      const double gradient = (above - loss_of(shifted, clean, seen, objective)) / (2 * kStep);
      const std::string where = text(path, " ", i);
      CAPTURE(where);
      CHECK(before[i] - moved.at(path)[i] == doctest::Approx(gradient).epsilon(1e-4).scale(1));
    }
  }
}

void check_denoising_refused(const std::string& options, const ValueRange& range,
                             const char* message) {
  CAPTURE(options);
  Model model(denoising(options, {5}, range));
  CHECK_THROWS_WITH_AS(model.code_shape(), message, OptionError);
}

AdamOptions fast() {
  AdamOptions options;
  options.learning_rate = 0.01;
  return options;
}

/// How a training with Adam changes the loss of evaluation.
void check_learns(const std::string& options, const Shape& shape, const ValueRange& range,
                  const std::vector<CorruptionOptions>& corruption) {
  CAPTURE(options);
  ModelSetup setup = denoising(options, shape, range, corruption);
  setup.optimizer = fast();
  Model model(std::move(setup));
  const Tensor x = uniform(shape.prepended(16), 1, 0.1f, 0.9f);
  model.train(16);
  const double before = model.evaluate(*test::source_of(x), 2)[0].second;
  for (int i = 0; i < 150; ++i) test::step(model, x, i);
  CHECK(model.evaluate(*test::source_of(x), 2)[0].second < 0.9 * before);
  CHECK(test::reconstructions(model, x).size() == static_cast<std::size_t>(x.size()));
  CHECK(test::codes(model, x).size() == static_cast<std::size_t>(16 * model.code_shape().size()));
}

}  // namespace

TEST_SUITE("plugins/denoising") {
  TEST_CASE("the output for corrupted samples is held to the clean ones, gradients too") {
    const Tensor unit = uniform({6, 5}, 1), symmetric = uniform({6, 5}, 2, -1, 1);
    check_against_reference({}, uniform({6, 5}, 3, -3, 5), kWide, kGaussian);
    check_against_reference({.output = "sigmoid"}, unit, kUnit, kGaussian);
    check_against_reference({.output = "tanh"}, symmetric, kSymmetric, kMasking);
    check_against_reference({.loss = "binary_cross_entropy", .output = "sigmoid"}, unit, kUnit,
                            kGaussian);
  }

  TEST_CASE("the emphasised loss weighs features that were corrupted and those that were not") {
    const Tensor x = uniform({6, 5}, 1, 0.1f, 0.9f);
    check_against_reference({.corrupted = 2, .uncorrupted = 0.25}, x, kUnit, kMasking);
    check_against_reference({.corrupted = 1, .uncorrupted = 0}, x, kUnit, kMasking);
    check_against_reference({.corrupted = 3, .uncorrupted = 3}, x, kUnit, kMasking);
    check_against_reference(
        {.loss = "binary_cross_entropy", .output = "sigmoid", .corrupted = 0, .uncorrupted = 2}, x,
        kUnit, {{SaltPepperCorruption{0.5}}});
  }

  TEST_CASE("noise is fresh in each step and the same in each evaluation") {
    ModelSetup setup = denoising(kNetwork, {5});
    setup.frozen = {"encoder", "code", "decoder"};
    Model model(std::move(setup));
    const Tensor x = uniform({6, 5}, 1);
    CHECK(test::step(model, x, 0) != test::step(model, x, 1));
    CHECK(test::step(model, x, 3) == test::step(model, x, 3));
    const double loss = model.evaluate(*test::source_of(x), 2)[0].second;
    CHECK(model.evaluate(*test::source_of(x), 2)[0].second == loss);
  }

  TEST_CASE("codes and reconstructions are those of the samples as they are given") {
    Model model(denoising(kNetwork, {5}));
    shake(model);
    const Weights weights = weights_of(model);
    const Tensor x = uniform({3, 5}, 1);
    const std::vector<float> codes = test::codes(model, x), y = test::reconstructions(model, x);
    for (std::size_t n = 0; n < 3; ++n) {
      const Numbers sample = row(x.floats(), n);
      const Numbers code = code_of(weights, sample), output = output_of(weights, sample, "linear");
      for (std::size_t i = 0; i < code.size(); ++i) {
        CHECK(codes[n * 3 + i] == doctest::Approx(code[i]).epsilon(1e-5));
      }
      for (std::size_t i = 0; i < 5; ++i) {
        CHECK(y[n * 5 + i] == doctest::Approx(output[i]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("features that follow from others are filled in where they are hidden") {
    // Four equal features: what hides one leaves the others.
    Tensor x({200, 4});
    const Tensor levels = uniform({200}, 1);
    for (std::size_t i = 0; i < 800; ++i) x.floats()[i] = levels.floats()[i / 4];
    ModelSetup setup = denoising("{encoder: [{dense: 16, activation: relu}], latent: 2}", {4},
                                 kUnit, {{MaskingCorruption{0.25}}});
    setup.optimizer = fast();
    Model model(std::move(setup));
    for (int i = 0; i < 300; ++i) test::step(model, x, i);
    double before = 0, after = 0;
    model.denoise(*test::source_of(x), 2,
                  [&](auto indices, const float* clean, const float* seen, const float* y) {
                    for (std::size_t i = 0; i < 4 * indices.size(); ++i) {
                      before += std::pow(clean[i] - seen[i], 2);
                      after += std::pow(clean[i] - y[i], 2);
                    }
                  });
    CHECK(after < 0.25 * before);
  }

  TEST_CASE("it learns from tables, signals and images, with dense and convolutional layers") {
    check_learns("{encoder: [{dense: 12, activation: relu}], latent: 4}", {7}, kWide, kGaussian);
    check_learns("{encoder: [{dense: 12, activation: relu}], latent: 4, output: sigmoid}",
                 {3, 4, 4}, kUnit, {{BlockCorruption{2}}, {SpeckleCorruption{0.1}}});
    check_learns("{encoder: [{conv: 4, activation: relu}, {maxpool: 2}], latent: null}", {6, 8},
                 kUnit, {{BlockCorruption{3}}});
    check_learns(
        "{encoder: [{reshape: [1, 12]}, {conv: 4, activation: relu}, {maxpool: 2}], latent: 5, "
        "code_activation: relu}",
        {12}, kWide, {{SaltPepperCorruption{0.1}}});
  }

  TEST_CASE("an experiment without corruption is shown what to write") {
    Model model(denoising("{}", {5}, kUnit, {}));
    CHECK_THROWS_WITH_AS(model.code_shape(),
                         "corruption is missing: the variant denoising learns to undo it; write "
                         "for instance corruption: [{gaussian: 0.5}]",
                         OptionError);
    Model table(denoising("{}", {5}, kUnit, {{GaussianCorruption{}}, {BlockCorruption{2}}}));
    CHECK_THROWS_WITH_AS(table.code_shape(),
                         "corruption.1 block hides squares of images, and the data have the shape "
                         "[5]; use masking",
                         OptionError);
  }

  TEST_CASE("losses, outputs and codes that do not fit denoising are refused") {
    check_denoising_refused(
        "loss: binary_cross_entropy", kWide,
        "model.loss cannot be binary_cross_entropy: the data lie in [-3, 5], it needs "
        "[0, 1]; set dataset.scaling to unit or minmax, or use squared_error");
    check_denoising_refused(
        "{loss: binary_cross_entropy, output: tanh}", kUnit,
        "model.output must be sigmoid (or auto) for the loss binary_cross_entropy");
    check_denoising_refused(
        "output: sigmoid", kSymmetric,
        "model.output cannot be sigmoid: the data lie in [-1, 1], it needs [0, 1]; set "
        "dataset.scaling to unit or minmax, or use linear");
    check_denoising_refused(
        "output: tanh", kWide,
        "model.output cannot be tanh: the data lie in [-3, 5], it needs [-1, 1]; set "
        "dataset.scaling to symmetric, or use linear");
    check_denoising_refused(
        "latent: null", kUnit,
        "model.encoder must have layers where latent is null: there is nothing to learn");
    check_denoising_refused(
        "{latent: null, encoder: [{dense: 3}], code_activation: relu}", kUnit,
        "model.code_activation must be none where latent is null: give it to the "
        "encoder's last layer");
    CHECK_THROWS_WITH_AS(denoising("{corrupted_weight: 0, uncorrupted_weight: 0}", {5}),
                         doctest::Contains("needs corrupted_weight or uncorrupted_weight > 0: "
                                           "there is nothing to learn"),
                         ConfigError);
    CHECK_THROWS_WITH_AS(denoising("corrupted_weight: -1", {5}),
                         "test.yaml:1:19: model.corrupted_weight must be >= 0, got -1",
                         ConfigError);
  }

  TEST_CASE("the options of denoising have their names and defaults") {
    const std::string resolved = config::emit(denoising("{}", {5}).options.resolved);
    CHECK(resolved.starts_with(
        "latent: 32\ncode_activation: none\nloss: squared_error\noutput: auto\n"
        "corrupted_weight: 1.0\nuncorrupted_weight: 1.0\n"
        "encoder: []\ndecoder: mirror\ninitializer: xavier_uniform\n"));
  }
}

}  // namespace hourglass
