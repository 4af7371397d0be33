#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/structural_similarity.hpp>

#include <support/similarity.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace hourglass::test {

namespace {

Value similarity(Values v) { return structural_similarity(v[0], v[1]); }

/// Images like those of digits: much of it 0 or 1, with edges.
Tensor strokes(const Shape& shape, std::uint64_t seed) {
  Tensor images = random_tensor(shape, seed, -2, 3);
  for (float& each : images.floats()) each = std::clamp(each, 0.0f, 1.0f);
  return images;
}

}  // namespace

TEST_SUITE("ops/structural_similarity") {
  TEST_CASE("similarity agrees with the definition, image by image") {
    for (const Shape& shape : {Shape{2, 11, 11}, Shape{3, 13, 17}, Shape{4, 1, 28, 28},
                               Shape{2, 3, 12, 16}, Shape{1, 2, 40, 33}}) {
      CAPTURE(shape.to_text());
      const bool coloured = shape.rank() == 4;
      const std::int64_t size = shape.size() / shape[0];
      Tensor x = strokes(shape, 1), y = random_tensor(shape, 2, 0, 1);
      for (std::int64_t i = 0; i < size; ++i) {  // the first pair is much alike
        y.floats()[i] = std::clamp(x.floats()[i] + 0.2f * y.floats()[i], 0.0f, 1.0f);
      }
      const Numbers got = run(similarity, {x, y});
      REQUIRE(std::ssize(got) == shape[0]);
      for (std::int64_t n = 0; n < shape[0]; ++n) {
        const double expected =
            slow_similarity(x.floats().data() + n * size, y.floats().data() + n * size,
                            coloured ? shape[1] : 1, shape[shape.rank() - 2], shape.back());
        CHECK(std::abs(got[n] - expected) < 1e-5);
      }
    }
  }

  TEST_CASE("equal images have a similarity of one, also where they are flat") {
    const Tensor x = strokes({2, 3, 14, 12}, 1);
    check_near(run(similarity, {x, x}), {1, 1}, 1e-6f);
    Tensor white({1, 20, 20});
    std::ranges::fill(white.floats(), 1.0f);
    CHECK(run(similarity, {white, white})[0] == doctest::Approx(1).epsilon(1e-5));
    // Against black, only the means count: C1 / (1 + C1).
    CHECK(run(similarity, {white, Tensor({1, 20, 20})})[0] ==
          doctest::Approx(1e-4 / (1 + 1e-4)).epsilon(1e-3));
  }

  TEST_CASE("a negative is as unlike as can be") {
    const Tensor x = strokes({1, 12, 12}, 3);
    Tensor negative = strokes({1, 12, 12}, 3);
    for (float& each : negative.floats()) each = 1 - each;
    const float got = run(similarity, {x, negative})[0];
    CHECK(got < -0.5f);
    CHECK(got >= -1);
  }

  TEST_CASE("gradients of similarity, first and second") {
    const std::vector<Tensor> images = {random_tensor({2, 11, 13}, 1, 0, 1),
                                        random_tensor({2, 11, 13}, 2, 0, 1)};
    check_twice(similarity, images);
    check_gradient(similarity, {random_tensor({2, 3, 12, 11}, 3, 0, 1),
                                random_tensor({2, 3, 12, 11}, 4, 0, 1)});
  }

  TEST_CASE("shapes without similarity are refused") {
    const auto of = [](const Shape& x, const Shape& y) {
      Graph graph;
      structural_similarity(graph.input("x", x), graph.input("y", y));
    };
    CHECK_THROWS_WITH_AS(of({2, 11, 12}, {2, 12, 12}),
                         "[structural_similarity] x and y must have one shape: got [2, 11, 12] and "
                         "[2, 12, 12]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(of({2, 30}, {2, 30}),
                         "[structural_similarity] x must be [batch, height, width] or [batch, "
                         "channels, height, width]: got [2, 30]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(of({2, 3, 10, 30}, {2, 3, 10, 30}),
                         "[structural_similarity] images must be as large as the window of 11 x "
                         "11: got [2, 3, 10, 30]",
                         ShapeError);
  }
}

}  // namespace hourglass::test
