#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/sum.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

Tensor matrix() { return tensor({2, 3}, {1, 2, 3, 4, 5, 6}); }

/// Every set of axes of a tensor with three axes.
std::vector<std::vector<int>> subsets() {
  return {{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}};
}

}  // namespace

TEST_SUITE("ops/folds") {
  TEST_CASE("sums, means and maxima computed by hand") {
    CHECK(run([](Values x) { return sum(x[0]); }, {matrix()}) == Numbers{21});
    CHECK(run([](Values x) { return sum(x[0], {1}); }, {matrix()}) == Numbers{6, 15});
    CHECK(run([](Values x) { return sum(x[0], {0}); }, {matrix()}) == Numbers{5, 7, 9});
    CHECK(run([](Values x) { return mean(x[0], {-1}); }, {matrix()}) == Numbers{2, 5});
    CHECK(run([](Values x) { return mean(x[0]); }, {matrix()}) == Numbers{3.5f});
    CHECK(run([](Values x) { return maximum_over(x[0], {0}); }, {matrix()}) == Numbers{4, 5, 6});
    CHECK(run([](Values x) { return maximum_over(-x[0], {1}); }, {matrix()}) == Numbers{-1, -4});
  }

  TEST_CASE("axes of one element, alone and as part of a sweep") {
    const Tensor x = tensor({3, 1}, {1, 2, 3});
    CHECK(run([](Values v) { return sum(v[0], {1}); }, {x}) == Numbers{1, 2, 3});
    CHECK(run([](Values v) { return sum(v[0] * v[0], {1}); }, {x}) == Numbers{1, 4, 9});
    CHECK(run([](Values v) { return mean(v[0] * v[0], {0}); }, {tensor({1, 2}, {2, 3})}) ==
          Numbers{4, 9});
  }

  TEST_CASE("nothing sums to zero and has no mean and no maximum") {
    const Tensor none({0, 2});
    CHECK(run([](Values v) { return sum(v[0], {0}); }, {none}) == Numbers{0, 0});
    CHECK(run([](Values v) { return sum(v[0] * v[0]); }, {none}) == Numbers{0});
    CHECK(run([](Values v) { return sum(v[0], {1}); }, {none}).empty());
    CHECK(std::isnan(run([](Values v) { return mean(v[0]); }, {none})[0]));
    Graph graph;
    CHECK_THROWS_WITH_AS(maximum_over(graph.input("x", {0, 2}), {0}),
                         "[maximum_over] axis 0 of [0, 2] has no elements", ShapeError);
  }

  TEST_CASE("NaN wins wherever it stands, along rows, columns and in sweeps") {
    for (int at = 0; at < 6; ++at) {
      Tensor x = matrix();
      x.floats()[at] = kNan;
      CHECK(std::isnan(run([](Values v) { return maximum_over(v[0]); }, {x})[0]));
      CHECK(std::isnan(run([](Values v) { return maximum_over(-v[0], {1}); }, {x})[at / 3]));
      CHECK(std::isnan(run([](Values v) { return maximum_over(v[0], {0}); }, {x})[at % 3]));
      CHECK(std::isnan(run([](Values v) { return sum(v[0]); }, {x})[0]));
    }
  }

  TEST_CASE("long rows and many columns, whose tiles end anywhere") {
    for (const std::int64_t n : {1, 15, 16, 17, 255, 257, 4097}) {
      const Tensor row = random_tensor({2, n}, 1, 0, 1), column = random_tensor({n, 3}, 2, 0, 1);
      double expected = 0, largest = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        expected += row.floats()[n + i];
        largest = std::max<double>(largest, row.floats()[n + i]);
      }
      CHECK(run([](Values v) { return sum(v[0], {1}); }, {row})[1] ==
            doctest::Approx(expected).epsilon(1e-5));
      CHECK(run([](Values v) { return sum(v[0] + 0.0f * v[0], {1}); }, {row})[1] ==
            doctest::Approx(expected).epsilon(1e-5));
      CHECK(run([](Values v) { return maximum_over(v[0], {1}); }, {row})[1] == float(largest));
      expected = 0;
      for (std::int64_t i = 0; i < n; ++i) expected += column.floats()[i * 3 + 2];
      CHECK(run([](Values v) { return sum(v[0], {0}); }, {column})[2] ==
            doctest::Approx(expected).epsilon(1e-5));
    }
  }

  TEST_CASE("first and second derivatives over any axes") {
    const Tensor x = random_tensor({2, 3, 4}, 3);
    for (const std::vector<int>& axes : subsets()) {
      const std::string which = text(axes.front(), " to ", axes.back(), " of ", axes.size());
      CAPTURE(which);
      const std::span<const int> over(axes);
      check_twice([=](Values v) { return sum(v[0], over); }, {x});
      check_twice([=](Values v) { return mean(v[0] * v[0], over); }, {x});
      check_twice([=](Values v) { return maximum_over(v[0], over); }, {x});
    }
  }

  TEST_CASE("several largest elements share the gradient") {
    const auto gradient = [](Values v) { return gradients(maximum_over(v[0]), v)[0]; };
    CHECK(run(gradient, {tensor({4}, {2, 1, 2, 0})}) == Numbers{0.5f, 0, 0.5f, 0});
  }

  TEST_CASE("axes outside or named twice are refused") {
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    CHECK_THROWS_WITH_AS(sum(x, {0, -2}), "[sum] an axis of [2, 3] is named twice", ShapeError);
    CHECK_THROWS_WITH_AS(mean(x, {2}), "[mean] axis 2 is outside a tensor of shape [2, 3]",
                         ShapeError);
    CHECK_THROWS_AS(maximum_over(x, {-3}), ShapeError);
  }
}

}  // namespace hourglass::test
