#include <hourglass/core/error.hpp>
#include <hourglass/statistics/pca.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <numeric>
#include <support/samples.hpp>

using namespace hourglass;

namespace {

// Samples of a linear model: `rank` directions of falling variance, and a little of everything.
std::vector<float> low_rank(std::int64_t samples, std::int64_t features, std::int64_t rank,
                            float noise) {
  const std::vector<float> directions = test::normal_values(rank * features, 1);
  const std::vector<float> codes = test::normal_values(samples * rank, 2);
  std::vector<float> values = test::normal_values(samples * features, 3);
  for (std::int64_t i = 0; i < samples; ++i) {
    for (std::int64_t j = 0; j < features; ++j) {
      float& value = values[static_cast<std::size_t>(i * features + j)];
      value = noise * value + 5.0f;
      for (std::int64_t r = 0; r < rank; ++r) {
        value += codes[static_cast<std::size_t>(i * rank + r)] *
                 directions[static_cast<std::size_t>(r * features + j)] / static_cast<float>(1 + r);
      }
    }
  }
  return values;
}

double captured(const Pca& pca) {
  return std::accumulate(pca.variances.begin(), pca.variances.end(), 0.0);
}

// The greatest difference between C C^T and the identity.
double distance_from_orthonormal(const Pca& pca) {
  double worst = 0;
  const auto c = pca.components.floats();
  const auto features = static_cast<std::size_t>(pca.features());
  for (std::size_t i = 0; i < static_cast<std::size_t>(pca.count()); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double product = 0;
      for (std::size_t k = 0; k < features; ++k) {
        product += static_cast<double>(c[i * features + k]) * c[j * features + k];
      }
      worst = std::max(worst, std::abs(product - (i == j ? 1.0 : 0.0)));
    }
  }
  return worst;
}

// What is left out is the error of reconstructing the training samples.
void check_identity(const Pca& pca, const Source& source, double tolerance) {
  const double left_out =
      (pca.total_variance - captured(pca)) / static_cast<double>(pca.features());
  CHECK(squared_error_per_feature(pca, source) == doctest::Approx(left_out).epsilon(tolerance));
  CHECK(distance_from_orthonormal(pca) < 1e-5);
}

}  // namespace

TEST_SUITE("statistics/pca") {
  TEST_CASE("four points on two axes have the components and variances worked out by hand") {
    const auto points = test::source({4, 2}, {1 + 3, 2, 1 - 3, 2, 1, 2 + 1, 1, 2 - 1});
    const Pca pca = fit_pca(*points, 2);
    CHECK(pca.mean.floats()[0] == doctest::Approx(1));
    CHECK(pca.mean.floats()[1] == doctest::Approx(2));
    REQUIRE(pca.variances.size() == 2);
    CHECK(pca.variances[0] == doctest::Approx(4.5));
    CHECK(pca.variances[1] == doctest::Approx(0.5));
    CHECK(pca.total_variance == doctest::Approx(5));
    CHECK(pca.components.floats()[0] == doctest::Approx(1));
    CHECK(pca.components.floats()[3] == doctest::Approx(1));
    CHECK(squared_error_per_feature(fit_pca(*points, 1), *points) == doctest::Approx(0.25));

    Tensor row(Shape{1, 2});
    row.floats()[0] = 4;
    row.floats()[1] = 3;
    const Tensor code = pca.project(row);
    CHECK(code.floats()[0] == doctest::Approx(3));
    CHECK(code.floats()[1] == doctest::Approx(1));
  }

  TEST_CASE("as many components as the data have directions reconstruct them") {
    const auto flat = test::source({50, 7}, low_rank(50, 7, 3, 0));
    CHECK(squared_error_per_feature(fit_pca(*flat, 3), *flat) < 1e-9);
    CHECK(squared_error_per_feature(fit_pca(*flat, 2), *flat) > 1e-2);
  }

  TEST_CASE("the error of reconstruction is the variance that is left out, for each method") {
    SUBCASE("a direct solver") {
      const auto source = test::source({90, 20}, low_rank(90, 20, 5, 0.3f));
      const Pca pca = fit_pca(*source, 4);
      CHECK(pca.method == "eigenvectors of the covariance");
      check_identity(pca, *source, 1e-4);
    }
    SUBCASE("iteration on the covariance") {
      const auto source = test::source({300, 200}, low_rank(300, 200, 9, 0.3f));
      const Pca pca = fit_pca(*source, 6);
      CHECK(pca.method == "subspace iteration on the covariance");
      check_identity(pca, *source, 1e-4);
    }
    SUBCASE("iteration through wide data") {
      const auto source = test::source({40, 2100}, low_rank(40, 2100, 9, 0.3f));
      const Pca pca = fit_pca(*source, 6);
      CHECK(pca.method == "subspace iteration through the data, to 1e-4 of the variance left out");
      check_identity(pca, *source, 1e-3);
    }
  }

  TEST_CASE("iteration finds the variances that the direct solver finds") {
    const auto source = test::source({300, 200}, low_rank(300, 200, 9, 0.3f));
    const Pca iterated = fit_pca(*source, 6);
    const Pca direct = fit_pca(*source, 200);
    REQUIRE(iterated.method != direct.method);
    for (std::size_t i = 0; i < 6; ++i) {
      CAPTURE(i);
      CHECK(iterated.variances[i] == doctest::Approx(direct.variances[i]).epsilon(1e-6));
      // Signs are settled, so components agree one by one.
      for (std::size_t j = 0; j < 200; ++j) {
        CHECK(std::abs(iterated.components.floats()[i * 200 + j] -
                       direct.components.floats()[i * 200 + j]) < 1e-3);
      }
    }
  }

  TEST_CASE("data of several batches give what their sums give, far from zero too") {
    // A batch is 4M numbers at most: 2000 features make it 2097 samples.
    std::vector<float> values(2500 * 2000, 1000.0f);
    std::vector<float> along = test::normal_values(2500, 4);
    for (std::size_t i = 2000; i < 2500; ++i) along[i] += 8;  // the second batch lies elsewhere
    for (std::size_t i = 0; i < 2500; ++i) values[i * 2000] += along[i];
    const auto source = test::source({2500, 2000}, values);
    double mean = 0, square = 0;
    for (const float value : along) mean += value / 2500.0;
    for (const float value : along) square += (value - mean) * (value - mean) / 2500.0;
    const Pca pca = fit_pca(*source, 1);
    CHECK(pca.mean.floats()[0] == doctest::Approx(1000 + mean).epsilon(1e-6));
    CHECK(pca.variances[0] == doctest::Approx(square).epsilon(1e-4));
    CHECK(pca.components.floats()[0] == doctest::Approx(1));
    CHECK(squared_error_per_feature(pca, *source) < 1e-6);
  }

  TEST_CASE("there are never more components than samples or features") {
    CHECK(fit_pca(*test::source({3, 5}, test::normal_values(15, 1)), 100).count() == 3);
    CHECK(fit_pca(*test::source({5, 2}, test::normal_values(10, 1)), 100).count() == 2);
  }

  TEST_CASE("samples that are all alike have no variance and no error") {
    const auto source = test::source({4, 3}, std::vector<float>(12, 0.5f));
    const Pca pca = fit_pca(*source, 2);
    CHECK(pca.variances[0] == 0);
    CHECK(squared_error_per_feature(pca, *source) == 0);
  }

  TEST_CASE("equal calls give equal bits") {
    const auto source = test::source({300, 200}, low_rank(300, 200, 9, 0.3f));
    const Pca a = fit_pca(*source, 6), b = fit_pca(*source, 6);
    CHECK(std::ranges::equal(a.components.floats(), b.components.floats()));
    CHECK(a.variances == b.variances);
  }

  TEST_CASE("what cannot be fitted or projected is refused") {
    const auto source = test::source({2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK_THROWS_WITH_AS(fit_pca(*source, 0), "[pca] needs at least 1 component, got 0",
                         ConfigError);
    CHECK_THROWS_WITH_AS(fit_pca(*test::source({0, 3}, {}), 1),
                         "[pca] there is nothing to fit: 0 samples of shape [3]", DataError);
    const Pca pca = fit_pca(*source, 1);
    CHECK_THROWS_WITH_AS(pca.project(Tensor(Shape{2, 2})),
                         "[pca] rows must have 3 features, got [2, 2]", ShapeError);
    CHECK_THROWS_WITH_AS(squared_error_per_feature(pca, *test::source({1, 2}, {1, 2})),
                         "[pca] was fitted to 3 features, got samples of shape [2]", ShapeError);
  }
}
