#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/squared_error.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

TEST_SUITE("ops/binary_cross_entropy") {
  const GradientFunction loss = [](Values x) { return binary_cross_entropy(x[0], x[1]); };

  TEST_CASE("is log 2 where the logit is 0, whatever the target") {
    check_near(run(loss, {tensor({3}, {0, 0, 0}), tensor({3}, {0, 0.3f, 1})}),
               {std::log(2.0f), std::log(2.0f), std::log(2.0f)});
  }

  TEST_CASE("is -log of the probability given to what happened") {
    const float p = 0.8f, logit = std::log(p / (1 - p));
    check_near(run(loss, {tensor({2}, {logit, logit}), tensor({2}, {1, 0})}),
               {-std::log(p), -std::log(1 - p)});
  }

  TEST_CASE("stays exact for large logits, and keeps NaN") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Numbers y = run(loss, {tensor({4}, {1000, -1000, 1000, nan}), tensor({4}, {0, 0, 1, 0})});
    CHECK(y[0] == 1000);
    CHECK(y[1] == 0);
    CHECK(y[2] == 0);
    CHECK(std::isnan(y[3]));
  }

  TEST_CASE("nothing has no loss") { CHECK(run(loss, {Tensor({0, 2}), Tensor({0, 2})}).empty()); }

  TEST_CASE("binary cross entropy: first and second derivatives") {
    check_twice(loss, {random_tensor({2, 3, 4}, 1, -3, 3), random_tensor({2, 3, 4}, 2, 0, 1)});
  }

  TEST_CASE("binary cross entropy: shapes that differ are refused") {
    Graph graph;
    CHECK_THROWS_WITH_AS(binary_cross_entropy(graph.input("l", {2, 3}), graph.input("t", {3})),
                         "[binary_cross_entropy] logits and target must have one shape: got [2, 3] "
                         "and [3]",
                         ShapeError);
  }
}

TEST_SUITE("ops/squared_error") {
  const GradientFunction loss = [](Values x) { return squared_error(x[0], x[1]); };

  TEST_CASE("is 0 where x is the target, and has no half") {
    CHECK(run(loss, {tensor({3}, {1, 2, -3}), tensor({3}, {1, 4, 0})}) == Numbers{0, 4, 9});
    CHECK(run(loss, {Tensor({0, 2}), Tensor({0, 2})}).empty());
  }

  TEST_CASE("squared error: first and second derivatives") {
    check_twice(loss, {random_tensor({2, 3, 4}, 1), random_tensor({2, 3, 4}, 2)});
  }

  TEST_CASE("squared error: shapes that differ are refused") {
    Graph graph;
    CHECK_THROWS_WITH_AS(squared_error(graph.input("x", {2, 3}), graph.input("t", {3})),
                         "[squared_error] x and target must have one shape: got [2, 3] and [3]",
                         ShapeError);
  }
}

}  // namespace hourglass::test
