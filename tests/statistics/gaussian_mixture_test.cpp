#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/statistics/gaussian_mixture.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <support/floats.hpp>
#include <vector>

using namespace hourglass;

namespace {

Tensor codes_of(std::int64_t size, const std::vector<float>& values) {
  Tensor codes(Shape{static_cast<std::int64_t>(values.size()) / size, size});
  std::ranges::copy(values, codes.floats().begin());
  return codes;
}

// Blobs of different sizes and shapes that overlap.
Tensor blobs(std::int64_t count, std::int64_t size) {
  Tensor codes(Shape{count, size});
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(7, "blobs", static_cast<std::uint64_t>(i));
    const auto blob = static_cast<float>(i % 3);
    for (std::int64_t j = 0; j < size; ++j) {
      codes.floats()[i * size + j] = 2 * blob + (1 + blob) * random.normal() / (1 + j);
    }
  }
  return codes;
}

}  // namespace

TEST_SUITE("statistics/gaussian_mixture") {
  TEST_CASE("two far clusters are the two components, with their own covariances") {
    // About (0, 0): variances 1 and 4. About (100, 100): 1 and 1, covariance 1/2.
    const GaussianMixture mixture =
        fit_gaussian_mixture(codes_of(2, {-1, -2, 1, -2, -1, 2, 1, 2,  //
                                          99, 99, 101, 101, 99, 100, 101, 100}),
                             {.components = 2});
    REQUIRE(mixture.components() == 2);
    const auto means = mixture.means.values<double>();
    const auto factors = mixture.factors.values<double>();
    const std::size_t near = means[0] < 50 ? 0 : 1, far = 1 - near;
    CHECK(mixture.weights[near] == doctest::Approx(0.5));
    CHECK(std::abs(means[2 * near]) < 1e-9);
    CHECK(std::abs(means[2 * near + 1]) < 1e-9);
    CHECK(factors[4 * near] == doctest::Approx(1));
    CHECK(std::abs(factors[4 * near + 2]) < 1e-9);
    CHECK(factors[4 * near + 3] == doctest::Approx(2));
    CHECK(means[2 * far] == doctest::Approx(100));
    CHECK(means[2 * far + 1] == doctest::Approx(100));
    // [1 1/2; 1/2 1/2] = L L^T with L = [1 0; 1/2 1/2].
    CHECK(factors[4 * far] == doctest::Approx(1));
    CHECK(factors[4 * far + 1] == 0);
    CHECK(factors[4 * far + 2] == doctest::Approx(0.5));
    CHECK(factors[4 * far + 3] == doctest::Approx(0.5));
    // Of each cluster: log(1/2) - log(2 pi) - log(det)/2 - d/2, with determinants 4 and 1/4.
    const double expected = std::log(0.5) - std::log(2 * std::numbers::pi) - 1;
    CHECK(mixture.log_likelihoods.back() == doctest::Approx(expected));
  }

  TEST_CASE("one component has the mean and the covariance of the codes") {
    const GaussianMixture normal =
        fit_gaussian_mixture(codes_of(1, {1, 3, 5, 7}), {.components = 1});
    CHECK(normal.weights == std::vector<double>{1});
    CHECK(normal.means.values<double>()[0] == doctest::Approx(4));
    CHECK(normal.factors.values<double>()[0] == doctest::Approx(std::sqrt(5.0)));
  }

  TEST_CASE("the log-likelihood of a mixture never falls") {
    for (const std::int64_t components : {2, 3, 7}) {
      for (const std::uint64_t seed : {1, 2, 3}) {
        CAPTURE(components);
        CAPTURE(seed);
        const GaussianMixture mixture = fit_gaussian_mixture(
            blobs(300, 3), {.components = components, .seed = seed, .tolerance = 1e-9});
        const auto& known = mixture.log_likelihoods;
        REQUIRE(known.size() > 2);
        for (std::size_t i = 1; i < known.size(); ++i) CHECK(known[i] >= known[i - 1] - 1e-10);
        CHECK(known.back() > known.front());
      }
    }
  }

  TEST_CASE("codes on a line keep the least variance across it") {
    std::vector<float> values;
    for (int i = 0; i < 50; ++i) {
      values.insert(values.end(), {static_cast<float>(i), static_cast<float>(2 * i)});
    }
    const GaussianMixture mixture =
        fit_gaussian_mixture(codes_of(2, values), {.components = 3, .tolerance = 1e-9});
    for (std::size_t i = 1; i < mixture.log_likelihoods.size(); ++i) {
      CHECK(mixture.log_likelihoods[i] >= mixture.log_likelihoods[i - 1] - 1e-10);
    }
    for (const double value : mixture.factors.values<double>()) CHECK(std::isfinite(value));
    const Tensor drawn = mixture.draw(100, 1, "test");
    for (int i = 0; i < 100; ++i) {
      CHECK(std::abs(drawn.floats()[2 * i + 1] - 2 * drawn.floats()[2 * i]) < 1);
    }
  }

  TEST_CASE("numbers that never vary among the codes are drawn as they are") {
    const GaussianMixture mixture =
        fit_gaussian_mixture(codes_of(3, {5, 1, 0, 5, 2, 0, 5, 4, 0}), {.components = 2});
    CHECK(mixture.varying == std::vector<std::int64_t>{1});
    const Tensor drawn = mixture.draw(4, 1, "test");
    for (int i = 0; i < 4; ++i) {
      CHECK(drawn.floats()[3 * i] == 5);
      CHECK(drawn.floats()[3 * i + 2] == 0);
    }
    CHECK(test::floats(fit_gaussian_mixture(codes_of(2, {1, 2, 1, 2})).draw(2, 1, "test")) ==
          std::vector<float>{1, 2, 1, 2});
    CHECK(test::floats(fit_gaussian_mixture(codes_of(2, {1, 2})).draw(1, 1, "test")) ==
          std::vector<float>{1, 2});
  }

  TEST_CASE("there are no more components than different codes") {
    CHECK(fit_gaussian_mixture(codes_of(1, {1, 2, 1, 2, 1}), {.components = 4}).components() == 2);
  }

  TEST_CASE("draws have the mixture's mean and covariance") {
    const Tensor codes = blobs(600, 2);
    const Tensor drawn = fit_gaussian_mixture(codes, {.components = 3}).draw(20'000, 1, "test");
    const auto moments = [](const Tensor& values) {
      std::vector<double> sums(5, 0.0);
      const auto count = static_cast<double>(values.shape()[0]);
      for (std::int64_t i = 0; i < values.shape()[0]; ++i) {
        const double x = values.floats()[2 * i], y = values.floats()[2 * i + 1];
        const double each[] = {x, y, x * x, x * y, y * y};
        for (int k = 0; k < 5; ++k) sums[k] += each[k] / count;
      }
      return sums;
    };
    const std::vector<double> wanted = moments(codes), got = moments(drawn);
    for (int k = 0; k < 5; ++k) CHECK(got[k] == doctest::Approx(wanted[k]).epsilon(0.05));
  }

  TEST_CASE("equal calls give equal draws, and each is the same however many there are") {
    const Tensor codes = blobs(90, 2);
    const auto draw = [&](std::int64_t count, std::uint64_t seed) {
      return test::floats(
          fit_gaussian_mixture(codes, {.components = 3, .seed = seed}).draw(count, seed, "test"));
    };
    std::vector<float> many = draw(20, 1);
    CHECK(many == draw(20, 1));
    CHECK(many != draw(20, 2));
    many.resize(10);
    CHECK(draw(5, 1) == many);
  }

  TEST_CASE("a mixture of nothing, of no numbers or of no components is refused") {
    CHECK_THROWS_WITH_AS(fit_gaussian_mixture(Tensor(Shape{0, 2})),
                         "[gaussian mixture] there are no codes to fit it to", DataError);
    CHECK_THROWS_WITH_AS(
        fit_gaussian_mixture(codes_of(1, {1, std::numeric_limits<float>::infinity()})),
        "[gaussian mixture] some codes are not finite", DataError);
    CHECK_THROWS_WITH_AS(fit_gaussian_mixture(codes_of(1, {1, 2}), {.components = 0}),
                         "[gaussian mixture] components must be at least 1, got 0", ConfigError);
  }
}
