#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/transpose.hpp>

namespace hourglass::test {

TEST_SUITE("ops/matmul") {
  TEST_CASE("a product computed by hand") {
    const Tensor a = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), b = tensor({3, 1}, {1, 0, -1});
    CHECK(run([](Values x) { return matmul(x[0], x[1]); }, {a, b}) == Numbers{-2, -2});
  }

  TEST_CASE("transposed operands give what transposing first gives") {
    const Tensor a = random_tensor({3, 4}, 1), b = random_tensor({4, 5}, 2);
    const Tensor at = evaluate([](Values x) { return swap_axes(x[0]); }, {a});
    const Tensor bt = evaluate([](Values x) { return swap_axes(x[0]); }, {b});
    const Numbers expected = run([](Values x) { return matmul(x[0], x[1]); }, {a, b});
    const auto product = [](MatmulOptions options) {
      return [=](Values x) { return matmul(x[0], x[1], options); };
    };
    check_near(run(product({.transpose_a = true}), {at, b}), expected);
    check_near(run(product({.transpose_b = true}), {a, bt}), expected);
    check_near(run(product({true, true}), {at, bt}), expected);
  }

  TEST_CASE("each batch has its own product") {
    const Tensor a = random_tensor({2, 3, 4, 5}, 3), b = random_tensor({2, 3, 5, 2}, 4);
    const Tensor c = evaluate([](Values x) { return matmul(x[0], x[1]); }, {a, b});
    CHECK(c.shape() == Shape{2, 3, 4, 2});
    Numbers expected;
    for (int batch = 0; batch < 6; ++batch) {
      for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 2; ++j) {
          float sum = 0;
          for (int k = 0; k < 5; ++k) {
            sum += a.floats()[(batch * 4 + i) * 5 + k] * b.floats()[(batch * 5 + k) * 2 + j];
          }
          expected.push_back(sum);
        }
      }
    }
    check_near(c.floats(), expected);
  }

  TEST_CASE("no rows give no rows, no inner elements give zeros") {
    const auto product = [](Values x) { return matmul(x[0], x[1]); };
    CHECK(run(product, {Tensor({0, 3}), Tensor({3, 2})}).empty());
    CHECK(run(product, {Tensor({2, 0}), Tensor({0, 1})}) == Numbers{0, 0});
  }

  TEST_CASE("first and second derivatives, however operands are transposed") {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        CAPTURE(ta);
        CAPTURE(tb);
        const Tensor a = random_tensor(ta ? Shape{4, 3} : Shape{3, 4}, 5);
        const Tensor b = random_tensor(tb ? Shape{2, 4} : Shape{4, 2}, 6);
        check_twice([=](Values x) { return matmul(x[0], x[1], {ta, tb}); }, {a, b});
      }
    }
    check_twice([](Values x) { return matmul(x[0], x[1]); },
                {random_tensor({2, 3, 4}, 7), random_tensor({2, 4, 5}, 8)});
  }

  TEST_CASE("matmul: shapes that do not fit are refused") {
    Graph graph;
    const Value a = graph.input("a", {32, 784}), b = graph.input("b", {512, 128});
    CHECK_THROWS_WITH_AS(matmul(a, b),
                         "[matmul] inner dimensions must agree: got a [32, 784] and b [512, 128]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(matmul(a, b, {.transpose_b = true}),
                         "[matmul] inner dimensions must agree: got a [32, 784] and b [512, 128] "
                         "transposed",
                         ShapeError);
    CHECK_THROWS_WITH_AS(matmul(graph.input("c", {2, 3, 4}), graph.input("d", {3, 4, 5})),
                         "[matmul] axes before the last two must be equal: got a [2, 3, 4] and b "
                         "[3, 4, 5]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(matmul(graph.input("e", {4}), a),
                         "[matmul] a and b must have at least two axes: got a [4] and b [32, 784]",
                         ShapeError);
  }
}

}  // namespace hourglass::test
