#include <hourglass/statistics/linear_svm.hpp>

#include <doctest/doctest.h>
#include <support/samples.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace hourglass;

TEST_SUITE("statistics/linear_svm") {
  TEST_CASE("two samples by hand") {
    // w^2 / 2 + 2 C (1 - w)^2 is least at 4 C / (1 + 4 C), and the bias 0.
    const LinearSvm svm(std::vector<float>{-1, 1}, std::vector<std::int32_t>{0, 1}, 2, 1);
    CHECK(svm.lines()[1].weight == doctest::Approx(0.8));
    CHECK(svm.lines()[1].bias == doctest::Approx(0));
    CHECK(svm.lines()[0].weight == doctest::Approx(-0.8));
    CHECK(svm.classify(-0.1f) == 0);
    CHECK(svm.classify(0.1f) == 1);
    CHECK(svm.classify(0) == 0);  // the lowest of equals
  }

  TEST_CASE("the objective's slopes are nothing at the minimum of every class") {
    const std::vector<float> x = test::normal_values(300, 5);
    std::vector<std::int32_t> classes;
    for (const float value : x) classes.push_back(value < -0.6f ? 0 : value < 0.9f ? 1 : 2);
    for (const double c : {0.01, 1.0, 100.0}) {
      const LinearSvm svm(x, classes, 3, c);
      for (std::int32_t k = 0; k < 3; ++k) {
        CAPTURE(c);
        CAPTURE(k);
        const auto [weight, bias] = svm.lines()[static_cast<std::size_t>(k)];
        const double positive =
            c * 300.0 / (3.0 * static_cast<double>(std::ranges::count(classes, k)));
        double by_weight = weight, by_bias = bias, size = std::abs(weight) + std::abs(bias);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double y = classes[i] == k ? 1 : -1, cost = y > 0 ? positive : c;
          const double pull = 2 * cost * std::max(0.0, 1 - y * (weight * x[i] + bias));
          by_weight -= pull * y * x[i];
          by_bias -= pull * y;
          size += pull;
        }
        CHECK(std::abs(by_weight) < 1e-8 * size);
        CHECK(std::abs(by_bias) < 1e-8 * size);
      }
    }
  }

  TEST_CASE("a class without samples is never found, and a constant finds the one that is usual") {
    const LinearSvm svm(std::vector<float>{-2, -1, 1, 2}, std::vector<std::int32_t>{0, 0, 2, 2}, 4,
                        1);
    for (const float x : {-3.0f, -0.5f, 0.5f, 3.0f}) CHECK(svm.classify(x) == (x < 0 ? 0 : 2));
    const LinearSvm blind(std::vector<float>{5, 5, 5, 5}, std::vector<std::int32_t>{0, 1, 2, 1}, 3,
                          1);
    CHECK(std::isfinite(blind.lines()[1].weight));
    CHECK(blind.classify(5) < 3);
  }
}
