#include "factor_grid.hpp"

#include <hourglass/evaluate/dci.hpp>

#include <doctest/doctest.h>
#include <support/samples.hpp>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

double binary_entropy(double p) { return -p * std::log2(p) - (1 - p) * std::log2(1 - p); }

Dci dci_of(const Tensor& codes, const Tensor& grid) {
  const std::int64_t fitted = grid.shape()[0] / 2;
  return measure_dci(codes, discrete_factors(small::with_factors(grid)), fitted, fitted);
}

}  // namespace

TEST_SUITE("evaluate/dci") {
  TEST_CASE("the entropies of a small importance by hand") {
    const Importance importance{{3, 1}, {0, 2}};
    CHECK(dci_disentanglement(importance) ==
          doctest::Approx(4.0 / 6 * (1 - binary_entropy(0.25)) + 2.0 / 6));
    CHECK(dci_completeness(importance) ==
          doctest::Approx(3.0 / 6 + 3.0 / 6 * (1 - binary_entropy(1.0 / 3))));
  }

  TEST_CASE("entropies at their ends, of one code, and of nothing") {
    CHECK(dci_disentanglement({{2, 0, 0}, {0, 0, 1}}) == doctest::Approx(1));
    CHECK(dci_disentanglement({{1, 1, 1}, {0, 0, 0}}) == doctest::Approx(0));
    CHECK(dci_completeness({{1, 1, 1}, {0, 0, 0}}) == doctest::Approx(1));
    CHECK(dci_completeness({{1, 1}, {1, 1}, {1, 1}}) == doctest::Approx(0));
    CHECK(dci_completeness({{1, 3}}) == doctest::Approx(1));
    CHECK(dci_disentanglement({{0, 0}, {0, 0}}) == 0);
    CHECK(dci_completeness({{0, 0}, {0, 0}}) == 0);
    CHECK(dci_completeness({}) == 0);
  }

  TEST_CASE("codes that are the factors, moved, stretched and beside a dead one, lack nothing") {
    const Tensor grid = small::factor_grid({2, 4, 4, 3});
    Tensor codes = small::mixed(grid, {0, 0, 100, 0, 0, 0.01f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    for (std::size_t i = 0; i < 96; ++i) codes.floats()[4 * i] += 7;
    // The outermost factor, which the halves differ in, is nobody's.
    std::vector<DiscreteFactor> factors = discrete_factors(small::with_factors(grid));
    factors.erase(factors.begin());
    const Dci dci = measure_dci(codes, factors, 48, 48);
    CHECK(dci.converged);
    CHECK(dci.disentanglement > 0.99);
    CHECK(dci.completeness > 0.99);
    CHECK(dci.informativeness == doctest::Approx(1));
    CHECK(dci.importance[2] == std::vector<double>{0, 0, 0});
    CHECK(dci.importance[0][1] > 1);
  }

  TEST_CASE("a rotated code tells as much, but no factor by itself") {
    const Tensor grid = small::factor_grid({3, 3, 3, 3}, 2);
    const Dci dci = dci_of(small::mixed(grid, small::even_rotation()), grid);
    CHECK(dci.informativeness > 0.95);
    CHECK(dci.disentanglement < 0.05);
    CHECK(dci.completeness < 0.05);
  }
}
