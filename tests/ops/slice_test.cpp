#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/concat.hpp>
#include <hourglass/ops/slice.hpp>
#include <hourglass/ops/square.hpp>

namespace hourglass::test {

TEST_SUITE("ops/slice") {
  TEST_CASE("rows and columns of a matrix") {
    const Tensor x = tensor({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(run([](Values v) { return slice(v[0], 0, 1, 3); }, {x}) == Numbers{4, 5, 6, 7, 8, 9});
    CHECK(run([](Values v) { return slice(v[0], -1, 1, 3); }, {x}) == Numbers{2, 3, 5, 6, 8, 9});
    CHECK(run([](Values v) { return slice(v[0], 1, 2, 2); }, {x}).empty());
  }

  TEST_CASE("a slice of the first axis is a view: no kernel runs for it") {
    Graph graph;
    const Value x = square(graph.input("x", {4, 3}));
    Arena arena;
    CHECK(Program(graph, {slice(x, 0, 1, 2)}, {}, arena).steps().size() == 1);
    CHECK(Program(graph, {slice(x, 1, 1, 2)}, {}, arena).steps().size() == 2);
  }

  TEST_CASE("a view of a view, read by a sweep") {
    const Tensor x = tensor({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(run([](Values v) { return square(slice(slice(v[0], 0, 1, 4), 0, 1, 2)); }, {x}) ==
          Numbers{25, 36});
  }

  TEST_CASE("the gradient is zero outside the slice") {
    const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK(run(gradient_of([](Values v) { return slice(v[0], 1, 1, 2); }, 0), {x}) ==
          Numbers{0, 4, 0, 0, 10, 0});
    for (int axis = 0; axis < 3; ++axis) {
      check_twice([=](Values v) { return square(slice(v[0], axis, 1, 2)); },
                  {random_tensor({2, 3, 4}, 1)});
    }
  }

  TEST_CASE("axes and ranges outside are refused") {
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    CHECK_THROWS_WITH_AS(slice(x, 1, 2, 4),
                         "[slice] 0 <= begin <= end <= 3 must hold along axis 1 of [2, 3]: got "
                         "begin 2 and end 4",
                         ShapeError);
    CHECK_THROWS_AS(slice(x, 1, -1, 2), ShapeError);
    CHECK_THROWS_AS(slice(x, 1, 2, 1), ShapeError);
    CHECK_THROWS_AS(slice(x, 2, 0, 1), ShapeError);
  }
}

TEST_SUITE("ops/concat") {
  TEST_CASE("matrices above and beside each other") {
    const Tensor a = tensor({2, 2}, {1, 2, 3, 4}), b = tensor({1, 2}, {5, 6});
    CHECK(run(
              [](Values v) {
                return concat({v[0], v[1]}, 0);
              },
              {a, b}) == Numbers{1, 2, 3, 4, 5, 6});
    const Tensor c = tensor({2, 1}, {7, 8});
    CHECK(run(
              [](Values v) {
                return concat({v[1], v[0], v[1]}, -1);
              },
              {a, c}) == Numbers{7, 1, 2, 7, 8, 3, 4, 8});
  }

  TEST_CASE("empty parts add nothing") {
    const Tensor a = tensor({1, 2}, {1, 2});
    CHECK(run(
              [](Values v) {
                return concat({v[0], v[1]}, 1);
              },
              {a, Tensor({1, 0})}) == Numbers{1, 2});
  }

  TEST_CASE("first and second derivatives, also of a value that is joined to itself") {
    for (int axis = 0; axis < 3; ++axis) {
      CAPTURE(axis);
      check_twice(
          [=](Values v) {
            return square(concat({v[0], v[1], v[0]}, axis));
          },
          {random_tensor({2, 3, 4}, 2), random_tensor({2, 3, 4}, 3)});
    }
  }

  TEST_CASE("concat: shapes that do not fit are refused") {
    Graph graph;
    const Value a = graph.input("a", {2, 3}), b = graph.input("b", {3, 3});
    CHECK_THROWS_WITH_AS(concat({a, b}, 1),
                         "[concat] shapes must be equal but for axis 1: got [2, 3] and [3, 3]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(concat({a, graph.input("c", {2})}, 0),
                         "[concat] shapes must be equal but for axis 0: got [2, 3] and [2]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(concat(std::span<const Value>(), 0),
                         "[concat] there must be at least one value", ShapeError);
    CHECK_THROWS_AS(concat({a, a}, 2), ShapeError);
  }
}

}  // namespace hourglass::test
