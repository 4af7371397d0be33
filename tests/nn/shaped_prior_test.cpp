#include <hourglass/nn/shaped_prior.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <array>
#include <cmath>
#include <numbers>

namespace hourglass {

using namespace test;

namespace {

template <class Draw>
Numbers drawn(const Draw& draw, std::uint64_t seed = 1) {
  Graph graph;
  const Value codes = draw(graph);
  Arena arena;
  Program program(graph, {codes}, {}, arena);
  program.run({.seed = seed, .training = false});
  return numbers_of(program.fetched(0));
}

Tensor one_hot(std::int64_t rows, std::int64_t columns, std::int64_t hot) {
  Tensor tensor({rows, columns});
  for (std::int64_t i = 0; i < rows; ++i) tensor.floats()[i * columns + hot] = 1;
  return tensor;
}

}  // namespace

TEST_SUITE("nn/shaped_prior") {
  TEST_CASE("a choice is one class of each row, all as likely") {
    const auto choices =
        drawn([](Graph& graph) { return random_choice(graph, 6000, 3, "choice"); });
    std::array<double, 3> share{};
    for (std::size_t i = 0; i < choices.size(); i += 3) {
      CHECK(choices[i] + choices[i + 1] + choices[i + 2] == 1);
      for (std::size_t k = 0; k < 3; ++k) share[k] += choices[i + k] / 6000;
    }
    for (const double each : share) CHECK(std::abs(each - 1.0 / 3) < 0.03);
    CHECK(one_of(3).name() == "one of 3 classes");
  }

  TEST_CASE("uniform numbers lie in their range") {
    const Prior prior = uniform_numbers(2, -3, 1);
    const auto codes = drawn([&](Graph& graph) { return prior.draw(graph, 3000, "prior"); });
    double mean = 0;
    for (const float each : codes) {
      REQUIRE(each >= -3);
      REQUIRE(each < 1);
      mean += each / 6000;
    }
    CHECK(std::abs(mean + 1) < 0.06);
  }

  TEST_CASE("a component of a ring is about its point, wide along its ray") {
    const Ring ring{.components = 4, .radius = 5, .along = 1, .across = 0.25f};
    const auto codes = drawn([&](Graph& graph) {
      return draw_from_ring(ring, graph.constant(one_hot(4000, 4, 1)), "ring");
    });
    double x = 0, y = 0, xx = 0, yy = 0;  // the second component is on the y axis
    for (std::size_t i = 0; i < codes.size(); i += 2) {
      x += codes[i] / 4000;
      y += codes[i + 1] / 4000;
      xx += codes[i] * codes[i] / 4000;
      yy += (codes[i + 1] - 5) * (codes[i + 1] - 5) / 4000;
    }
    CHECK(std::abs(x) < 0.02);
    CHECK(std::abs(y - 5) < 0.08);
    CHECK(std::sqrt(xx) == doctest::Approx(0.25).epsilon(0.06));
    CHECK(std::sqrt(yy) == doctest::Approx(1).epsilon(0.06));
    const Prior prior = ring_of_normals(ring);
    CHECK(prior.name() == "a ring of 4 normal distributions");
    const auto all = drawn([&](Graph& graph) { return prior.draw(graph, 4000, "prior"); });
    std::array<int, 4> found{};
    for (std::size_t i = 0; i < all.size(); i += 2) {
      const double turns = std::atan2(all[i + 1], all[i]) / (2 * std::numbers::pi);
      ++found[static_cast<std::size_t>(std::lround(4 * turns + 4) % 4)];
    }
    for (const int each : found) CHECK(std::abs(each - 1000) < 120);
  }

  TEST_CASE("a swiss roll is left along a spiral") {
    const SwissRoll roll{.radius = 4, .turns = 2, .noise = 1e-4f};
    Tensor positions({3, 1});
    positions.floats()[0] = 0.25f;
    positions.floats()[1] = 0.5625f;
    positions.floats()[2] = 0.9999f;
    const auto codes = drawn([&](Graph& graph) {
      return draw_from_swiss_roll(roll, graph.constant(positions), "roll");
    });
    // sqrt(u) of a half, three quarters and about one: one, one and a half, and two turns.
    CHECK(codes[0] == doctest::Approx(2).epsilon(0.01));
    CHECK(std::abs(codes[1]) < 0.05);
    CHECK(codes[2] == doctest::Approx(-3).epsilon(0.01));
    CHECK(codes[4] == doctest::Approx(4).epsilon(0.01));
    const Prior prior = swiss_roll(roll);
    CHECK(prior.name() == "a swiss roll");
    const auto all = drawn([&](Graph& graph) { return prior.draw(graph, 2000, "prior"); });
    double inner = 0;
    for (std::size_t i = 0; i < all.size(); i += 2) {
      const double radius = std::hypot(all[i], all[i + 1]);
      REQUIRE(radius < 4.01);
      inner += radius < 2 ? 1.0 / 2000 : 0;
    }
    CHECK(std::abs(inner - 0.25) < 0.04);  // the same area holds as many
  }
}

}  // namespace hourglass
