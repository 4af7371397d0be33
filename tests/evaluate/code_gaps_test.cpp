#include "factor_grid.hpp"

#include <hourglass/evaluate/code_gaps.hpp>

#include <doctest/doctest.h>
#include <support/samples.hpp>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

std::vector<DiscreteFactor> factors_of(const Tensor& grid) {
  return discrete_factors(small::with_factors(grid));
}

}  // namespace

TEST_SUITE("evaluate/code_gaps") {
  TEST_CASE("the gap is the best score less the second, and of one code the score itself") {
    CHECK(mean_gap({{0.1, 0.9, 0.4}, {0.3, 0.3, 0.2}}) == doctest::Approx(0.25));
    CHECK(mean_gap({{0.7}, {0.1}}) == doctest::Approx(0.4));
  }

  TEST_CASE("the mutual information gap of a case by hand") {
    // Four samples of two factors of two values; the third code is 1 where both are.
    const Tensor grid = small::factor_grid({2, 2});
    const Tensor codes = test::points(3, {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1});
    // Of log 2 this tells H(1/4) - log 2 / 2, as in the test of mutual_information.
    const double third = (-0.25 * std::log(0.25) - 0.75 * std::log(0.75)) / std::log(2) - 0.5;
    CHECK(mutual_information_gap(codes, factors_of(grid), 4) == doctest::Approx(1 - third));
    CHECK(mutual_information_gap(grid, factors_of(grid), 4) == doctest::Approx(1));
    // One code that is the first factor: 1 and nothing.
    CHECK(mutual_information_gap(small::mixed(grid, {1, 0}), factors_of(grid), 4) ==
          doctest::Approx(0.5));
  }

  TEST_CASE("only the first samples count for the mutual information gap") {
    const Tensor grid = small::factor_grid({2, 2}, 2);
    Tensor codes = grid.clone();
    for (std::size_t i = 8; i < 16; ++i) codes.floats()[i] = 0;
    CHECK(mutual_information_gap(codes, factors_of(grid), 4) == doctest::Approx(1));
    CHECK(mutual_information_gap(codes, factors_of(grid), 8) < 0.5);
  }

  TEST_CASE("a rotated code has no gap") {
    const Tensor grid = small::factor_grid({4, 4, 4, 4});
    const Tensor codes = small::mixed(grid, small::even_rotation());
    CHECK(mutual_information_gap(codes, factors_of(grid), 256) < 0.01);
    CHECK(separated_attribute_predictability(codes, factors_of(grid), 170, 86) < 0.15);
  }

  TEST_CASE("predictability is what one code finds above what the others find by chance") {
    // A grid's first half has every combination of the last two factors, and so has its second.
    const Tensor grid = small::factor_grid({2, 2, 2});
    std::vector<DiscreteFactor> factors = factors_of(grid);
    factors.erase(factors.begin());
    const Tensor codes = small::mixed(grid, {0, 9, 0, 0, 0, 9});
    // The right code finds all four tried samples, the other two of them.
    CHECK(separated_attribute_predictability(codes, factors, 4, 4) == doctest::Approx(0.5));
    // With one 1 of the first factor instead of two, the right code finds three and so do zeros.
    factors[0].classes[6] = 0;
    CHECK(separated_attribute_predictability(codes, factors, 4, 4) == doctest::Approx(0.25));
  }
}
