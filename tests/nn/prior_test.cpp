#include <hourglass/nn/prior.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {

TEST_SUITE("nn/prior") {
  TEST_CASE("a standard normal prior draws codes of its width and knows their density") {
    const Prior prior = standard_normal(3);
    CHECK(prior.name() == "a standard normal distribution");
    REQUIRE(prior.has_log_density());
    Graph graph;
    const Value codes = prior.draw(graph, 2000, "prior");
    CHECK(codes.shape() == Shape{2000, 3});
    Arena arena;
    Program program(graph, {codes, prior.log_density(codes)}, {}, arena);
    program.run({.seed = 1, .training = false});
    const auto z = program.fetched(0), density = program.fetched(1);
    double mean = 0, square = 0;
    for (const float each : z) mean += each / 6000.0, square += each * each / 6000.0;
    CHECK(std::abs(mean) < 0.05);
    CHECK(square == doctest::Approx(1).epsilon(0.06));
    const double by_hand =
        -1.5 * std::log(2 * std::numbers::pi) - 0.5 * (z[0] * z[0] + z[1] * z[1] + z[2] * z[2]);
    CHECK(density[0] == doctest::Approx(by_hand).epsilon(1e-5));
  }
}

}  // namespace hourglass
