#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/ops/topk.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace hourglass;

TEST_SUITE("conformance/held_graph") {
  TEST_CASE("what stands behind stop_gradient is an input of the copy, and the rest is the same") {
    Graph graph;
    const Value x = graph.input("x", {2});
    const Value stopped = stop_gradient(square(x));
    const Value target = sum(x * stopped + x);
    Graph copy;
    std::vector<HeldValue> held;
    const Value copied = hold_constants(target, copy, held);
    REQUIRE(held.size() == 1);
    CHECK(held[0].original == stopped);
    CHECK(copied.shape() == Shape{});
    CHECK(copy.to_text().find("square") == std::string::npos);

    Arena arena;
    Program program(copy, {copied}, {}, arena);
    const std::array<float, 2> values = {2, 3}, held_values = {10, 100};
    program.feed("x", values.data());
    program.feed(held[0].input, held_values.data());
    program.run({});
    CHECK(program.fetched(0)[0] == 2 * 10 + 3 * 100 + 5);
  }

  TEST_CASE("which elements topk chose stays as it was, and their values move") {
    Graph graph;
    const Value x = graph.input("x", {1, 4});
    const SparseValue two = topk(x, 2);
    Graph copy;
    std::vector<HeldValue> held;
    const Value copied = hold_constants(sum(two.values), copy, held);
    REQUIRE(held.size() == 3);

    const std::array<float, 4> before = {5, 1, 4, 2}, after = {1, 9, 3, 8};
    Arena arena;
    std::vector<std::vector<float>> kept;
    for (const HeldValue& each : held) {
      Program program(graph, {each.original}, {}, arena);
      program.feed("x", before.data());
      program.run({});
      kept.emplace_back(program.fetched(0).begin(), program.fetched(0).end());
    }
    Program program(copy, {copied}, {}, arena);
    program.feed("x", after.data());
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (program.needs(held[i].input)) program.feed(held[i].input, kept[i].data());
    }
    program.run({});
    CHECK(program.fetched(0)[0] == 1 + 3);
  }

  TEST_CASE("comparisons are held") {
    Graph graph;
    const Value x = graph.input("x", {2});
    Graph copy;
    std::vector<HeldValue> held;
    hold_constants(sum(x * greater(x, 0.0f)), copy, held);
    CHECK(held.size() == 1);
  }

  TEST_CASE("a graph is copied into an empty one only") {
    Graph graph, copy;
    copy.input("y", {1});
    std::vector<HeldValue> held;
    CHECK_THROWS_AS(hold_constants(graph.input("x", {}), copy, held), Error);
  }
}
