// The variant beside the discrepancy in plain loops of double.
#include <hourglass/ops/random.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>
#include <support/slope.hpp>

#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

constexpr std::int64_t kTransported = 5, kOfTransported = 6, kWassersteinCode = 3;

ModelSetup wasserstein(const std::string& options, const Shape& shape = {kOfTransported}) {
  return test::setup_of("wasserstein", text("{latent: 3, ", options, "}"), shape, test::kUnit);
}

std::map<std::string, double> wasserstein_losses(Model& model, const Tensor& samples) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.evaluate(*test::source_of(samples), 2)) {
    result[name] = value;
  }
  return result;
}

/// The mean kernel of all pairs of rows.
double mean_kernel_of(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < a.size(); i += kWassersteinCode) {
    for (std::size_t j = 0; j < b.size(); j += kWassersteinCode, ++pairs) {
      double distance = 0;
      for (std::size_t d = 0; d < kWassersteinCode; ++d) {
        const double difference = double{a[i + d]} - b[j + d];
        distance += difference * difference;
      }
      for (const double scale : {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0}) {
        const double c = 2 * kWassersteinCode * scale;
        sum += c / (c + distance) / 7;
      }
    }
  }
  return sum / static_cast<double>(pairs);
}

}  // namespace

TEST_SUITE("plugins/wasserstein") {
  TEST_CASE("the discrepancy is that of a batch's codes and normal draws, and is weighed") {
    Model model(wasserstein("weight: 7"));
    const Tensor samples = test::uniform({kTransported, kOfTransported}, 1);
    const auto codes = test::codes(model, samples);
    const std::vector<std::uint32_t> numbers{0, 1, 2, 3, 4};
    Graph graph;
    const Value drawn = random_normal(graph, {kTransported, kWassersteinCode}, "prior draws");
    Arena arena;
    Program program(graph, {drawn}, {}, arena);
    program.run({.seed = model.setup().seed, .training = false, .split = 2, .samples = numbers});
    const std::span<const float> draws = program.fetched(0);
    const double expected = mean_kernel_of(codes, codes) + mean_kernel_of(draws, draws) -
                            2 * mean_kernel_of(codes, draws);
    auto got = wasserstein_losses(model, samples);
    CHECK(got["discrepancy"] == doctest::Approx(expected));
    CHECK(got["loss"] == doctest::Approx(got["error"] + 7 * expected));
    CHECK(model.traits().prior == "a standard normal distribution");
  }

  TEST_CASE("without weight, what is left is the error of a plain autoencoder") {
    Model model(wasserstein("weight: 0")),
        plain(test::vanilla("{latent: 3, loss: binary_cross_entropy}", {kOfTransported}));
    const Tensor samples = test::uniform({kTransported, kOfTransported}, 1);
    auto got = wasserstein_losses(model, samples);
    CHECK(got["loss"] == got["error"]);
    CHECK(got["loss"] == doctest::Approx(wasserstein_losses(plain, samples)["loss"]));
  }

  TEST_CASE("the loss of a Wasserstein autoencoder has its gradient") {
    for (const std::string options : {"weight: 50", "weight: 50, likelihood: gaussian",
                                      "weight: 50, encoder: [{conv: 3, activation: tanh}]"}) {
      CAPTURE(options);
      Model model(wasserstein(options, {6, 4}));
      test::check_slope(model, test::uniform({kTransported, 6, 4}, 2));
    }
  }
}

}  // namespace hourglass
