
#include <hourglass/core/error.hpp>
#include <hourglass/statistics/frechet_distance.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <support/samples.hpp>
#include <vector>

using namespace hourglass;
using test::points;

namespace {

// Four points of mean (x, y) with the covariance L L^T, L = ((a, 0), (b, c)): plus and minus its
// columns, times the root of 3/2, since covariances are divided by 3.
Tensor with_factor(float x, float y, float a, float b, float c) {
  const float s = std::sqrt(1.5f);
  return points(2, {x + s * a, y + s * b, x - s * a, y - s * b, x, y + s * c, x, y - s * c});
}

}  // namespace

TEST_SUITE("statistics/frechet_distance") {
  TEST_CASE("the distance of normal distributions on a line is known by hand") {
    // Means 1 and 2, variances 2 and 8: 1 + 2 + 8 - 2 sqrt(16).
    CHECK(frechet_distance(points(1, {0, 2}), points(1, {0, 4})) == doctest::Approx(3));
  }

  TEST_CASE("along the axes the distance is that of deviations, and of means") {
    // Deviations 1, 2 and 3, 1; means (0, 0) and (5, -1).
    CHECK(frechet_distance(with_factor(0, 0, 1, 0, 2), with_factor(5, -1, 3, 0, 1)) ==
          doctest::Approx(4 + 1 + 25 + 1));
  }

  TEST_CASE("covariances that turn against each other have the distance of the closed form") {
    // C = ((4, 0), (0, 1)) and D = ((1, 2), (2, 13)); in the plane the root of C D has the trace
    // sqrt(tr(C D) + 2 sqrt(det(C D))), tr = 17 and det = 4 * 9.
    const Tensor x = with_factor(0, 0, 2, 0, 1), y = with_factor(0, 0, 1, 2, 3);
    const double expected = 5 + 14 - 2 * std::sqrt(17 + 2 * 6.0);
    CHECK(frechet_distance(x, y) == doctest::Approx(expected));
    CHECK(frechet_distance(y, x) == doctest::Approx(expected));
  }

  TEST_CASE("equal sets are at distance zero, though a dimension never varies or others agree") {
    std::vector<float> values = test::normal_values(40 * 5, 3);
    for (std::size_t i = 0; i < values.size(); i += 5) {
      values[i] = 2;
      values[i + 1] = 3 * values[i + 2];
    }
    const Tensor x = points(5, values);
    CHECK(frechet_distance(x, x) >= 0);
    CHECK(frechet_distance(x, x) < 1e-6);
    for (std::size_t i = 0; i < values.size(); i += 5) values[i] = 7;
    CHECK(frechet_distance(x, points(5, values)) == doctest::Approx(25));
  }

  TEST_CASE("points that have no distance are refused") {
    const Tensor two = points(1, {0, 1});
    CHECK_THROWS_WITH_AS(frechet_distance(points(1, {0}), two),
                         "[frechet_distance] needs two points at least, [points, size]; got [1, 1]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(frechet_distance(two, points(2, {0, 1, 2, 3})),
                         "[frechet_distance] points must be of one size: got [2, 1] and [2, 2]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(
        frechet_distance(two, points(1, {0, std::numeric_limits<float>::quiet_NaN()})),
        "[frechet_distance] some of the points are not finite", DataError);
  }
}
