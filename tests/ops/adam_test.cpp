#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/adam.hpp>

#include <cmath>

namespace hourglass::test {

TEST_SUITE("ops/adam") {
  TEST_CASE("one step by hand") {
    Graph graph;
    const auto step = adam_step(graph.input("x", {2}), graph.input("g", {2}), graph.input("m", {2}),
                                graph.input("v", {2}), graph.filled({}, 0.1f), graph.filled({}, 2),
                                {0.9f, 0.99f, 1e-3f});
    Arena arena;
    Program program(graph, {step[0], step[1], step[2]}, {}, arena);
    const Numbers x{1, -1}, g{2, 0}, m{0.5f, 0}, v{0.25f, 0};
    program.feed("x", x.data());
    program.feed("g", g.data());
    program.feed("m", m.data());
    program.feed("v", v.data());
    program.run({});
    const float m1 = 0.9f * 0.5f + 0.1f * 2, v1 = 0.99f * 0.25f + 0.01f * 4;
    check_near(program.fetched(1), Numbers{m1, 0});
    check_near(program.fetched(2), Numbers{v1, 0});
    check_near(program.fetched(0), Numbers{1 - 0.1f * m1 / (std::sqrt(v1) * 2 + 1e-3f), -1});
  }

  TEST_CASE("it has no gradient, and says so") {
    Graph graph;
    const Value x = graph.input("x", {2}), one = graph.filled({}, 1);
    const Value moved = adam_step(x, x, x, x, one, one, {})[0];
    const Value loss = sum(moved);
    CHECK_THROWS_WITH_AS(gradients(loss, std::span(&x, 1)), "[adam] has no gradient", Error);
  }
}

}  // namespace hourglass::test
