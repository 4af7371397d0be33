#include <hourglass/statistics/probability_of_improvement.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

using Runs = std::vector<double>;

}  // namespace

TEST_SUITE("statistics/probability_of_improvement") {
  TEST_CASE("pairs counted by hand, ties half") {
    // 1 < 2, 1 < 3; 2 = 2, 2 < 3; 5 > both: lower is better in 3.5 of six pairs.
    CHECK(probability_of_improvement(Runs{1, 2, 5}, Runs{3, 2}, false) == doctest::Approx(3.5 / 6));
    CHECK(probability_of_improvement(Runs{1, 2, 5}, Runs{3, 2}, true) == doctest::Approx(2.5 / 6));
  }

  TEST_CASE("it is certain where all are better, and even where all are equal") {
    CHECK(probability_of_improvement(Runs{1, 2}, Runs{3, 4, 5}, false) == 1);
    CHECK(probability_of_improvement(Runs{1, 2}, Runs{3, 4, 5}, true) == 0);
    CHECK(probability_of_improvement(Runs{7, 7}, Runs{7}, true) == 0.5);
    CHECK(std::isnan(probability_of_improvement(Runs{}, Runs{7}, true)));
  }
}
