#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/resample.hpp>

#include <limits>
#include <string>

namespace hourglass::test {

namespace {

const GradientFunction kNearest = [](Values v) { return upsample(v[0], {2}); };
const GradientFunction kBilinear = [](Values v) {
  return upsample(v[0], {2}, Interpolation::Bilinear);
};
const GradientFunction kPadded = [](Values v) { return pad(v[0], {1}, {0, 2}); };
const GradientFunction kCropped = [](Values v) { return crop(v[0], {1}, {0, 2}); };

}  // namespace

TEST_SUITE("ops/resample") {
  TEST_CASE("maps computed by hand") {
    const Tensor x = tensor({1, 1, 2, 2}, {1, 2, 3, 4});
    CHECK(run(kNearest, {x}) == Numbers{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4});
    CHECK(run(
              [](Values v) {
                return upsample(v[0], {1, 3});
              },
              {x}) == Numbers{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4});
    CHECK(run([](Values v) { return upsample(v[0], {2}, Interpolation::Bilinear); },
              {tensor({1, 1, 3}, {0, 4, 12})}) == Numbers{0, 1, 3, 6, 10, 12});
    CHECK(run(kBilinear, {x}) ==
          Numbers{1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4});
    CHECK(run(
              [](Values v) {
                return pad(v[0], {1, 0}, {0, 1});
              },
              {x}) == Numbers{0, 0, 0, 1, 2, 0, 3, 4, 0});
    CHECK(run([](Values v) { return crop(v[0], {1, 0}, {0, 1}); }, {x}) == Numbers{3});
    CHECK(run([](Values v) { return pad(v[0], {1}, {2}); }, {tensor({1, 2, 1}, {5, 6})}) ==
          Numbers{0, 5, 0, 0, 0, 6, 0, 0});
  }

  TEST_CASE("gradients of every order") {
    for (const auto& function : {kNearest, kBilinear, kPadded, kCropped}) {
      check_twice(function, {random_tensor({2, 3, 4, 5}, 1)});
    }
    check_twice([](Values v) { return upsample(v[0], {3}, Interpolation::Bilinear); },
                {random_tensor({2, 3, 4}, 1)});
  }

  TEST_CASE("images are resampled in the layout that a convolution gives") {
    for (const std::int64_t channels : {3, 16, 20, 32}) {
      CAPTURE(channels);
      const Tensor x = random_tensor({2, channels, 5, 4}, 1),
                   weight = random_tensor({channels, channels, 3, 3}, 2);
      const GradientFunction layer = [](Values v) {
        return convolution(v[0], v[1], {}, {.padding = {1}});
      };
      const Tensor y = evaluate(layer, {x, weight});
      for (const auto& function : {kNearest, kBilinear, kPadded, kCropped}) {
        const auto both = [&](Values v) {
          const Value hidden = layer(v);
          return function(std::span(&hidden, 1));
        };
        check_near(run(both, {x, weight}), run(function, {y}), 1e-5f);
      }
    }
    check_gradient(
        [](Values v) {
          const Value hidden = convolution(v[0], v[1], {}, {.padding = {1}});
          return convolution(upsample(hidden, {2}), v[2]);
        },
        {random_tensor({2, 3, 3, 3}, 1), random_tensor({16, 3, 3, 3}, 2),
         random_tensor({2, 16, 2, 2}, 3)});
  }

  TEST_CASE("what does not fit is refused") {
    Graph graph;
    const Value x = graph.input("x", {1, 2, 3, 4});
    CHECK_THROWS_WITH_AS(
        crop(x, {2}, {1}),
        "[crop] nothing is left between 2x2 before and 1x1 behind: x is [1, 2, 3, 4]", ShapeError);
    CHECK_THROWS_WITH_AS(upsample(x, {0}),
                         "[upsample] factor must be at least 1, got 0: x is [1, 2, 3, 4]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(pad(x, {-1}, {0}),
                         "[pad] before must be at least 0, got -1: x is [1, 2, 3, 4]", ShapeError);
  }

  TEST_CASE("sizes that no memory holds are refused before anything is made for them") {
    Graph graph;
    const Value x = graph.input("x", {1, 2, 3, 4});
    const Shape large{1, 2, 3'000'000, 4'000'000};
    const std::string lack = lack_of_room(large), tail = ": x is [1, 2, 3, 4]";
    CHECK_THROWS_WITH_AS(upsample(x, {1'000'000}),
                         text("[upsample] the output ", large.to_text(), " ", lack, tail).c_str(),
                         ShapeError);
    CHECK_THROWS_WITH_AS(resize(x, {3'000'000, 4'000'000}),
                         text("[resize] the output ", large.to_text(), " ", lack, tail).c_str(),
                         ShapeError);
    CHECK_THROWS_AS(pad(x, {1'000'000}, {1'000'000}), ShapeError);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_WITH_AS(
        upsample(x, {1, kMost / 2}),
        text("[upsample] factor 1x", kMost / 2, " makes more elements than can be counted", tail)
            .c_str(),
        ShapeError);
    CHECK_THROWS_AS(upsample(graph.input("y", {1, 1, 1}), {(1 << 29) + 1}), ShapeError);
  }
}

}  // namespace hourglass::test
