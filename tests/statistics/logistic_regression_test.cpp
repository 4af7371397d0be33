#include <hourglass/statistics/logistic_regression.hpp>

#include <doctest/doctest.h>
#include <ops/selection.hpp>
#include <support/samples.hpp>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

std::vector<std::int32_t> row_classes(std::int64_t rows, std::int32_t classes) {
  std::vector<std::int32_t> result;
  for (std::int64_t i = 0; i < rows; ++i) {
    result.push_back(static_cast<std::int32_t>(i * i % 7) % classes);
  }
  return result;
}

// In plain loops of double.
double slow_loss(const Tensor& x, const std::vector<std::int32_t>& classes, std::size_t count,
                 double l2, const std::vector<double>& p) {
  const auto rows = static_cast<std::size_t>(x.shape()[0]),
             features = static_cast<std::size_t>(x.shape()[1]);
  double loss = 0, squares = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0, own = 0;
    for (std::size_t c = 0; c < count; ++c) {
      double score = p[count * features + c];
      for (std::size_t i = 0; i < features; ++i) {
        score += p[c * features + i] * static_cast<double>(x.floats()[row * features + i]);
      }
      sum += std::exp(score);
      if (static_cast<std::int32_t>(c) == classes[row]) own = score;
    }
    loss += std::log(sum) - own;
  }
  for (std::size_t i = 0; i < count * features; ++i) squares += p[i] * p[i];
  return loss / static_cast<double>(rows) + 0.5 * l2 * squares;
}

}  // namespace

TEST_SUITE("statistics/logistic_regression") {
  TEST_CASE("the value is that of plain loops, and the gradient that of its differences") {
    // Three classes; more rows than a block.
    const Tensor x = test::normal({700, 4}, 1);
    const auto classes = row_classes(700, 3);
    LogisticObjective objective(x, classes, 3, 0.1);
    REQUIRE(objective.parameters() == 15);
    const auto values = test::normal_values(15, 2);
    std::vector<double> p(values.begin(), values.end()), gradient(15);
    CHECK(objective(p, gradient) ==
          doctest::Approx(slow_loss(x, classes, 3, 0.1, p)).epsilon(1e-6));
    for (std::size_t i = 0; i < p.size(); ++i) {
      std::vector<double> above = p, below = p;
      above[i] += 1e-4;
      below[i] -= 1e-4;
      const double expected =
          (slow_loss(x, classes, 3, 0.1, above) - slow_loss(x, classes, 3, 0.1, below)) / 2e-4;
      CAPTURE(i);
      CHECK(gradient[i] == doctest::Approx(expected).epsilon(1e-5));
    }
  }

  TEST_CASE("two classes of one feature at zero fit their shares") {
    const Tensor x(Shape{4, 1});
    const std::vector<std::int32_t> classes{0, 1, 1, 1};
    const LogisticRegression fit = fit_logistic_regression(x, classes, 2, 1e-4);
    CHECK(fit.fit.converged);
    CHECK(fit.weight.floats()[0] == 0);
    CHECK(fit.bias.floats()[1] - fit.bias.floats()[0] ==
          doctest::Approx(std::log(3.0)).epsilon(1e-4));
    CHECK(fit.classify(x) == std::vector<std::int32_t>{1, 1, 1, 1});
  }

  TEST_CASE("a fit ends where the gradient is small, and nowhere near is a lower value") {
    const Tensor x = test::normal({600, 5}, 3);
    const auto classes = row_classes(600, 3);
    const LogisticRegression fit = fit_logistic_regression(x, classes, 3, 1e-3);
    CHECK(fit.fit.converged);
    CHECK(fit.fit.gradient_norm <= 1e-5 * fit.fit.first_gradient_norm);
    for (std::uint64_t seed = 10; seed < 20; ++seed) {
      std::vector<double> near = fit.fit.x;
      const auto moves = test::normal_values(std::ssize(near), seed);
      for (std::size_t i = 0; i < near.size(); ++i) near[i] += 0.01 * moves[i];
      CHECK(slow_loss(x, classes, 3, 1e-3, near) > slow_loss(x, classes, 3, 1e-3, fit.fit.x));
    }
  }

  TEST_CASE("a sparse fit meets the conditions of its minimum, by plain loops") {
    const Tensor x = test::normal({600, 6}, 5);
    std::vector<std::int32_t> classes;  // of the first two features
    for (std::size_t i = 0; i < 600; ++i) {
      classes.push_back(x.floats()[6 * i] > 0.4f ? 2 : x.floats()[6 * i + 1] > 0 ? 1 : 0);
    }
    const double l1 = 0.02;
    const LogisticRegression sparse =
        fit_sparse_logistic_regression(x, classes, 3, l1, {.tolerance = 1e-5});
    CHECK(sparse.fit.converged);
    const std::vector<double>& p = sparse.fit.x;
    int zeros = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      CAPTURE(i);
      std::vector<double> above = p, below = p;
      above[i] += 1e-5;
      below[i] -= 1e-5;
      const double slope =
          (slow_loss(x, classes, 3, 0, above) - slow_loss(x, classes, 3, 0, below)) / 2e-5;
      if (i >= 18) {
        CHECK(std::abs(slope) < 1e-4);  // a bias
      } else if (p[i] == 0) {
        CHECK(std::abs(slope) < l1 + 1e-4);
        ++zeros;
      } else {
        CHECK(slope == doctest::Approx(p[i] > 0 ? -l1 : l1).epsilon(0.01));
      }
    }
    CHECK(zeros >= 12);
    CHECK(zeros < 16);
    CHECK(sparse.weight.floats()[12] > 0.5f);  // of the last class, the first feature
  }

  TEST_CASE("a fit is the same for any number of threads") {
    const Tensor x = test::normal({1700, 20}, 4);
    const auto classes = row_classes(1700, 4);
    test::check_for_any_team([&] { return fit_logistic_regression(x, classes, 4, 1e-4).fit.x; });
    test::check_for_any_team(
        [&] { return fit_sparse_logistic_regression(x, classes, 4, 1e-2).fit.x; });
  }
}
