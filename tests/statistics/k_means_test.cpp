#include <hourglass/statistics/k_means.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <utility>

using namespace hourglass;

namespace {

using Nearest = std::vector<std::int64_t>;

Points on_a_line(std::vector<double> values) { return {std::ssize(values), 1, std::move(values)}; }

// `each` points about each of four corners in turns; the square's sides are 10 long.
Points about_corners(int each) {
  RandomStream random(7, "corners");
  Points points{4 * each, 2, {}};
  for (int i = 0; i < 4 * each; ++i) {
    points.values.push_back(10.0 * (i % 2) + static_cast<double>(random.normal()));
    points.values.push_back(10.0 * (i / 2 % 2) + static_cast<double>(random.normal()));
  }
  return points;
}

std::set<std::pair<bool, bool>> corners_of(const Points& centres) {
  std::set<std::pair<bool, bool>> corners;
  for (std::size_t k = 0; k < centres.values.size(); k += 2) {
    corners.emplace(centres.values[k] > 5, centres.values[k + 1] > 5);
  }
  return corners;
}

}  // namespace

TEST_SUITE("statistics/k_means") {
  TEST_CASE("one round moves each centre to the mean of its points") {
    const Points points = on_a_line({0, 2, 7, 9}), centres = on_a_line({1, 5, 100});
    const Clusters start = nearest_centres(points, centres);
    CHECK(start.nearest == Nearest{0, 0, 1, 1});
    CHECK(start.squared_distance == 1 + 1 + 4 + 16);
    const Clusters moved = refine_clusters(points, centres, 1);
    CHECK(moved.centres.values == std::vector<double>{1, 8, 100});  // the last has no point
    CHECK(moved.squared_distance == 4);
  }

  TEST_CASE("of equally near centres the first has the point") {
    CHECK(nearest_centres(on_a_line({0}), on_a_line({1, -1})).nearest == Nearest{0});
  }

  TEST_CASE("far centres lie in groups of their own, and are no more than points differ") {
    const Points points = about_corners(50);
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      RandomStream random(seed, "test");
      CHECK(corners_of(far_centres(points, 4, random)).size() >= 3);
    }
    RandomStream random(1, "test");
    CHECK(far_centres(on_a_line({4, 4, 4}), 3, random).values == std::vector<double>{4});
    CHECK(far_centres({5, 0, {}}, 3, random).count == 1);
  }

  TEST_CASE("the best of several tries finds the groups there are") {
    const Points points = about_corners(300);
    const Clusters clusters = fit_k_means(points, {.clusters = 4, .seed = 3});
    CHECK(corners_of(clusters.centres).size() == 4);
    for (const double value : clusters.centres.values) {
      CHECK(std::abs(value - (value > 5 ? 10 : 0)) < 0.3);
    }
    for (std::size_t i = 0; i < clusters.nearest.size(); ++i) {
      CHECK(clusters.nearest[i] == clusters.nearest[i % 4]);
    }
    const Clusters again = fit_k_means(points, {.clusters = 4, .seed = 3});
    CHECK(again.centres.values == clusters.centres.values);
  }
}
