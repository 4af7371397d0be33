#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/ops/tanh.hpp>

#include <algorithm>

namespace hourglass::test {

namespace {

const GradientFunction kDense = [](Values x) { return dense(x[0], x[1], x[2]); };
const GradientFunction kPlain = [](Values x) { return dense(x[0], x[1]); };
const GradientFunction kTransposed = [](Values x) { return dense_transposed(x[0], x[1], x[2]); };

Numbers dense_by_hand(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Numbers y;
  const std::int64_t in = x.shape()[1];
  for (std::int64_t row = 0; row < x.shape()[0]; ++row) {
    for (std::int64_t out = 0; out < weight.shape()[0]; ++out) {
      double sum = bias.floats()[out];
      for (std::int64_t k = 0; k < in; ++k) {
        sum += double{x.floats()[row * in + k]} * weight.floats()[out * in + k];
      }
      y.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

/// a b of two matrices.
Numbers product(const Tensor& a, const Tensor& b) {
  const std::int64_t rows = a.shape()[0], inner = a.shape()[1], columns = b.shape()[1];
  std::vector<double> sums(rows * columns, 0.0);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < inner; ++k) {
      for (std::int64_t j = 0; j < columns; ++j) {
        sums[i * columns + j] += double{a.floats()[i * inner + k]} * b.floats()[k * columns + j];
      }
    }
  }
  return {sums.begin(), sums.end()};
}

Tensor transpose_of(const Tensor& a) {
  const std::int64_t rows = a.shape()[0], columns = a.shape()[1];
  Tensor result({columns, rows});
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    result.floats()[i % columns * rows + i / columns] = a.floats()[i];
  }
  return result;
}

Numbers column_sums(const Tensor& a) {
  Tensor ones({1, a.shape()[0]});
  std::ranges::fill(ones.floats(), 1.0f);
  return product(ones, a);
}

Numbers positive(Numbers numbers) {
  for (float& each : numbers) each = std::max(each, 0.0f);
  return numbers;
}

}  // namespace

TEST_SUITE("ops/dense") {
  TEST_CASE("a product computed by hand, with and without bias") {
    const Tensor x = tensor({1, 2}, {1, 2}), weight = tensor({3, 2}, {1, 0, 0, 1, 1, -1});
    CHECK(run(kPlain, {x, weight}) == Numbers{1, 2, -1});
    CHECK(run(kDense, {x, weight, tensor({3}, {10, 20, 30})}) == Numbers{11, 22, 29});
    CHECK(run(kTransposed, {tensor({1, 3}, {1, 2, 3}), weight, tensor({2}, {10, 20})}) ==
          Numbers{14, 19});
  }

  TEST_CASE("sizes around those of blocks") {
    for (const std::int64_t in : {1, 17, 64, 130}) {
      for (const std::int64_t out : {1, 10, 65}) {
        const std::string size = text(in, " to ", out);
        CAPTURE(size);
        const Tensor x = random_tensor({33, in}, 1), weight = random_tensor({out, in}, 2),
                     bias = random_tensor({out}, 3);
        check_near(run(kDense, {x, weight, bias}), dense_by_hand(x, weight, bias), 1e-5f);
      }
    }
  }

  TEST_CASE("a weight that the threads share out by its rows gives the same products") {
    // Small batches are shared out by rows alone, large ones by samples where that moves
    // less.
    const auto slope = [](const GradientFunction& function, int which) {
      return
          [=](Values inputs) { return gradients(function(inputs), inputs.subspan(which, 1))[0]; };
    };
    for (const std::int64_t out : {64, 129}) {
      for (const std::int64_t in : {16, 130, 513}) {
        for (const std::int64_t batch : {0, 1, 33, 150}) {
          const std::string size = text(batch, " samples, ", in, " to ", out);
          CAPTURE(size);
          const Tensor x = random_tensor({batch, in}, 1), weight = random_tensor({out, in}, 2),
                       bias = random_tensor({out}, 3), dy = random_tensor({batch, out}, 4);
          const GradientFunction weighted = [](Values v) {
            return sum(dense(v[0], v[1], v[2]) * v[3]);
          };
          const GradientFunction turned = [](Values v) {
            return sum(dense_transposed(v[0], v[1]) * v[2]);
          };
          const std::vector<Tensor> inputs{x, weight, bias, dy};
          check_near(run(kDense, {x, weight, bias}), dense_by_hand(x, weight, bias), 1e-4f);
          check_near(run([](Values v) { return relu(dense(v[0], v[1], v[2])); }, {x, weight, bias}),
                     positive(dense_by_hand(x, weight, bias)), 1e-4f);
          const Numbers dx = product(dy, weight);
          check_near(run(slope(weighted, 0), inputs), dx, 1e-4f);
          check_near(run([](Values v) { return dense_transposed(v[0], v[1]); }, {dy, weight}), dx,
                     1e-4f);
          check_near(run(slope(weighted, 1), inputs), product(transpose_of(dy), x), 1e-4f);
          check_near(run(slope(weighted, 2), inputs), column_sums(dy), 1e-4f);
          check_near(run(slope(turned, 1), {dy, weight, x}), product(transpose_of(dy), x), 1e-4f);
        }
      }
    }
  }

  TEST_CASE("dense: first and second derivatives") {
    const std::vector<Tensor> inputs{random_tensor({2, 3}, 1), random_tensor({4, 3}, 2),
                                     random_tensor({4}, 3)};
    check_twice(kDense, inputs);
    check_twice(kPlain, {inputs[0], inputs[1]});
    check_twice([](Values x) { return tanh(dense(x[0], x[1], x[2])); }, inputs);
    const std::vector<Tensor> turned{random_tensor({2, 4}, 1), inputs[1], random_tensor({3}, 4)};
    check_twice(kTransposed, turned);
    // One weight in both directions, as in a tied autoencoder.
    check_twice([](Values x) { return dense_transposed(tanh(dense(x[0], x[1])), x[1]); },
                {inputs[0], inputs[1]});
  }

  TEST_CASE("an empty batch has no rows, and its gradients are zero") {
    const std::vector<Tensor> inputs{Tensor({0, 3}), random_tensor({4, 3}, 2),
                                     random_tensor({4}, 3)};
    CHECK(run(kDense, inputs).empty());
    CHECK(run(gradient_of(kDense, 0), inputs).empty());
    CHECK(run(gradient_of(kDense, 1), inputs) == Numbers(12, 0));
    CHECK(run(gradient_of(kDense, 2), inputs) == Numbers(4, 0));
  }

  TEST_CASE("dense: shapes that do not fit are refused") {
    Graph graph;
    const Value x = graph.input("x", {5, 3}), weight = graph.input("w", {4, 2});
    CHECK_THROWS_WITH_AS(dense(x, weight),
                         "[dense] x must be [batch, in] and weight [out, in]: got x [5, 3] and "
                         "weight [4, 2]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(dense(graph.input("y", {5, 2}), weight, graph.input("b", {5})),
                         "[dense] bias must be [4] for weight [4, 2], got [5]", ShapeError);
    CHECK_THROWS_AS(dense_transposed(x, weight), ShapeError);
  }
}

}  // namespace hourglass::test
