
#include <hourglass/core/error.hpp>
#include <hourglass/statistics/manifold.hpp>

#include <doctest/doctest.h>
#include <ops/selection.hpp>
#include <support/samples.hpp>

#include <algorithm>
#include <vector>

using namespace hourglass;
using test::points;

namespace {

double squared(const Tensor& a, std::int64_t i, const Tensor& b, std::int64_t j) {
  const std::int64_t size = a.shape()[1];
  double sum = 0;
  for (std::int64_t k = 0; k < size; ++k) {
    const double d = static_cast<double>(a.floats()[i * size + k]) - b.floats()[j * size + k];
    sum += d * d;
  }
  return sum;
}

// All distances, sorted.
double slow_part(const Tensor& of, const Tensor& within, std::int64_t neighbours) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < of.shape()[0]; ++i) {
    bool any = false;
    for (std::int64_t j = 0; j < within.shape()[0]; ++j) {
      std::vector<double> others;
      for (std::int64_t k = 0; k < within.shape()[0]; ++k) {
        if (k != j) others.push_back(squared(within, j, within, k));
      }
      std::ranges::sort(others);
      any |= squared(of, i, within, j) <= others[static_cast<std::size_t>(neighbours - 1)];
    }
    found += any;
  }
  return static_cast<double>(found) / static_cast<double>(of.shape()[0]);
}

}  // namespace

TEST_SUITE("statistics/manifold") {
  TEST_CASE("balls reach to the nearest other point, and their edge belongs to them") {
    const Manifold manifold(points(1, {0, 1, 3, 7}), 1);
    const auto radii = manifold.squared_radii();
    CHECK(std::vector<double>(radii.begin(), radii.end()) == std::vector<double>{1, 1, 4, 16});
    for (const float inside : {-1.0f, 2.0f, 5.0f, 11.0f}) {
      CHECK(manifold.part_within(points(1, {inside})) == 1);
    }
    for (const float outside : {-1.5f, 11.5f}) {
      CHECK(manifold.part_within(points(1, {outside})) == 0);
    }
    CHECK(manifold.part_within(points(1, {-1.5f, -1, 2, 5, 11, 11.5f})) == 4.0 / 6);
  }

  TEST_CASE("the second nearest is beyond the first, in the plane") {
    // From (0, 0): 3, 4; from (3, 0): 3, 5; from (0, 4): 4, 5.
    const Manifold manifold(points(2, {0, 0, 3, 0, 0, 4}), 2);
    const auto radii = manifold.squared_radii();
    CHECK(std::vector<double>(radii.begin(), radii.end()) == std::vector<double>{16, 25, 25});
    CHECK(manifold.part_within(points(2, {-4, 0, 8, 0, 8.5f, 0, -3, 8})) == 0.75);
  }

  TEST_CASE("equal points have balls of no size, which hold points like them") {
    const Manifold manifold(points(1, {0, 0, 5}), 1);
    CHECK(manifold.squared_radii()[0] == 0);
    CHECK(manifold.squared_radii()[2] == 25);
    CHECK(manifold.part_within(points(1, {0, 0.25f, -0.25f, 10})) == 0.75);
    const Manifold still(points(1, {2, 2, 2, 2, 2}), 3);
    CHECK(still.part_within(points(1, {2, 2.001f})) == 0.5);
  }

  TEST_CASE("every set lies within its own manifold") {
    const Tensor x = points(5, test::normal_values(37 * 5, 1));
    CHECK(Manifold(x, 1).part_within(x) == 1);
    CHECK(Manifold(x, 3).part_within(x) == 1);
  }

  TEST_CASE("parts within a manifold are those of all distances, sorted") {
    const Tensor x = points(3, test::normal_values(50 * 3, 1));
    std::vector<float> wider = test::normal_values(41 * 3, 2);
    for (float& value : wider) value *= 2;
    const Tensor y = points(3, wider);
    for (const std::int64_t neighbours : {1, 3, 7}) {
      CAPTURE(neighbours);
      const double precision = Manifold(x, neighbours).part_within(y);
      CHECK(precision == slow_part(y, x, neighbours));
      CHECK(precision < 1);
      CHECK(Manifold(y, neighbours).part_within(x) == slow_part(x, y, neighbours));
    }
  }

  TEST_CASE("a manifold is the same for any number of threads") {
    const Tensor x = points(4, test::normal_values(300 * 4, 1)),
                 y = points(4, test::normal_values(200 * 4, 2));
    test::check_for_any_team([&] { return Manifold(x, 3).part_within(y); });
  }

  TEST_CASE("too few points make no manifold, and others must be of their size") {
    const Tensor three = points(1, {0, 1, 2});
    for (const std::int64_t neighbours : {0, 3}) {
      CHECK_THROWS_AS(Manifold(three, neighbours), ConfigError);
    }
    CHECK_THROWS_WITH_AS(
        Manifold(three, 3),
        "[manifold] a ball about one of 3 points cannot reach to its 3-th nearest other one",
        ConfigError);
    CHECK_THROWS_WITH_AS(Manifold(three, 2).part_within(points(2, {0, 1})),
                         "[manifold] its points have 1 numbers; got [1, 2]", ShapeError);
  }
}
