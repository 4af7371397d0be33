// The variant beside references in plain loops of double.
#include <hourglass/core/error.hpp>
#include <hourglass/ops/random.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>
#include <support/models.hpp>
#include <support/ranges.hpp>
#include <support/slope.hpp>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::kUnit;
using Numbers = std::vector<double>;

constexpr std::int64_t kSamples = 5, kVaeFeatures = 6, kLatent = 2;

Tensor data(std::int64_t count = kSamples) { return test::uniform({count, kVaeFeatures}, 1); }

/// A model whose parameters are numbers that go by their paths alone, so that all have the same.
std::unique_ptr<Model> vae(const std::string& options) {
  ModelSetup setup =
      test::setup_of("vae", text("latent: 2\n", options), Shape{kVaeFeatures}, kUnit);
  setup.data.samples = 40;
  auto model = std::make_unique<Model>(std::move(setup));
  for (const std::string& path : test::parameter_paths(*model)) {
    Variable& variable = *model->variables().find(path);
    const auto seed =
        static_cast<std::uint64_t>(path.size() * 1000 + static_cast<unsigned char>(path.front()));
    variable.write(test::uniform(variable.shape(), seed, -0.6f, 0.6f));
  }
  return model;
}

std::map<std::string, double> losses(Model& model, std::int64_t count = kSamples) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.evaluate(*test::source_of(data(count)), 2)) {
    result[name] = value;
  }
  return result;
}

Numbers dense(Model& model, const std::string& name, const Numbers& x) {
  const auto w = test::values(model, name + ".weight"), b = test::values(model, name + ".bias");
  Numbers y(b.begin(), b.end());
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += w[o * x.size() + i] * x[i];
  }
  return y;
}

/// The two terms of each sample, for a model without hidden layers, and the KL of each dimension.
struct Terms {
  double error = 0;
  Numbers kl;
};

std::vector<Terms> reference(Model& model) {
  const Tensor samples = data();
  const std::vector<std::uint32_t> numbers{0, 1, 2, 3, 4};
  Graph graph;
  const Value drawn = random_normal(graph, {kSamples, kLatent}, "posterior");
  Arena arena;
  Program program(graph, {drawn}, {}, arena);
  program.run({.seed = model.setup().seed, .training = false, .split = 2, .samples = numbers});
  const std::span<const float> noise = program.fetched(0);
  std::vector<Terms> all(kSamples);
  for (std::size_t n = 0; n < kSamples; ++n) {
    const float* x = samples.floats().data() + n * kVaeFeatures;
    const Numbers mean = dense(model, "mean", {x, x + kVaeFeatures});
    const Numbers log_variance = dense(model, "log_variance", {x, x + kVaeFeatures});
    Numbers z;
    for (std::size_t d = 0; d < kLatent; ++d) {
      z.push_back(mean[d] + std::exp(log_variance[d] / 2) * noise[n * kLatent + d]);
      all[n].kl.push_back((mean[d] * mean[d] + std::exp(log_variance[d]) - 1 - log_variance[d]) /
                          2);
    }
    const Numbers y = dense(model, "decoder.0", z);
    for (std::size_t i = 0; i < kVaeFeatures; ++i) {
      all[n].error += std::log1p(std::exp(y[i])) - x[i] * y[i];
    }
  }
  return all;
}

double mean_error(const std::vector<Terms>& terms) {
  double sum = 0;
  for (const Terms& each : terms) sum += each.error;
  return sum / kSamples;
}

/// Of each dimension.
Numbers mean_kl(const std::vector<Terms>& terms) {
  Numbers mean(kLatent);
  for (const Terms& each : terms) {
    for (std::size_t d = 0; d < kLatent; ++d) mean[d] += each.kl[d] / kSamples;
  }
  return mean;
}

/// `draws` importance weights of each sample.
std::vector<Numbers> log_weights(Model& model, std::int64_t count, std::int64_t draws) {
  std::vector<Numbers> all(static_cast<std::size_t>(count));
  model.log_weights(*test::source_of(data(count)), 2, draws,
                    [&](std::span<const std::uint32_t> indices, std::span<const float> weights) {
                      const std::size_t each = weights.size() / indices.size();
                      for (std::size_t i = 0; i < weights.size(); ++i) {
                        all[indices[i / each]].push_back(weights[i]);
                      }
                    });
  return all;
}

/// The loss of a train step for one batch, and the parameters after it.
double train(Model& model, Stream stream, const Tensor& samples) {
  Program& program = model.train(kSamples, stream)[0].program;
  program.feed("input", samples.floats().data());
  program.run({.seed = model.setup().seed, .step = 3});
  return program.fetched(0)[0];
}

void check_objective(const std::string& options, Stream stream = Stream::All) {
  CAPTURE(options);
  test::check_slope(*vae(options), data(), stream);
}

void check_vae_refused(const std::string& options, const char* message) {
  CAPTURE(options);
  Model model(test::setup_of("vae", options, Shape{kVaeFeatures}, kUnit));
  CHECK_THROWS_WITH_AS(model.code_shape(), message, OptionError);
}

constexpr const char* kFactor =
    "total_correlation: {weight: 4, estimator: discriminator, discriminator: {layers: 2, width: 8, "
    "optimizer: {sgd: {learning_rate: 1}}}}";

}  // namespace

TEST_SUITE("plugins/vae") {
  TEST_CASE("the evidence lower bound, its weight, free bits and capacity are as by hand") {
    const auto model = vae("");
    const auto terms = reference(*model);
    const double error = mean_error(terms);
    const Numbers kl = mean_kl(terms);
    auto got = losses(*model);
    CHECK(got["negative_log_likelihood"] == doctest::Approx(error));
    CHECK(got["kl"] == doctest::Approx(kl[0] + kl[1]));
    CHECK(got["loss"] == doctest::Approx(error + kl[0] + kl[1]));
    CHECK(losses(*vae("beta: 4"))["loss"] == doctest::Approx(error + 4 * (kl[0] + kl[1])));
    // Between the two dimensions, so that one of them counts.
    REQUIRE(std::abs(kl[0] - kl[1]) > 0.01);
    const double least = (kl[0] + kl[1]) / 2;
    CHECK(losses(*vae(text("beta: 2\nfree_bits: ", least)))["loss"] ==
          doctest::Approx(error + 2 * (std::max(least, kl[0]) + std::max(least, kl[1]))));
    for (const double target : {0.0, 3.0}) {
      CHECK(losses(*vae(text("capacity: {gamma: 7, target: ", target, "}")))["loss"] ==
            doctest::Approx(error + 7 * std::abs(kl[0] + kl[1] - target)));
    }
  }

  TEST_CASE("without the KL term it is an autoencoder with noise in its code") {
    const auto model = vae("beta: 0");
    CHECK(losses(*model)["loss"] == doctest::Approx(mean_error(reference(*model))));
  }

  TEST_CASE("the weight of the KL and the capacity move with training") {
    const auto at = [](const std::string& options, std::int64_t step) {
      const auto model = vae(options);
      model->set_counts(std::span(&step, 1));
      return losses(*model)["loss"];
    };
    auto plain = losses(*vae(""));
    const double error = plain["negative_log_likelihood"], kl = plain["kl"];
    CHECK(at("beta: {linear: [0, 1], steps: 10}", 5) == doctest::Approx(error + 0.5 * kl));
    CHECK(at("beta: {linear: [0, 1], steps: 10}", 20) == doctest::Approx(error + kl));
    CHECK(at("beta: {cyclic: [0, 1], steps: 10}", 12) == doctest::Approx(error + 0.4 * kl));
    CHECK(at("capacity: {gamma: 2, target: {linear: [0, 50], steps: 10}}", 4) ==
          doctest::Approx(error + 2 * std::abs(kl - 20)));
  }

  TEST_CASE("the importance-weighted bound comes from the importance weights") {
    const auto weights = log_weights(*vae(""), kSamples, 3);
    double bound = 0, sampled = 0;
    for (const Numbers& each : weights) {
      double sum = 0;
      for (const double w : each) sum += std::exp(w), sampled -= w / (3 * kSamples);
      bound -= std::log(sum / 3) / kSamples;
    }
    const double loss = losses(*vae("importance_samples: 3"))["loss"];
    CHECK(loss == doctest::Approx(bound));
    CHECK(loss < sampled);
  }

  TEST_CASE("more importance samples bring the bound below the negative evidence lower bound") {
    const auto model = vae("");
    const double elbo = losses(*model)["loss"];
    double previous = elbo;
    for (const std::int64_t draws : {20, 2000}) {
      double bound = 0;
      for (const Numbers& each : log_weights(*model, kSamples, draws)) {
        double sum = 0;
        for (const double w : each) sum += std::exp(w);
        bound -= std::log(sum / static_cast<double>(draws)) / kSamples;
      }
      CHECK(bound < previous);
      previous = bound + 0.05;
    }
  }

  TEST_CASE("one importance sample is the evidence lower bound with a sampled KL") {
    const auto model = vae("");
    // Where the code does not matter, the error is the same for every draw.
    Variable& weight = *model->variables().find("decoder.0.weight");
    weight.write(Tensor(weight.shape()));
    double sum = 0;
    for (const Numbers& each : log_weights(*model, kSamples, 4000)) {
      for (const double w : each) sum -= w / (4000 * kSamples);
    }
    CHECK(sum == doctest::Approx(losses(*model)["loss"]).epsilon(0.005));
  }

  TEST_CASE("importance weights are the same whatever the batch and the number of draws") {
    const auto model = vae("");
    const auto all = log_weights(*model, 30, 120);
    for (const std::int64_t draws : {1, 7, 50}) {
      const auto fewer = log_weights(*model, 30, draws);
      const auto some = log_weights(*model, 3, draws);
      for (std::size_t n = 0; n < 30; ++n) {
        REQUIRE(std::ssize(fewer[n]) == draws);
        for (std::size_t i = 0; i < fewer[n].size(); ++i) {
          CHECK(fewer[n][i] == doctest::Approx(all[n][i]).epsilon(1e-5));
          if (n < 3) CHECK(some[n][i] == doctest::Approx(all[n][i]).epsilon(1e-5));
        }
      }
    }
  }

  TEST_CASE("generated samples are the same however many there are") {
    const auto model = vae("");
    const Model::Generated few = model->generate(3), many = model->generate(10);
    for (std::int64_t i = 0; i < few.samples.size(); ++i) {
      CHECK(few.samples.floats()[i] == doctest::Approx(many.samples.floats()[i]).epsilon(1e-5));
    }
    CHECK(std::ranges::equal(few.codes.floats(),
                             many.codes.floats().subspan(0, few.codes.floats().size())));
    // Drawn alone they are the same codes, and decode to the same samples.
    const Tensor codes = model->draw_codes(10);
    CHECK(std::ranges::equal(codes.floats(), many.codes.floats()));
    const Tensor decoded = model->decode(codes);
    for (std::int64_t i = 0; i < decoded.size(); ++i) {
      CHECK(decoded.floats()[i] == doctest::Approx(many.samples.floats()[i]).epsilon(1e-5));
    }
  }

  TEST_CASE("weight 1 of the total correlation is the evidence lower bound exactly") {
    const double elbo = losses(*vae(""))["loss"];
    CHECK(losses(*vae("total_correlation: {weight: 1}"))["loss"] == elbo);
    CHECK(losses(*vae("total_correlation: {weight: 1, estimator: discriminator, discriminator: "
                      "{layers: 1, width: 4}}"))["loss"] == elbo);
    auto more = losses(*vae("total_correlation: {weight: 4}"));
    CHECK(more["loss"] == doctest::Approx(elbo + 3 * more["total_correlation"]));
    CHECK(std::abs(more["total_correlation"]) > 1e-3);
  }

  TEST_CASE("each objective has its gradient") {
    for (const char* options :
         {"", "beta: 3", "free_bits: 0.1", "capacity: {gamma: 7, target: 3}",
          "importance_samples: 4", "total_correlation: {weight: 4}", kFactor}) {
      check_objective(options);
    }
    check_objective(kFactor, Stream::Second);
    check_objective("likelihood: gaussian");
    check_objective("likelihood: {gaussian: learned}");
    check_objective("likelihood: {gaussian: optimal}");
    check_objective("encoder: [{dense: 4, activation: tanh}]\nimportance_samples: 3");
  }

  TEST_CASE("the discriminator and the autoencoder move themselves alone") {
    for (const Stream stream : {Stream::All, Stream::Second}) {
      const auto model = vae(kFactor);
      REQUIRE(model->steps().size() == 2);
      CHECK(model->steps()[1].name == "discriminator");
      std::map<std::string, std::vector<float>> before;
      for (const auto& path : test::parameter_paths(*model)) {
        before[path] = test::values(*model, path);
      }
      train(*model, stream, data());
      for (const auto& [path, values] : before) {
        CAPTURE(path);
        const bool own = path.starts_with("discriminator") == (stream == Stream::Second);
        if (!own) CHECK(test::values(*model, path) == values);
        if (own && path.ends_with("weight")) CHECK(test::values(*model, path) != values);
      }
    }
  }

  TEST_CASE("objectives that contradict each other are refused, each with its sentence") {
    check_vae_refused(
        "{importance_samples: 5, beta: 2}",
        "model.beta does not go with importance_samples, which weighs the KL in a way of "
        "its own; leave one of them out");
    check_vae_refused(
        "{importance_samples: 5, capacity: {target: 2}}",
        "model.capacity does not go with importance_samples, which weighs the KL in a way "
        "of its own; leave one of them out");
    check_vae_refused(
        "{total_correlation: {weight: 2}, free_bits: 0.1}",
        "model.free_bits does not go with total_correlation, which weighs the KL in a way "
        "of its own; leave one of them out");
    check_vae_refused(
        "{latent: 1, total_correlation: {weight: 2}}",
        "model.total_correlation needs two code dimensions at least, and latent is 1");
    check_vae_refused(
        "total_correlation: {weight: 2, discriminator: {width: 5}}",
        "model.total_correlation.discriminator is for the estimator discriminator, and "
        "the estimator is sampling");
  }

  TEST_CASE("a likelihood is refused by a variant that models none") {
    Model model(test::vanilla("likelihood: bernoulli", {5}));
    CHECK_THROWS_WITH_AS(model.code_shape(),
                         "model.likelihood is not for this variant, which models no likelihood: "
                         "leave it out",
                         OptionError);
  }

  TEST_CASE("Bernoulli is a likelihood of zeros and ones alone") {
    for (const bool binary : {false, true}) {
      Model model(
          test::setup_of("vae", "latent: 2", {5}, {.least = 0, .greatest = 1, .binary = binary}));
      CHECK(model.traits().likelihood == "bernoulli");
      CHECK(model.traits().proper_likelihood == binary);
    }
  }

  TEST_CASE("what is drawn afresh in training is drawn once for a sample elsewhere") {
    ModelSetup setup = test::setup_of("vae", "latent: 2", {kVaeFeatures},
                                      {.least = 0, .greatest = 1, .binary = true});
    setup.data.drawn = true;
    Model model(std::move(setup));
    const auto codes = test::codes(model, data(30)), few = test::codes(model, data(4));
    for (std::size_t i = 0; i < few.size(); ++i) CHECK(few[i] == codes[i]);
    // Zeros and ones stay as they are.
    Tensor binary = data(30);
    for (float& value : binary.floats()) value = value > 0.5f ? 1.0f : 0.0f;
    Model plain(test::setup_of("vae", "latent: 2", {kVaeFeatures}, kUnit));
    CHECK(test::codes(model, binary) == test::codes(plain, binary));
    CHECK(codes != test::codes(plain, data(30)));
    // All draws of a code see the same sample: with a code that hardly has noise they weigh alike.
    Variable& weight = *model.variables().find("log_variance.bias");
    weight.write(test::uniform(weight.shape(), 1, -60, -59));
    model.log_weights(*test::source_of(data(30)), 2, 120,
                      [&, first = std::map<std::uint32_t, float>()](
                          auto indices, std::span<const float> weights) mutable {
                        const std::size_t each = weights.size() / indices.size();
                        for (std::size_t i = 0; i < weights.size(); ++i) {
                          const float known =
                              first.emplace(indices[i / each], weights[i]).first->second;
                          CHECK(weights[i] == doctest::Approx(known).epsilon(1e-4));
                        }
                      });
  }
}

}  // namespace hourglass
