#include <hourglass/statistics/mutual_information.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

TEST_SUITE("statistics/mutual_information") {
  TEST_CASE("the entropy of classes is that of their shares") {
    CHECK(entropy(std::vector<std::int32_t>{0, 1, 3, 1}) == doctest::Approx(1.5 * std::log(2)));
    CHECK(entropy(std::vector<std::int32_t>{2, 2}) == 0);
  }

  TEST_CASE("the mutual information of a case by hand, either way round") {
    // Of four pairs: (0, 0) twice, (1, 0), (1, 1); so log 2 + H(1/4) - 1.5 log 2.
    const std::vector<std::int32_t> a{0, 0, 1, 1}, b{0, 0, 0, 1};
    const double quarter = -0.25 * std::log(0.25) - 0.75 * std::log(0.75);
    CHECK(mutual_information(a, b) == doctest::Approx(quarter - 0.5 * std::log(2)));
    CHECK(mutual_information(b, a) == doctest::Approx(quarter - 0.5 * std::log(2)));
  }

  TEST_CASE("classes tell all of themselves, and nothing of what is independent or constant") {
    const std::vector<std::int32_t> a{0, 0, 1, 1, 2, 2}, b{0, 1, 0, 1, 0, 1}, c(6, 4);
    CHECK(mutual_information(a, a) == doctest::Approx(std::log(3)));
    CHECK(mutual_information(a, b) == doctest::Approx(0));
    CHECK(mutual_information(a, c) == doctest::Approx(0));
    CHECK(mutual_information(a, c) >= 0);
  }
}
