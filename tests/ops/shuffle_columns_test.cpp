#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/shuffle_columns.hpp>

#include <algorithm>

namespace hourglass::test {

namespace {

Numbers column(const Tensor& x, std::int64_t which) {
  Numbers values;
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
    values.push_back(x.floats()[i * x.shape()[1] + which]);
  }
  return values;
}

}  // namespace

TEST_SUITE("ops/shuffle_columns") {
  TEST_CASE("each column keeps its elements, in an order of its own") {
    Tensor x({20, 3});
    for (std::int64_t i = 0; i < 60; ++i) x.floats()[i] = static_cast<float>(i / 3);
    const auto shuffle = [](Values v) { return shuffle_columns(v[0], "s"); };
    const Tensor y = evaluate(shuffle, {x}, {.seed = 1, .step = 4});
    for (std::int64_t c = 0; c < 3; ++c) {
      Numbers sorted = column(y, c);
      CHECK(sorted != column(x, c));
      CHECK(sorted != column(y, (c + 1) % 3));
      std::ranges::sort(sorted);
      CHECK(sorted == column(x, c));
    }
    const auto numbers = [&](const RunState& state) {
      return numbers_of(evaluate(shuffle, {x}, state).floats());
    };
    CHECK(numbers({.seed = 1, .step = 4}) == numbers_of(y.floats()));
    CHECK(numbers({.seed = 1, .step = 5}) != numbers_of(y.floats()));
    CHECK(numbers({.seed = 2, .step = 4}) != numbers_of(y.floats()));
    CHECK(numbers({.seed = 1, .training = false}) != numbers({.seed = 1, .step = 0}));
  }

  TEST_CASE("the gradient goes back to where an element came from") {
    check_gradient([](Values v) { return shuffle_columns(v[0], "s"); }, {random_tensor({5, 3}, 1)});
  }

  TEST_CASE("only matrices have columns") {
    CHECK_THROWS_WITH_AS(
        run([](Values v) { return shuffle_columns(v[0], "s"); }, {random_tensor({5}, 1)}),
        "[shuffle_columns] needs a matrix, got [5]", ShapeError);
  }
}

}  // namespace hourglass::test
