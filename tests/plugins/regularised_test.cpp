// The variant beside its two penalties in plain loops of double.
#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>
#include <support/slope.hpp>

#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

constexpr std::int64_t kRegularised = 5, kOfRegularised = 6;

Model regularised(const std::string& options, const Shape& shape = {kOfRegularised}) {
  return Model(
      test::setup_of("regularised", text("{latent: 3, ", options, "}"), shape, test::kUnit));
}

std::map<std::string, double> regularised_losses(Model& model, const Tensor& samples) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.evaluate(*test::source_of(samples), 2)) {
    result[name] = value;
  }
  return result;
}

double sum_of_squares(const std::vector<float>& numbers) {
  double sum = 0;
  for (const float each : numbers) sum += double{each} * each;
  return sum;
}

}  // namespace

TEST_SUITE("plugins/regularised") {
  TEST_CASE("codes and the decoder's parameters are weighed, the encoder's are not") {
    Model model = regularised("beta: 3, lambda: 0.5, encoder: [{dense: 4, activation: tanh}]");
    const Tensor samples = test::uniform({kRegularised, kOfRegularised}, 1);
    double size = 0;
    std::size_t counted = 0;
    for (const std::string& path : test::parameter_paths(model)) {
      Variable& variable = *model.variables().find(path);
      variable.write(test::uniform(variable.shape(), path.size(), -0.9f, 0.9f));
      if (!path.starts_with("decoder.")) continue;
      size += sum_of_squares(test::values(model, path));
      ++counted;
    }
    REQUIRE(counted == 4);
    const double length = sum_of_squares(test::codes(model, samples)) / (2.0 * kRegularised);
    auto got = regularised_losses(model, samples);
    CHECK(got["code_length"] == doctest::Approx(length));
    CHECK(got["decoder_size"] == doctest::Approx(size));
    CHECK(got["loss"] == doctest::Approx(got["error"] + 3 * length + 0.5 * size));
    CHECK(model.traits().prior.empty());
  }

  TEST_CASE("without weights, what is left is the error of a plain autoencoder too") {
    Model model = regularised("beta: 0, lambda: 0");
    Model plain(test::vanilla("{latent: 3, loss: binary_cross_entropy}", {kOfRegularised}));
    const Tensor samples = test::uniform({kRegularised, kOfRegularised}, 1);
    CHECK(regularised_losses(model, samples)["loss"] ==
          doctest::Approx(regularised_losses(plain, samples)["loss"]));
  }

  TEST_CASE("the loss of a regularised autoencoder has its gradient") {
    for (const std::string options :
         {"beta: 2, lambda: 0.5", "beta: 2, lambda: 0.5, likelihood: gaussian",
          "beta: 2, lambda: 0.5, encoder: [{conv: 3, activation: tanh}, {maxpool: 2}]"}) {
      CAPTURE(options);
      Model model = regularised(options, {6, 4});
      test::check_slope(model, test::uniform({kRegularised, 6, 4}, 2));
    }
  }
}

}  // namespace hourglass
