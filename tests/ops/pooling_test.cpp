#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/pooling.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace hourglass::test {

namespace {

GradientFunction greatest(const PoolOptions& options) {
  return [=](Values v) { return max_pool(v[0], options); };
}
GradientFunction averaged(const PoolOptions& options) {
  return [=](Values v) { return average_pool(v[0], options); };
}

/// Numbers all different and far apart, so that no small step changes which is the greatest.
Tensor distinct(const Shape& shape) {
  Tensor result(shape);
  const std::int64_t size = shape.size();
  for (std::int64_t i = 0; i < size; ++i) {
    result.floats()[i] = static_cast<float>(i * 37 % size) / static_cast<float>(size) * 20 - 10;
  }
  return result;
}

}  // namespace

TEST_SUITE("ops/pooling") {
  TEST_CASE("windows computed by hand") {
    const Tensor x = tensor({1, 1, 3, 4}, {1, -2, 3, 4, 5, 6, -7, 8, 9, 10, 11, -12});
    CHECK(run(greatest({}), {x}) == Numbers{6, 8});
    CHECK(run(averaged({}), {x}) == Numbers{2.5, 2});
    CHECK(run(greatest({.kernel = {2}, .stride = {1}}), {x}) == Numbers{6, 6, 8, 10, 11, 11});
    CHECK(run(greatest({.kernel = {3, 2}, .stride = {2}, .padding = {1, 0}}), {x}) ==
          Numbers{6, 8, 10, 11});
    CHECK(run(averaged({.kernel = {2}, .padding = {1}}), {tensor({1, 1, 3}, {2, 4, 6})}) ==
          Numbers{1, 5});
    // What is beyond x is less than anything in it.
    CHECK(run(greatest({.kernel = {2}, .padding = {1}}), {tensor({1, 1, 3}, {-2, -4, -6})}) ==
          Numbers{-2, -4});
  }

  TEST_CASE("the first of several equal elements takes the gradient") {
    const Tensor x = tensor({1, 1, 2, 4}, {3, 3, 0, 1, 3, 3, 1, 0});
    CHECK(run([](Values v) { return gradients(sum(max_pool(v[0])), v.first(1))[0]; }, {x}) ==
          Numbers{1, 0, 0, 1, 0, 0, 0, 0});
  }

  TEST_CASE("gradients, with windows that overlap, leave gaps or reach beyond") {
    for (const Shape& shape : {Shape{2, 3, 5, 6}, Shape{1, 17, 4, 4}, Shape{2, 3, 7}}) {
      for (const std::int64_t kernel : {2, 3}) {
        for (const std::int64_t stride : {1, 2, 4}) {
          for (const std::int64_t padding : {0, 1}) {
            const PoolOptions options{{kernel}, {stride}, {padding}};
            const std::string what =
                text(shape.to_text(), " kernel ", kernel, " stride ", stride, " padding ", padding);
            CAPTURE(what);
            check_gradient(greatest(options), {distinct(shape)});
            check_gradient(averaged(options), {random_tensor(shape, 1)});
          }
        }
      }
    }
    check_twice(averaged({}), {random_tensor({2, 2, 4, 4}, 1)});
  }

  TEST_CASE("images are pooled in the layout that a convolution gives") {
    for (const std::int64_t channels : {3, 16, 20, 32}) {
      CAPTURE(channels);
      const Tensor x = random_tensor({2, channels, 8, 6}, 1),
                   weight = random_tensor({channels, channels, 3, 3}, 2);
      const Tensor y = evaluate(
          [](Values v) { return convolution(v[0], v[1], {}, {.padding = {1}}); }, {x, weight});
      for (const auto& pool : {greatest({}), averaged({})}) {
        const auto both = [&](Values v) {
          const Value hidden = convolution(v[0], v[1], {}, {.padding = {1}});
          return pool(std::span(&hidden, 1));
        };
        check_near(run(both, {x, weight}), run(pool, {y}), 1e-5f);
      }
    }
    check_gradient(
        [](Values v) { return average_pool(convolution(v[0], v[1], {}, {.padding = {1}})); },
        {random_tensor({2, 3, 4, 4}, 1), random_tensor({16, 3, 3, 3}, 2)});
    check_gradient([](Values v) { return max_pool(convolution(v[0], v[1], {}, {.padding = {1}})); },
                   {random_tensor({2, 3, 4, 4}, 1), random_tensor({16, 3, 3, 3}, 2)});
  }

  TEST_CASE("the global mean is that of each channel, in whatever layout it lies") {
    CHECK(run([](Values v) { return global_average_pool(v[0]); },
              {tensor({1, 2, 2, 3}, {1, 2, 3, 4, 5, 9, -1, -2, -3, 0, 0, 0})}) == Numbers{4, -1});
    CHECK(run([](Values v) { return global_average_pool(v[0]); },
              {tensor({2, 1, 3}, {2, 4, 9, -3, 0, 0})}) == Numbers{5, -1});
    for (const Shape& shape :
         {Shape{2, 3, 5, 7}, Shape{3, 32, 7, 7}, Shape{1, 17, 1, 1}, Shape{2, 16, 9}}) {
      CAPTURE(shape.to_text());
      const Tensor x = random_tensor(shape, 1);
      const auto means = [&](Values v) {
        return shape.rank() == 4 ? mean(v[0], {2, 3}) : mean(v[0], {2});
      };
      const auto pooled = [](Values v) { return global_average_pool(v[0]); };
      check_near(run(pooled, {x}), run(means, {x}), 1e-6f);
      check_twice(pooled, {x});
    }
    check_gradient(
        [](Values v) { return global_average_pool(convolution(v[0], v[1], {}, {.padding = {1}})); },
        {random_tensor({2, 3, 5, 4}, 1), random_tensor({16, 3, 3, 3}, 2)});
    Graph graph;
    CHECK_THROWS_WITH_AS(global_average_pool(graph.input("x", {3, 4})),
                         "[global_average_pool] x must be [batch, channels, size] or [batch, "
                         "channels, height, width]: x is [3, 4]",
                         ShapeError);
  }

  TEST_CASE("a window that does not fit is refused") {
    const auto refusal = [](const Shape& shape, const PoolOptions& options) -> std::string {
      Graph graph;
      try {
        max_pool(graph.input("x", shape), options);
      } catch (const ShapeError& error) {
        return error.what();
      }
      return "nothing was refused";
    };
    CHECK(refusal({1, 2, 3, 4}, {.kernel = {4}}) ==
          "[max_pool] the kernel 4x4 reaches beyond the padded input: x is [1, 2, 3, 4]");
    CHECK(refusal({1, 2, 3, 4}, {.padding = {2}}).find("padding must be at most half") !=
          std::string::npos);
    CHECK(refusal({1, 2, 3, 4}, {.kernel = {0}}).find("kernel must be at least 1, got 0") !=
          std::string::npos);
    CHECK(refusal({3, 4}, {}) ==
          "[max_pool] x must be [batch, channels, size] or [batch, channels, height, width]: x is "
          "[3, 4]");
  }
}

}  // namespace hourglass::test
