#include "factor_grid.hpp"

#include <hourglass/evaluate/discrete_factors.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace hourglass;

TEST_SUITE("evaluate/discrete_factors") {
  TEST_CASE("values become classes in their order, and a factor of one value is left out") {
    Tensor values(Shape{3, 3});
    std::ranges::copy(std::vector<float>{0.5f, 9, 2, -1, 9, 3, 0.5f, 9, 2},
                      values.floats().begin());
    Labels labels = small::with_factors(values);
    labels.factor_names.pop_back();
    const auto factors = discrete_factors(labels);
    REQUIRE(factors.size() == 2);
    CHECK(factors[0].name == "f0");
    CHECK(factors[0].classes == std::vector<std::int32_t>{1, 0, 1});
    CHECK(factors[0].count == 2);
    CHECK_FALSE(factors[0].binned);
    CHECK(factors[0].part(1, 2) == std::vector<std::int32_t>{0, 1});
    CHECK(factors[1].name == "2");  // without a name of its own
    CHECK(factors[1].classes == std::vector<std::int32_t>{0, 1, 0});
    CHECK(discrete_factors({}).empty());
  }

  TEST_CASE("more than a hundred values are cut into twenty bins, of which empty ones go") {
    for (const int count : {100, 101}) {
      CAPTURE(count);
      const auto even = discrete_factors(small::with_factors(small::factor_grid({count})));
      CHECK(even[0].binned == (count == 101));
      CHECK(even[0].count == (count == 101 ? 20 : 100));
      CHECK(even[0].classes.back() == even[0].count - 1);
    }
    Tensor far = small::factor_grid({101});
    far.floats()[100] = 1e6f;  // all others are in the first bin
    CHECK(discrete_factors(small::with_factors(far))[0].count == 2);
  }
}
