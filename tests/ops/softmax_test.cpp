#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/categorical_cross_entropy.hpp>
#include <hourglass/ops/softmax.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

TEST_SUITE("ops/softmax") {
  TEST_CASE("shares computed by hand") {
    const float log2 = std::log(2.0f);
    check_near(run([](Values x) { return softmax(x[0]); }, {tensor({1, 3}, {0, log2, log2})}),
               {0.2f, 0.4f, 0.4f});
    check_near(run([](Values x) { return log_softmax(x[0]); }, {tensor({1, 2}, {0, 0})}),
               {-log2, -log2});
    check_near(run([](Values x) { return softmax(x[0], 0); }, {tensor({2, 2}, {0, 1, 0, 1})}),
               {0.5f, 0.5f, 0.5f, 0.5f});
  }

  TEST_CASE("rows sum to one for large inputs") {
    const Tensor x = random_tensor({3, 50}, 1, -1000, 1000);
    const Tensor y = evaluate([](Values v) { return softmax(v[0]); }, {x});
    for (int row = 0; row < 3; ++row) {
      float total = 0;
      for (int i = 0; i < 50; ++i) total += y.floats()[row * 50 + i];
      CHECK(total == doctest::Approx(1).epsilon(1e-5));
    }
    for (float each : run([](Values v) { return log_softmax(v[0]); }, {x})) {
      CHECK(std::isfinite(each));
    }
  }

  TEST_CASE("one class is certain, no rows are no rows, NaN stays in its row") {
    CHECK(run([](Values x) { return softmax(x[0]); }, {tensor({2, 1}, {5, -5})}) == Numbers{1, 1});
    CHECK(run([](Values x) { return softmax(x[0]); }, {Tensor({0, 4})}).empty());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Numbers y = run([](Values x) { return softmax(x[0]); }, {tensor({2, 2}, {nan, 0, 0, 0})});
    CHECK(std::isnan(y[0]));
    CHECK(y[2] == 0.5f);
  }

  TEST_CASE("first and second derivatives along every axis") {
    for (int axis = 0; axis < 3; ++axis) {
      CAPTURE(axis);
      check_twice([=](Values x) { return softmax(x[0], axis); }, {random_tensor({2, 3, 4}, 2)});
      check_twice([=](Values x) { return log_softmax(x[0], axis); }, {random_tensor({2, 3, 4}, 3)});
    }
  }

  TEST_CASE("a scalar and an axis outside are refused") {
    Graph graph;
    CHECK_THROWS_AS(softmax(graph.input("s", {})), ShapeError);
    CHECK_THROWS_AS(log_softmax(graph.input("x", {2, 3}), 2), ShapeError);
  }
}

TEST_SUITE("ops/categorical_cross_entropy") {
  const GradientFunction loss = [](Values x) { return categorical_cross_entropy(x[0], x[1]); };

  TEST_CASE("the log of the number of classes where all logits are equal") {
    check_near(run(loss, {tensor({1, 4}, {3, 3, 3, 3}), tensor({1, 4}, {0, 1, 0, 0})}),
               {std::log(4.0f)});
  }

  TEST_CASE("stays finite for a certain and wrong answer, and is zero for a right one") {
    check_near(
        run(loss, {tensor({2, 2}, {1000, -1000, 1000, -1000}), tensor({2, 2}, {0, 1, 1, 0})}),
        {2000, 0}, 1e-5f);
  }

  TEST_CASE("the gradient is softmax minus target for distributions") {
    const Tensor logits = tensor({1, 2}, {0, 0}), target = tensor({1, 2}, {0.25f, 0.75f});
    const auto gradient = [](Values x) {
      return gradients(sum(categorical_cross_entropy(x[0], x[1])), x.first(1))[0];
    };
    check_near(run(gradient, {logits, target}), {0.25f, -0.25f});
  }

  TEST_CASE("categorical cross entropy: first and second derivatives") {
    check_twice(loss, {random_tensor({2, 3, 4}, 4), random_tensor({2, 3, 4}, 5, 0.1f, 1)});
  }

  TEST_CASE("no classes and shapes that differ are refused") {
    Graph graph;
    CHECK_THROWS_WITH_AS(
        categorical_cross_entropy(graph.input("l", {2, 3}), graph.input("t", {2})),
        "[categorical_cross_entropy] logits and target must have one shape [..., classes]: got "
        "[2, 3] and [2]",
        ShapeError);
    CHECK_THROWS_AS(categorical_cross_entropy(graph.input("s", {}), graph.input("u", {})),
                    ShapeError);
  }
}

}  // namespace hourglass::test
