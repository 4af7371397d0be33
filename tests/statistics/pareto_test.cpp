#include <hourglass/statistics/pareto.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

using Front = std::vector<std::size_t>;

}  // namespace

TEST_SUITE("statistics/pareto") {
  TEST_CASE("only what nothing beats is on the front, by rising first cost") {
    CHECK(pareto_front(std::vector<Costs>{{3, 1}, {2, 2}, {1, 4}, {2, 3}, {4, 4}}) ==
          Front{2, 1, 0});
  }

  TEST_CASE("as good in one and worse in the other is beaten, and equal ones stay together") {
    CHECK(pareto_front(std::vector<Costs>{{1, 2}, {1, 1}, {2, 1}, {1, 1}}) == Front{1, 3});
  }

  TEST_CASE("what has no number is on no front, and one alone is") {
    CHECK(pareto_front(std::vector<Costs>{{std::nan(""), 0}, {5, 5}, {0, std::nan("")}}) ==
          Front{1});
    CHECK(pareto_front(std::vector<Costs>{}).empty());
  }
}
