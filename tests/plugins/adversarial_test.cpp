// The variant beside references in plain loops of double.
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

constexpr std::int64_t kOfBatch = 6, kOfSample = 5, kOfLabels = 3;

Tensor adversarial_data() { return test::uniform({kOfBatch, kOfSample}, 1); }

ModelSetup adversarial_setup(const std::string& options, int noise = 0) {
  ModelSetup setup = test::setup_of("adversarial",
                                    text("{discriminator: {width: 4, layers: 1, noise: ", noise,
                                         ", optimizer: {sgd: {learning_rate: 0.1}}}, "
                                         "encoder_optimizer: {sgd: {learning_rate: 0.1}}, "
                                         "label_optimizer: {sgd: {learning_rate: 0.1}}, ",
                                         options, "}"),
                                    Shape{kOfSample}, test::kUnit);
  setup.data.classes = kOfLabels;
  return setup;
}

std::map<std::string, std::vector<float>> parameters_of(Model& model) {
  std::map<std::string, std::vector<float>> all;
  for (const std::string& path : test::parameter_paths(model))
    all[path] = test::values(model, path);
  return all;
}

/// Which parameters the train step of this name moves, by the parts that their paths begin with.
std::vector<std::string> moved_by(Model& model, const std::string& name) {
  const Tensor samples = adversarial_data();
  std::vector<float> labels(kOfBatch * kOfLabels, 0.0f);
  for (std::size_t i = 0; i < kOfBatch; ++i) labels[i * kOfLabels + i % kOfLabels] = 1;
  std::vector<std::string> parts;
  for (const Stream stream : {Stream::All, Stream::Labelled}) {
    if (name == "classification" && stream == Stream::All) continue;
    for (TrainProgram& each : model.train(kOfBatch, stream)) {
      if (each.name != name) continue;
      const auto before = parameters_of(model);
      each.program.feed("input", samples.floats().data());
      if (name == "classification") each.program.feed("labels", labels.data());
      each.program.run({.seed = 1});
      for (const auto& [path, values] : parameters_of(model)) {
        const std::string part = path.substr(0, path.find('.'));
        if (values != before.at(path) && (parts.empty() || parts.back() != part)) {
          parts.push_back(part);
        }
      }
      return parts;
    }
  }
  return parts;
}

double soft(double x) { return std::log1p(std::exp(x)); }

/// What a discriminator of one hidden layer holds of a code.
double verdict(Model& model, const std::string& name, const std::vector<double>& code) {
  const auto w = test::values(model, name + ".0.weight"), b = test::values(model, name + ".0.bias");
  const auto v = test::values(model, name + ".1.weight"), c = test::values(model, name + ".1.bias");
  double sum = c[0];
  for (std::size_t unit = 0; unit < b.size(); ++unit) {
    double hidden = b[unit];
    for (std::size_t i = 0; i < code.size(); ++i) hidden += w[unit * code.size() + i] * code[i];
    sum += v[unit] * std::max(hidden, 0.0);
  }
  return sum;
}

std::string refusal(const std::string& options, std::int64_t classes = kOfLabels) {
  ModelSetup setup = adversarial_setup(options);
  setup.data.classes = classes;
  try {
    Model model(setup);
    model.parameter_count();
  } catch (const OptionError& error) {
    return error.what();
  }
  return "nothing was refused";
}

}  // namespace

TEST_SUITE("plugins/adversarial") {
  TEST_CASE("three steps, each with parts of its own to move") {
    Model model(adversarial_setup("latent: 3, encoder: [{dense: 4, activation: tanh}]"));
    using Parts = std::vector<std::string>;
    CHECK(moved_by(model, "reconstruction") == Parts{"code", "decoder", "encoder"});
    CHECK(moved_by(model, "discriminator") == Parts{"discriminator"});
    CHECK(moved_by(model, "encoder") == Parts{"code", "encoder"});
    CHECK(model.traits().prior == "a standard normal distribution");
    CHECK(model.traits().best_by == "mismatch");
  }

  TEST_CASE("the encoder's loss is the discriminator's verdict on codes") {
    Model model(adversarial_setup("latent: 3"));
    const auto codes = test::codes(model, adversarial_data());
    double expected = 0;
    for (std::size_t n = 0; n < kOfBatch; ++n) {
      const std::vector<double> code(codes.begin() + 3 * n, codes.begin() + 3 * n + 3);
      expected += soft(-verdict(model, "discriminator.code", code)) / kOfBatch;
    }
    std::map<std::string, double> losses;
    for (const auto& [name, value] : model.evaluate(*test::source_of(adversarial_data()), 2)) {
      losses[name] = value;
    }
    CHECK(losses.at("encoder") == doctest::Approx(expected).epsilon(1e-4));
    CHECK(losses.at("mismatch") > losses.at("loss"));
    // Draws and codes that are judged alike cost the discriminator 2 log 2.
    for (const std::string& path : test::parameter_paths(model)) {
      if (!path.starts_with("discriminator")) continue;
      Variable& variable = *model.variables().find(path);
      variable.write(Tensor(variable.shape()));
    }
    for (const auto& [name, value] : model.evaluate(*test::source_of(adversarial_data()), 2)) {
      if (name == "discriminator") CHECK(value == doctest::Approx(2 * std::log(2)));
      if (name == "encoder") CHECK(value == doctest::Approx(std::log(2)));
    }
  }

  TEST_CASE("a small discriminator learns to tell codes from draws far away") {
    Model model(adversarial_setup("latent: 2, prior: {uniform: {low: 5, high: 6}}"));
    TrainProgram* told = nullptr;
    for (TrainProgram& each : model.train(kOfBatch)) {
      if (each.name == "discriminator") told = &each;
    }
    REQUIRE(told != nullptr);
    const Tensor samples = adversarial_data();
    float first = 0, last = 0;
    for (int step = 0; step < 200; ++step) {
      told->program.feed("input", samples.floats().data());
      told->program.run({.seed = 1, .step = step});
      last = told->program.fetched(0)[0];
      if (step == 0) first = last;
    }
    CHECK(last < 0.3f * first);
  }

  TEST_CASE("classes of its own begin the code, as probabilities") {
    for (const char* mode : {"clustering", "semi_supervised", "labels_alone"}) {
      CAPTURE(mode);
      Model model(adversarial_setup(text("latent: 2, clusters: 4, mode: ", mode)));
      const std::int64_t classes = std::string(mode) == "clustering" ? 4 : kOfLabels;
      CHECK(model.traits().classes == classes);
      CHECK(model.code_shape() == Shape{classes + 2});
      const auto codes = test::codes(model, adversarial_data());
      for (std::int64_t n = 0; n < kOfBatch; ++n) {
        double sum = 0;
        for (std::int64_t i = 0; i < classes; ++i) sum += codes[n * (classes + 2) + i];
        CHECK(sum == doctest::Approx(1));
      }
      const Tensor draws = model.draw_codes(50);
      for (std::int64_t n = 0; n < 50; ++n) {
        const auto chosen = draws.floats().subspan(n * (classes + 2), classes);
        CHECK(std::ranges::count(chosen, 1.0f) == 1);
        CHECK(std::ranges::count(chosen, 0.0f) == classes - 1);
      }
    }
  }

  TEST_CASE("noise is between codes and the discriminator while it learns, and no longer") {
    const Tensor samples = adversarial_data();
    const auto told = [&](Model& model) {
      for (TrainProgram& each : model.train(kOfBatch)) {
        if (each.name != "discriminator") continue;
        each.program.feed("input", samples.floats().data());
        each.program.run({.seed = 1});
        return each.program.fetched(0)[0];
      }
      return 0.0f;
    };
    const auto judged = [&](Model& model) { return model.evaluate(*test::source_of(samples), 2); };
    Model plain(adversarial_setup("latent: 3", 0)), noisy(adversarial_setup("latent: 3", 2));
    CHECK(judged(noisy) == judged(plain));
    CHECK(told(noisy) != told(plain));
  }

  TEST_CASE("labels move encoder and classes, and alone nothing else does") {
    using Parts = std::vector<std::string>;
    Model model(adversarial_setup("latent: 2, mode: semi_supervised, encoder: [{dense: 4}]"));
    CHECK(moved_by(model, "classification") == Parts{"class", "encoder"});
    Model alone(adversarial_setup("latent: 2, mode: labels_alone, encoder: [{dense: 4}]"));
    CHECK(moved_by(alone, "classification") == Parts{"class", "encoder"});
    CHECK(moved_by(alone, "reconstruction") == Parts{"decoder"});
    CHECK(moved_by(alone, "discriminator").empty());
  }

  TEST_CASE("every mode, prior and posterior trains, with dense and convolutional layers") {
    const std::vector<std::string> options = {
        "latent: 2, prior: mixture",
        "latent: 2, prior: swiss_roll, posterior: gaussian",
        "latent: 2, prior: swiss_roll, mode: label_prior",
        "latent: 2, prior: {mixture: {components: 3}}, mode: label_prior, posterior: noise",
        "latent: 3, prior: uniform, mode: supervised",
        "latent: 4, prior: categorical, posterior: noise",
        "latent: 3, mode: clustering, likelihood: {gaussian: learned}",
    };
    for (const std::string& each : options) {
      for (const char* encoder :
           {"{dense: 7, activation: relu}", "{conv: 3, activation: relu}, {maxpool: 2}"}) {
        CAPTURE(each);
        CAPTURE(encoder);
        ModelSetup setup = adversarial_setup(text(each, ", encoder: [", encoder, "]"));
        setup.data.sample_shape = {6, 6};
        Model model(setup);
        const Tensor samples = test::uniform({kOfBatch, 6, 6}, 2);
        std::vector<float> labels(kOfBatch * kOfLabels, 0.0f);
        for (std::size_t i = 0; i < kOfBatch; ++i) labels[i * kOfLabels] = 1;
        for (TrainProgram& step : model.train(kOfBatch)) {
          step.program.feed("input", samples.floats().data());
          if (each.find("label_prior") != each.npos || each.find("supervised") != each.npos) {
            step.program.feed("labels", labels.data());
          }
          step.program.run({.seed = 1});
          CHECK(std::isfinite(step.program.fetched(0)[0]));
        }
      }
    }
  }

  TEST_CASE("an adversarial autoencoder refuses what it cannot do, with what would do") {
    const auto fault = [](const std::string& options, const std::string& message,
                          std::int64_t classes = kOfLabels) {
      CHECK_MESSAGE(refusal(options, classes).find(message) != std::string::npos,
                    refusal(options, classes));
    };
    fault("latent: 3, prior: mixture", "this prior lies in a plane: set it to 2");
    fault("latent: 1, prior: categorical", "must be at least 2");
    fault("latent: 2, mode: semi_supervised", "needs labels, and the data have none", 0);
    fault("latent: 2, mode: label_prior", "must be mixture or swiss_roll");
    fault("latent: 2, mode: label_prior, prior: {mixture: {components: 4}}",
          "is 4, and there are 3 labels, one for each: set it to 3");
  }
}

}  // namespace hourglass
