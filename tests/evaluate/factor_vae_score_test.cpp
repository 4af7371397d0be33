#include "factor_grid.hpp"

#include <hourglass/evaluate/factor_vae_score.hpp>

#include <doctest/doctest.h>
#include <ops/selection.hpp>

#include <vector>

using namespace hourglass;

namespace {

std::optional<FactorVaeScore> score_of(const Tensor& codes, const Tensor& grid,
                                       const FactorVaeOptions& options = {}) {
  return factor_vae_score(codes, discrete_factors(small::with_factors(grid)), options);
}

const std::vector<float> kIdentity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

}  // namespace

TEST_SUITE("evaluate/factor_vae_score") {
  TEST_CASE("codes that are the factors find every vote, a rotation finds them by chance") {
    const Tensor grid = small::factor_grid({4, 4, 4, 4});
    const auto perfect = score_of(grid, grid);
    REQUIRE(perfect.has_value());
    CHECK(perfect->accuracy == 1);
    CHECK(perfect->active_codes == 4);
    const auto rotated = score_of(small::mixed(grid, small::even_rotation()), grid);
    CHECK(rotated->accuracy > 0.2);
    CHECK(rotated->accuracy < 0.35);
  }

  TEST_CASE("a code that varies little has no vote") {
    const Tensor grid = small::factor_grid({4, 4, 4, 4});  // variance 1.25
    std::vector<float> weight = kIdentity;
    weight[15] = 0.21f;  // 0.055
    CHECK(score_of(small::mixed(grid, weight), grid)->active_codes == 4);
    CHECK(score_of(small::mixed(grid, weight), grid)->accuracy == 1);
    weight[15] = 0.19f;  // 0.045
    const auto pruned = score_of(small::mixed(grid, weight), grid);
    CHECK(pruned->active_codes == 3);
    // Three factors are found, and of the votes for the fourth no code keeps them all.
    CHECK(pruned->accuracy == doctest::Approx(0.75).epsilon(0.03));
    const auto none = score_of(small::mixed(grid, std::vector<float>(16)), grid);
    CHECK(none->active_codes == 0);
    CHECK(none->accuracy == 0);
  }

  TEST_CASE("samples that share no value have no score, and those that do are drawn alone") {
    const Tensor single = small::factor_grid({50});
    CHECK_FALSE(score_of(single, single).has_value());
    // Of the second factor every value is its sample's own.
    Tensor half = small::factor_grid({2, 20});
    for (std::size_t i = 0; i < 40; ++i) half.floats()[2 * i + 1] = static_cast<float>(i);
    CHECK(score_of(half, half)->accuracy == 1);
  }

  TEST_CASE("votes go by the seed, and by no number of threads") {
    const Tensor grid = small::factor_grid({4, 4, 4, 4});
    const Tensor codes = small::mixed(grid, small::even_rotation());
    test::check_for_any_team([&] { return score_of(codes, grid)->accuracy; });
    CHECK(score_of(codes, grid, {.seed = 2})->accuracy != score_of(codes, grid)->accuracy);
  }
}
