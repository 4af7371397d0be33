#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/structural_similarity.hpp>
#include <hourglass/ops/transpose.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace hourglass {

namespace {

/// [places, size]: each row weighs what the window covers at one of its places along an axis.
Tensor window_places(std::int64_t size) {
  std::array<double, kSimilarityWindow> weights;
  double total = 0;
  for (std::int64_t i = 0; i < kSimilarityWindow; ++i) {
    const double from_centre = static_cast<double>(i - kSimilarityWindow / 2) / kSimilaritySigma;
    total += weights[i] = std::exp(-0.5 * from_centre * from_centre);
  }
  const std::int64_t places = size - kSimilarityWindow + 1;
  Tensor matrix({places, size});
  for (std::int64_t place = 0; place < places; ++place) {
    for (std::int64_t i = 0; i < kSimilarityWindow; ++i) {
      matrix.floats()[place * size + place + i] = static_cast<float>(weights[i] / total);
    }
  }
  return matrix;
}

/// The window's means of many images at once. A Gaussian window is a product of one along each
/// axis, and so two matrix products do for all: they are faster than a convolution of one channel.
class SimilarityWindow {
 public:
  SimilarityWindow(Graph& graph, std::int64_t height, std::int64_t width)
      : rows_(graph.constant(window_places(height))),
        columns_(graph.constant(window_places(width))) {}

  /// [height, images, width] -> [places, images, places].
  Value means(Value x) const {
    const std::int64_t height = x.shape()[0], images = x.shape()[1], width = x.shape()[2];
    const std::int64_t down = rows_.shape()[0], across = columns_.shape()[0];
    const Value along_rows = matmul(rows_, reshape(x, {height, images * width}));
    const Value both =
        matmul(reshape(along_rows, {down * images, width}), columns_, {.transpose_b = true});
    return reshape(both, {down, images, across});
  }

 private:
  Value rows_, columns_;
};

void check(const Shape& x, const Shape& y) {
  if (x != y) {
    throw ShapeError(text("[structural_similarity] x and y must have one shape: got ", x.to_text(),
                          " and ", y.to_text()));
  }
  if (x.rank() != 3 && x.rank() != 4) {
    throw ShapeError(
        text("[structural_similarity] x must be [batch, height, width] or [batch, "
             "channels, height, width]: got ",
             x.to_text()));
  }
  if (std::min(x[x.rank() - 2], x.back()) < kSimilarityWindow) {
    throw ShapeError(text("[structural_similarity] images must be as large as the window of ",
                          kSimilarityWindow, " x ", kSimilarityWindow, ": got ", x.to_text()));
  }
}

}  // namespace

Value structural_similarity(Value x, Value y) {
  check(x.shape(), y.shape());
  const bool one_channel = x.shape().rank() == 3;
  const std::int64_t batch = x.shape()[0], channels = one_channel ? 1 : x.shape()[1],
                     height = x.shape()[x.shape().rank() - 2], width = x.shape().back();
  const SimilarityWindow window(x.graph(), height, width);
  // Rows of all images side by side, so that one product serves all.
  const auto side_by_side = [&](Value images) {
    return transpose(reshape(images, {batch * channels, height, width}), {1, 0, 2});
  };
  const Value a = side_by_side(x), b = side_by_side(y);

  constexpr auto kC1 = static_cast<float>(kSimilarityC1), kC2 = static_cast<float>(kSimilarityC2);
  const Value mean_a = window.means(a), mean_b = window.means(b);
  const Value product = mean_a * mean_b, squares = square(mean_a) + square(mean_b);
  const Value covariance = window.means(a * b) - product;
  const Value variances = window.means(square(a) + square(b)) - squares;
  const Value similarity =
      (2.0f * product + kC1) * (2.0f * covariance + kC2) / ((squares + kC1) * (variances + kC2));
  return mean(reshape(mean(similarity, {0, 2}), {batch, channels}), {1});
}

}  // namespace hourglass
