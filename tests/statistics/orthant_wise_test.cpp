#include <hourglass/statistics/orthant_wise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace hourglass;

TEST_SUITE("statistics/orthant_wise") {
  TEST_CASE("the minimum of a penalised bowl is its lowest point, shrunk, and exactly 0 if near") {
    const auto steepness = [](std::size_t i) { return std::pow(10, static_cast<double>(i) / 4); };
    const auto middle = [](std::size_t i) { return 0.4 * static_cast<double>(i % 5) - 0.8; };
    const auto bowl = [&](std::span<const double> x, std::span<double> gradient) {
      double value = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double d = x[i] - middle(i);
        value += 0.5 * steepness(i) * d * d;
        gradient[i] = steepness(i) * d;
      }
      return value;
    };
    std::vector<double> l1(13, 0.5);
    l1[0] = 0;  // free
    for (const double from : {0.0, 3.0}) {
      CAPTURE(from);
      const Minimum minimum =
          minimise_with_l1(bowl, l1, std::vector<double>(13, from), {.tolerance = 1e-9});
      CHECK(minimum.converged);
      CHECK(minimum.iterations < 200);
      double value = 0;
      for (std::size_t i = 0; i < 13; ++i) {
        CAPTURE(i);
        const double c = middle(i), size = std::max(std::abs(c) - l1[i] / steepness(i), 0.0);
        const double expected = std::copysign(size, c);
        if (size == 0) CHECK(minimum.x[i] == 0);
        CHECK(minimum.x[i] == doctest::Approx(expected).epsilon(1e-6));
        value += 0.5 * steepness(i) * (expected - c) * (expected - c) + l1[i] * size;
      }
      CHECK(minimum.value == doctest::Approx(value));
    }
  }

  TEST_CASE("a penalty above every slope leaves the start at 0, and too few iterations say so") {
    const auto line = [](std::span<const double> x, std::span<double> gradient) {
      gradient[0] = x[0] - 1;
      gradient[1] = 50 * x[1] + x[0] - 2;
      return 0.5 * (x[0] - 1) * (x[0] - 1) + 25 * x[1] * x[1] + x[0] * x[1] - 2 * x[1];
    };
    const std::vector<double> much{3, 3}, little{0.1, 0.1};
    const Minimum still = minimise_with_l1(line, much, {0, 0});
    CHECK(still.converged);
    CHECK(still.iterations == 0);
    CHECK(still.first_gradient_norm == 0);
    const Minimum early = minimise_with_l1(line, little, {0, 0}, {.most_iterations = 1});
    CHECK_FALSE(early.converged);
    CHECK(early.iterations == 1);
    CHECK(early.value < 0.5);
  }
}
