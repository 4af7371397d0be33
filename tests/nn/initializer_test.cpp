#include <hourglass/core/error.hpp>
#include <hourglass/nn/initializer.hpp>
#include <hourglass/nn/parameters.hpp>

#include <doctest/doctest.h>
#include <support/floats.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hourglass {

namespace {

struct Moments {
  double mean = 0, variance = 0, least = 0, greatest = 0;
};

Moments moments_of(const Tensor& tensor) {
  Moments result;
  for (const float value : tensor.floats()) {
    result.mean += value;
    result.variance += static_cast<double>(value) * value;
    result.least = std::min<double>(result.least, value);
    result.greatest = std::max<double>(result.greatest, value);
  }
  result.mean /= static_cast<double>(tensor.size());
  result.variance /= static_cast<double>(tensor.size());
  return result;
}

std::vector<float> made(Initializer initializer, const Shape& shape, std::uint64_t seed = 1,
                        const char* path = "w") {
  return test::floats(initial_weight(initializer, shape, seed, path));
}

const Shape kDense{80, 120};
const Shape kConvolution{24, 16, 3, 5};  // fan_in 240, fan_out 360

void check_uniform(Initializer initializer, const Shape& shape, double limit) {
  const Moments moments = moments_of(initial_weight(initializer, shape, 3, "w"));
  CHECK(moments.least >= -limit * 1.000001);
  CHECK(moments.greatest <= limit * 1.000001);
  CHECK(moments.least < -0.99 * limit);
  CHECK(moments.greatest > 0.99 * limit);
  CHECK(moments.variance == doctest::Approx(limit * limit / 3).epsilon(0.05));
  CHECK(std::abs(moments.mean) < 0.05 * limit);
}

void check_normal(Initializer initializer, const Shape& shape, double variance) {
  const Moments moments = moments_of(initial_weight(initializer, shape, 3, "w"));
  CHECK(moments.variance == doctest::Approx(variance).epsilon(0.06));
  CHECK(std::abs(moments.mean) < 0.05 * std::sqrt(variance));
  CHECK(moments.greatest > 3 * std::sqrt(variance));  // tails that a uniform has not
}

/// The greatest distance of M M^T, over `count` rows of `length`, from the identity.
double orthogonality(const std::vector<float>& m, int count, int length, int row, int column) {
  double worst = 0;
  for (int a = 0; a < count; ++a) {
    for (int b = 0; b < count; ++b) {
      double product = 0;
      for (int k = 0; k < length; ++k) {
        product += static_cast<double>(m[a * row + k * column]) * m[b * row + k * column];
      }
      worst = std::max(worst, std::abs(product - (a == b ? 1 : 0)));
    }
  }
  return worst;
}

}  // namespace

TEST_SUITE("nn/initializer") {
  TEST_CASE("uniform weights fill their range, which depends on both fans, or one, or none") {
    check_uniform(Initializer::XavierUniform, kDense, std::sqrt(6.0 / 200));
    check_uniform(Initializer::HeUniform, kDense, std::sqrt(6.0 / 120));
    check_uniform(Initializer::Uniform, kDense, 0.05);
    check_uniform(Initializer::XavierUniform, kConvolution, std::sqrt(6.0 / 600));
    check_uniform(Initializer::HeUniform, kConvolution, std::sqrt(6.0 / 240));
  }

  TEST_CASE("normal weights have the variance that their fans ask for") {
    check_normal(Initializer::XavierNormal, kDense, 2.0 / 200);
    check_normal(Initializer::HeNormal, kDense, 2.0 / 120);
    check_normal(Initializer::Normal, kDense, 0.0025);
    check_normal(Initializer::XavierNormal, kConvolution, 2.0 / 600);
    check_normal(Initializer::HeNormal, kConvolution, 2.0 / 240);
  }

  TEST_CASE("orthogonal weights have orthonormal rows, or columns where these are fewer") {
    CHECK(orthogonality(made(Initializer::Orthogonal, {7, 20}), 7, 20, 20, 1) < 1e-6);
    CHECK(orthogonality(made(Initializer::Orthogonal, {20, 7}), 7, 20, 1, 7) < 1e-6);
    CHECK(orthogonality(made(Initializer::Orthogonal, {9, 9}), 9, 9, 9, 1) < 1e-6);
    // [out, everything else]
    CHECK(orthogonality(made(Initializer::Orthogonal, {5, 2, 3, 3}), 5, 18, 18, 1) < 1e-6);
    CHECK(std::abs(made(Initializer::Orthogonal, {1, 1})[0]) == doctest::Approx(1));
  }

  TEST_CASE("weights are a pure function of seed and path, whatever was made before") {
    for (const auto& each : initializer_names()) {
      CAPTURE(each.first);
      const Initializer initializer = each.second;
      const auto weight = made(initializer, {6, 4});
      CHECK(weight == made(initializer, {6, 4}));
      CHECK(weight != made(initializer, {6, 4}, 2));
      CHECK(weight != made(initializer, {6, 4}, 1, "v"));
    }
    const auto read = [](std::vector<const char*> order) {
      Graph graph;
      VariableStore store;
      Parameters parameters(graph, store, Initializer::HeNormal, 5);
      for (const char* path : order) parameters.weight(path, {3, 2});
      return std::vector{test::floats(store.find("a")->read()),
                         test::floats(store.find("b")->read())};
    };
    CHECK(read({"a", "b"}) == read({"b", "c", "a"}));
  }

  TEST_CASE("an empty weight has no values to start with") {
    CHECK(initial_weight(Initializer::Orthogonal, {0, 4}, 1, "w").size() == 0);
  }

  TEST_CASE("a path is one variable, and another shape for it is refused") {
    Graph graph;
    VariableStore store;
    Parameters parameters(graph, store, Initializer::Uniform, 1);
    parameters.weight("encoder.0.weight", {3, 2});
    parameters.weight("encoder.0.weight", {3, 2});
    CHECK(store.all().size() == 1);
    CHECK_THROWS_WITH_AS(parameters.weight("encoder.0.weight", {4, 2}),
                         "parameter \"encoder.0.weight\" is used with shape [4, 2], but was made "
                         "with [3, 2]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(parameters.existing("code.weight"),
                         "there is no parameter \"code.weight\"", ConfigError);
    parameters.filled("code.bias", {2}, 0.5f);
    CHECK(test::floats(store.find("code.bias")->read()) == std::vector{0.5f, 0.5f});
  }
}

}  // namespace hourglass
