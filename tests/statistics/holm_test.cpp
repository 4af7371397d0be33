#include <hourglass/statistics/holm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

using PValues = std::vector<double>;

}  // namespace

TEST_SUITE("statistics/holm") {
  TEST_CASE("four p values adjusted by hand, in the order given") {
    // In rising order 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1, raised to the one before.
    const PValues adjusted = holm_adjusted(PValues{0.01, 0.04, 0.03, 0.005});
    CHECK(adjusted[0] == doctest::Approx(0.03));
    CHECK(adjusted[1] == doctest::Approx(0.06));
    CHECK(adjusted[2] == doctest::Approx(0.06));
    CHECK(adjusted[3] == doctest::Approx(0.02));
  }

  TEST_CASE("adjusted p values stay at most 1, and one alone stays as it is") {
    CHECK(holm_adjusted(PValues{0.6, 0.9, 0.5}) == PValues{1, 1, 1});
    CHECK(holm_adjusted(PValues{0.3}) == PValues{0.3});
    CHECK(holm_adjusted(PValues{}).empty());
    CHECK(holm_adjusted(PValues{0, 1}) == PValues{0, 1});
  }

  TEST_CASE("a family has the tests that were not made, too") {
    const PValues adjusted = holm_adjusted(PValues{0.01, std::nan(""), 0.001, 0.5}, 10);
    CHECK(adjusted[0] == doctest::Approx(0.09));
    CHECK(adjusted[2] == doctest::Approx(0.01));
    CHECK(adjusted[3] == 1);
    CHECK(holm_adjusted(PValues{0.01, 0.3}, 1)[0] == doctest::Approx(0.02));
  }

  TEST_CASE("tests that could not be made are left out of the family") {
    const PValues adjusted = holm_adjusted(PValues{0.02, std::nan(""), 0.03});
    CHECK(adjusted[0] == doctest::Approx(0.04));
    CHECK(std::isnan(adjusted[1]));
    CHECK(adjusted[2] == doctest::Approx(0.04));
  }
}
