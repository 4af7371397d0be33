#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/transpose.hpp>

#include <numeric>

namespace hourglass::test {

namespace {

Numbers transposed_by_hand(const Tensor& x, const std::vector<int>& axes) {
  const Shape& shape = x.shape();
  Numbers result(x.size());
  for (std::int64_t i = 0; i < x.size(); ++i) {
    std::vector<std::int64_t> at(shape.rank());
    std::int64_t rest = i;
    for (int axis = shape.rank(); axis-- > 0;) {
      at[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    std::int64_t to = 0;
    for (int axis : axes) to = to * shape[axis] + at[axis];
    result[to] = x.floats()[i];
  }
  return result;
}

}  // namespace

TEST_SUITE("ops/transpose") {
  TEST_CASE("a matrix on its side") {
    CHECK(run(
              [](Values x) {
                return transpose(x[0], {1, 0});
              },
              {tensor({2, 3}, {1, 2, 3, 4, 5, 6})}) == Numbers{1, 4, 2, 5, 3, 6});
  }

  TEST_CASE("every order of four axes") {
    const Tensor x = random_tensor({3, 4, 2, 5}, 1);
    std::vector<int> axes{0, 1, 2, 3};
    do {
      CHECK(run([&](Values v) { return transpose(v[0], axes); }, {x}) ==
            transposed_by_hand(x, axes));
    } while (std::ranges::next_permutation(axes).found);
  }

  TEST_CASE("matrices beyond one block, with odd sizes") {
    for (const Shape& shape : {Shape{1, 33}, Shape{17, 15}, Shape{100, 131}, Shape{257, 16}}) {
      const Tensor x = random_tensor(shape, 2);
      CHECK(run([](Values v) { return swap_axes(v[0]); }, {x}) == transposed_by_hand(x, {1, 0}));
    }
    const Tensor x = random_tensor({5, 70, 3, 40}, 3);
    CHECK(run([](Values v) { return swap_axes(v[0], 1, -1); }, {x}) ==
          transposed_by_hand(x, {0, 3, 2, 1}));
  }

  TEST_CASE("moving axes of one element moves nothing") {
    Graph graph;
    const Value y = transpose(graph.input("x", {4, 1, 3}), {1, 0, 2});
    CHECK(y.shape() == Shape{1, 4, 3});
    CHECK(graph.to_text().find("transpose") == std::string::npos);
  }

  TEST_CASE("nothing is transposed too") {
    CHECK(run([](Values x) { return swap_axes(x[0]); }, {Tensor({0, 3})}).empty());
  }

  TEST_CASE("transpose: first and second derivatives") {
    check_twice(
        [](Values x) {
          return square(transpose(x[0], {2, 0, 1}));
        },
        {random_tensor({2, 3, 4}, 4)});
  }

  TEST_CASE("orders that are none are refused") {
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    CHECK_THROWS_WITH_AS(transpose(x, {0}),
                         "[transpose] axes must name every axis of [2, 3] once: got [0]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(transpose(x, {0, 0}),
                         "[transpose] axes must name every axis of [2, 3] once: got [0, 0]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(transpose(x, {0, 2}),
                         "[transpose] axes must name every axis of [2, 3] once: got [0, 2]",
                         ShapeError);
    CHECK_THROWS_AS(swap_axes(graph.input("v", {3})), ShapeError);
  }
}

}  // namespace hourglass::test
