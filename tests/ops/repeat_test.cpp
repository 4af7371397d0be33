#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/repeat.hpp>

namespace hourglass::test {

TEST_SUITE("ops/repeat") {
  TEST_CASE("each sample stands several times in a row") {
    const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    const auto twice = [](Values v) { return repeat(v[0], 2); };
    const Tensor y = evaluate(twice, {x});
    CHECK(y.shape() == Shape{4, 3});
    check_near(numbers_of(y.floats()), {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
    check_gradient(twice, {x});
    CHECK(evaluate([](Values v) { return repeat(v[0], 3); }, {tensor({1}, {7})}).shape() ==
          Shape{3});
    check_near(run([](Values v) { return repeat(v[0], 1); }, {x}), {1, 2, 3, 4, 5, 6});
  }

  TEST_CASE("what has no samples, or is to stand there no time, is refused") {
    CHECK_THROWS_WITH_AS(run([](Values v) { return repeat(v[0], 0); }, {tensor({2}, {1, 2})}),
                         "[repeat] needs an axis of samples, and at least one copy of each: got "
                         "[2], 0 times",
                         ShapeError);
    CHECK_THROWS_AS(run([](Values v) { return repeat(v[0], 2); }, {tensor({}, {1})}), ShapeError);
  }
}

}  // namespace hourglass::test
