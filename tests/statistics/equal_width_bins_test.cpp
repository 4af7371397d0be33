#include <hourglass/statistics/equal_width_bins.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace hourglass;

TEST_SUITE("statistics/equal_width_bins") {
  TEST_CASE("bins of equal width have the least value in the first and the greatest in the last") {
    CHECK(equal_width_bins(std::vector<float>{-1, 3, 0, 0.99f, 1, 2.5f}, 4) ==
          std::vector<std::int32_t>{0, 3, 1, 1, 2, 3});
  }

  TEST_CASE("equal values, and none, have one bin") {
    CHECK(equal_width_bins(std::vector<float>{7, 7}, 20) == std::vector<std::int32_t>{0, 0});
    CHECK(equal_width_bins({}, 20).empty());
  }
}
