#include <hourglass/core/error.hpp>
#include <hourglass/data/resize.hpp>

#include <doctest/doctest.h>
#include <figure/pixels.hpp>

#include <vector>

using namespace hourglass;

namespace {

Tensor picture(std::int64_t height, std::int64_t width, std::int64_t channels,
               const std::vector<int>& values) {
  Tensor tensor({height, width, channels}, DType::U8);
  for (std::size_t i = 0; i < values.size(); ++i) {
    tensor.values<std::uint8_t>()[i] = static_cast<std::uint8_t>(values[i]);
  }
  return tensor;
}

}  // namespace

TEST_SUITE("data/resize") {
  TEST_CASE("a side that grows is interpolated between two neighbours") {
    // Middles at 0.25, 0.75, 1.25, 1.75 of two pixels.
    CHECK(pixel_values(resized(picture(1, 2, 1, {0, 100}), 1, 4)) ==
          std::vector<int>{0, 25, 75, 100});
    CHECK(pixel_values(resized(picture(2, 1, 1, {0, 100}), 4, 1)) ==
          std::vector<int>{0, 25, 75, 100});
    CHECK(pixel_values(resized(picture(1, 1, 3, {1, 2, 3}), 1, 2)) ==
          std::vector<int>{1, 2, 3, 1, 2, 3});
  }

  TEST_CASE("a side that shrinks weighs all its pixels by a triangle") {
    // Half: of the pixels at 0.5, 1.5, ... around 1 and 3, with weights 1/8 3/8 3/8 1/8; at the
    // left edge the first falls away.
    CHECK(pixel_values(resized(picture(1, 4, 1, {0, 0, 70, 70}), 1, 2)) ==
          std::vector<int>{10, 60});
    CHECK(pixel_values(resized(picture(4, 1, 1, {0, 0, 70, 70}), 2, 1)) ==
          std::vector<int>{10, 60});
  }

  TEST_CASE("stripes finer than a pixel become grey, and a flat picture stays as it is") {
    Tensor stripes({64, 64, 1}, DType::U8);
    for (std::int64_t i = 0; i < 64 * 64; ++i) {
      stripes.values<std::uint8_t>()[i] = i % 2 == 0 ? 0 : 200;
    }
    for (const int value : pixel_values(resized(stripes, 9, 9))) {
      CHECK(value > 95);
      CHECK(value < 105);
    }
    const Tensor flat = picture(2, 3, 1, std::vector<int>(6, 137));
    for (const auto& [h, w] : {std::pair{1, 1}, {7, 5}, {2, 9}, {31, 1}}) {
      CHECK(pixel_values(resized(flat, h, w)) == std::vector<int>(h * w, 137));
    }
  }

  TEST_CASE("a picture of the wanted size stays as it is") {
    const Tensor small = picture(2, 2, 1, {1, 2, 3, 4});
    CHECK(resized(small, 2, 2).raw() == small.raw());
  }

  TEST_CASE("the middle is kept") {
    const Tensor whole = picture(3, 4, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(pixel_values(cropped(whole, 1, 2)) == std::vector<int>{5, 6});
    CHECK(pixel_values(cropped(whole, 2, 1)) == std::vector<int>{1, 5});
    CHECK(cropped(whole, 3, 4).raw() == whole.raw());
    CHECK_THROWS_WITH_AS(cropped(whole, 4, 4),
                         "[cropped] a picture of 3 x 4 (rows x columns) has no middle of 4 x 4",
                         ShapeError);
  }

  TEST_CASE("colour becomes grey by luma, and planes") {
    const Tensor colours = picture(1, 4, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9});
    CHECK(pixel_values(to_grey(colours)) == std::vector<int>{76, 150, 29, 9});
    CHECK(pixel_values(to_rgb(picture(1, 2, 1, {4, 5}))) == std::vector<int>{4, 4, 4, 5, 5, 5});
    CHECK(to_rgb(colours).raw() == colours.raw());
    std::vector<std::uint8_t> planes(12);
    to_planes(colours, planes.data());
    CHECK(planes == std::vector<std::uint8_t>{255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9});
  }
}
