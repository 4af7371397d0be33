#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/reshape.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

struct Binary {
  const char* name;
  Value (*write)(Value, Value);
  Numbers at;  // its values at (1, 2), (4, 0.5) and (-3, -3)
};

const Binary kBinaries[] = {
    {"add", add, {3, 4.5f, -6}},         {"subtract", subtract, {-1, 3.5f, 0}},
    {"multiply", multiply, {2, 2, 9}},   {"divide", divide, {0.5f, 8, 1}},
    {"minimum", minimum, {1, 0.5f, -3}}, {"maximum", maximum, {2, 4, -3}},
};

}  // namespace

TEST_SUITE("ops/arithmetic") {
  TEST_CASE("arithmetic: values computed by hand") {
    for (const Binary& each : kBinaries) {
      CAPTURE(each.name);
      CHECK(run([&](Values x) { return each.write(x[0], x[1]); },
                {tensor({3}, {1, 4, -3}), tensor({3}, {2, 0.5f, -3})}) == each.at);
    }
  }

  TEST_CASE("NaN on either side goes through, and nothing is nothing") {
    const Tensor nan = tensor({1}, {kNan}), one = tensor({1}, {1});
    for (const Binary& each : kBinaries) {
      CAPTURE(each.name);
      const auto function = [&](Values x) { return each.write(x[0], x[1]); };
      CHECK(std::isnan(run(function, {nan, one})[0]));
      CHECK(std::isnan(run(function, {one, nan})[0]));
      CHECK(run(function, {Tensor({0, 3}), Tensor({3})}).empty());
    }
  }

  TEST_CASE("operands stretch, from either side") {
    const Tensor column = tensor({2, 1}, {10, 20}), row = tensor({3}, {1, 2, 3});
    CHECK(run([](Values x) { return x[0] - x[1]; }, {column, row}) == Numbers{9, 8, 7, 19, 18, 17});
    CHECK(run([](Values x) { return x[1] - x[0]; }, {column, row}) ==
          Numbers{-9, -8, -7, -19, -18, -17});
  }

  TEST_CASE("first and second derivatives, stretched in every way") {
    const std::pair<Shape, Shape> shapes[] = {
        {{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4}, {3, 1}}, {{4}, {2, 3, 4}},
        {{2, 1, 4}, {3, 1}},    {{}, {2, 3}},        {{1, 1}, {2, 3}},
    };
    for (const auto& [a, b] : shapes) {
      const std::string which = text(a.to_text(), " and ", b.to_text());
      CAPTURE(which);
      // Far enough from each other for the kinks of minimum and maximum, and from zero.
      Tensor x = random_tensor(a, 1, 0.5f, 1), y = random_tensor(b, 2, 1.2f, 2);
      if (y.size() > 2) y.floats()[1] = 0.3f;
      for (const Binary& each : kBinaries) {
        CAPTURE(each.name);
        check_twice([&](Values v) { return each.write(v[0], v[1]); }, {x, y});
      }
    }
  }

  TEST_CASE("equals share the gradient of minimum and maximum") {
    const auto gradient = gradient_of([](Values x) { return maximum(x[0], x[1]); }, 0);
    CHECK(run(gradient, {tensor({3}, {1, 2, 3}), tensor({3}, {3, 2, 1})}) == Numbers{0, 2, 6});
  }

  TEST_CASE("numbers on one side need no tensors") {
    const Tensor x = tensor({2}, {2, -4});
    CHECK(run([](Values v) { return 1.0f - v[0]; }, {x}) == Numbers{-1, 5});
    CHECK(run([](Values v) { return 8.0f / v[0]; }, {x}) == Numbers{4, -2});
    CHECK(run([](Values v) { return (-v[0] + 1.0f) * 3.0f / 2.0f - 0.5f; }, {x}) == Numbers{-2, 7});
    Graph graph;
    const Value sum = graph.input("x", {2}) + graph.filled({2}, 3);
    CHECK(graph.to_text().find("add") == std::string::npos);
    CHECK(sum.shape() == Shape{2});
  }

  TEST_CASE("extents that differ are refused") {
    Graph graph;
    const Value a = graph.input("a", {2, 3}), b = graph.input("b", {4});
    CHECK_THROWS_WITH_AS(a + b, "[add] shapes do not broadcast: got a [2, 3] and b [4]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(greater(a, b), "[greater] shapes do not broadcast: got a [2, 3] and b [4]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(broadcast_to(a, {3}), "[broadcast_to] [2, 3] does not broadcast to [3]",
                         ShapeError);
  }

  TEST_CASE("values of another graph are refused") {
    Graph one, two;
    CHECK_THROWS_WITH_AS(one.input("a", {2}) + two.input("b", {2}),
                         "[add] an input belongs to another graph", Error);
  }
}

TEST_SUITE("ops/compare") {
  TEST_CASE("is one where it holds, zero elsewhere and for NaN, and has no gradient") {
    const Tensor a = tensor({4}, {1, 2, 3, kNan}), b = tensor({4}, {2, 2, 2, 2});
    CHECK(run([](Values x) { return greater(x[0], x[1]); }, {a, b}) == Numbers{0, 0, 1, 0});
    CHECK(run([](Values x) { return greater_equal(x[0], x[1]); }, {a, b}) == Numbers{0, 1, 1, 0});
    CHECK(run(gradient_of([](Values x) { return greater(x[0], x[1]); }, 0), {a, b}) ==
          Numbers{0, 0, 0, 0});
  }
}

TEST_SUITE("ops/broadcast") {
  TEST_CASE("repeats along new and stretched axes, and the gradient sums them") {
    const Tensor x = tensor({2, 1}, {1, 2});
    const auto function = [](Values v) { return broadcast_to(v[0], {2, 2, 3}); };
    CHECK(run(function, {x}) == Numbers{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
    CHECK(run(gradient_of(function, 0), {x}) == Numbers{12, 24});
    check_twice(function, {x});
    check_twice(
        [](Values v) {
          return sum_to(v[0] * v[0], {3, 1});
        },
        {random_tensor({2, 3, 4}, 3)});
  }
}

TEST_SUITE("ops/reshape") {
  TEST_CASE("keeps the elements in order, and no kernel runs for it") {
    const auto function = [](Values v) { return reshape(v[0], {3, 2}); };
    CHECK(run(function, {tensor({2, 3}, {1, 2, 3, 4, 5, 6})}) == Numbers{1, 2, 3, 4, 5, 6});
    check_twice(function, {random_tensor({2, 3}, 1)});
    Graph graph;
    Arena arena;
    const Value y = flatten(graph.input("x", {4, 2, 3}));
    CHECK(y.shape() == Shape{4, 6});
    CHECK(Program(graph, {y}, {}, arena).steps().empty());
    CHECK(flatten(graph.input("e", {0, 2, 3})).shape() == Shape{0, 6});
  }

  TEST_CASE("another number of elements and a scalar's batch are refused") {
    Graph graph;
    CHECK_THROWS_WITH_AS(reshape(graph.input("x", {2, 3}), {4}),
                         "[reshape] [2, 3] has 6 elements, [4] has 4", ShapeError);
    CHECK_THROWS_WITH_AS(flatten(graph.input("s", {})), "[flatten] a scalar has no batch axis",
                         ShapeError);
  }
}

}  // namespace hourglass::test
