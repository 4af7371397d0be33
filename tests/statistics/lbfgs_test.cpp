#include <hourglass/statistics/lbfgs.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

TEST_SUITE("statistics/lbfgs") {
  TEST_CASE("a bowl whose axes differ by ten thousand is followed to its lowest point") {
    const auto bowl = [](std::span<const double> x, std::span<double> gradient) {
      double value = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double weight = std::pow(10, static_cast<double>(i) / 5), d = x[i] - 1.0 - i;
        value += 0.5 * weight * d * d;
        gradient[i] = weight * d;
      }
      return value;
    };
    const std::vector<double> start(21);
    const Minimum minimum = minimise_convex(bowl, start, {.history = 30, .tolerance = 1e-10});
    CHECK(minimum.converged);
    CHECK(minimum.iterations < 200);
    CHECK(minimum.gradient_norm <= 1e-10 * minimum.first_gradient_norm);
    // What the last steps tell of the bowl is what makes it quick.
    const Minimum short_sighted = minimise_convex(bowl, start, {.history = 1, .tolerance = 1e-10});
    CHECK(short_sighted.iterations > 2 * minimum.iterations);
    for (std::size_t i = 0; i < 21; ++i) {
      CHECK(minimum.x[i] == doctest::Approx(1.0 + i).epsilon(1e-4));
    }
  }

  TEST_CASE("a first step that is far too long or too short is mended") {
    for (const double scale : {1e-4, 1.0, 1e4}) {
      const auto valley = [&](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = scale * (std::exp(x[0]) - 1);
        return scale * (std::exp(x[0]) - x[0]);
      };
      CAPTURE(scale);
      const Minimum minimum = minimise_convex(valley, {3});
      CHECK(minimum.converged);
      CHECK(std::abs(minimum.x[0]) < 1e-3);
    }
  }

  TEST_CASE("a start at the minimum, or too few iterations, end at once and say so") {
    const auto square = [](std::span<const double> x, std::span<double> gradient) {
      gradient[0] = 2 * x[0];
      gradient[1] = 200 * x[1];
      return x[0] * x[0] + 100 * x[1] * x[1];
    };
    const Minimum there = minimise_convex(square, {0, 0});
    CHECK(there.converged);
    CHECK(there.iterations == 0);
    const Minimum early = minimise_convex(square, {1, 1}, {.most_iterations = 1});
    CHECK_FALSE(early.converged);
    CHECK(early.iterations == 1);
  }
}
