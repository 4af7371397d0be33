#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/discrepancy.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

namespace {

constexpr float kScales[] = {0.1f, 0.2f, 0.5f, 1, 2, 5, 10};

Value mean_kernel(Value x, Value y) {
  const std::int64_t rows = x.shape()[0], columns = y.shape()[0];
  const Value x_squares = reshape(sum(square(x), {1}), {rows, 1});
  const Value y_squares = reshape(sum(square(y), {1}), {1, columns});
  const Value distance =
      maximum(x_squares + y_squares - 2.0f * matmul(x, y, {.transpose_b = true}), 0);
  Value kernel;
  for (const float scale : kScales) {
    const float c = 2 * scale * static_cast<float>(x.shape()[1]);
    const Value part = c / (distance + c);
    kernel = kernel ? kernel + part : part;
  }
  return mean(kernel) / static_cast<float>(std::size(kScales));
}

}  // namespace

Value squared_discrepancy(Value x, Value y) {
  if (x.shape().rank() != 2 || y.shape().rank() != 2 || x.shape()[1] != y.shape()[1]) {
    throw ShapeError(text("[squared_discrepancy] x and y must be [m, n] and [k, n]: got ",
                          x.shape().to_text(), " and ", y.shape().to_text()));
  }
  return mean_kernel(x, x) + mean_kernel(y, y) - 2.0f * mean_kernel(x, y);
}

}  // namespace hourglass
