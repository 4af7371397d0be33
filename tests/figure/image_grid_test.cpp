#include "figure/pixels.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <hourglass/core/error.hpp>
#include <hourglass/figure/canvas.hpp>
#include <hourglass/figure/font.hpp>
#include <hourglass/figure/image_grid.hpp>

using namespace hourglass;
using namespace hourglass::figure;

namespace {

Tensor image(const Shape& shape, std::initializer_list<float> values) {
  Tensor result(shape);
  std::copy(values.begin(), values.end(), result.floats().begin());
  return result;
}

// No captions, so the first image's corner lies at the margin of 24 units; a block of 30 units.
const GridOptions kPlain{.cell = 60};
Pixel block(const Tensor& picture, int row, int column) {
  return pixel(picture, 48 + 60 * row + 30, 48 + 60 * column + 30);
}

}  // namespace

TEST_SUITE("figure/image_grid") {
  TEST_CASE("values are mapped from low to high, enlarged by whole pixels") {
    const Tensor picture =
        image_grid({image({2, 2}, {-1, 0, 1, 5})}, 0, {.low = -1, .high = 1, .cell = 60});
    CHECK(block(picture, 0, 0) == Pixel{0, 0, 0});
    CHECK(block(picture, 0, 1) == Pixel{128, 128, 128});
    CHECK(block(picture, 1, 0) == Pixel{255, 255, 255});
    CHECK(block(picture, 1, 1) == Pixel{255, 255, 255});
    CHECK(picture.shape() == Shape{2 * 108, 2 * 108, 3});
  }

  TEST_CASE("channels may come first or last") {
    const float r = 1, g = 0.5f, b = 0;
    const Tensor first = image_grid({image({3, 2, 2}, {r, r, 0, 0, g, g, 0, 0, b, b, 0, 0})});
    const Tensor last = image_grid({image({2, 2, 3}, {r, g, b, r, g, b, 0, 0, 0, 0, 0, 0})});
    CHECK(block(first, 0, 1) == Pixel{255, 128, 0});
    CHECK(same_picture(first, last));
  }

  TEST_CASE("diverging colours are white at zero, whatever the range") {
    const Tensor picture = image_grid({image({2, 2}, {0, -4, 2, 1})}, 0,
                                      {.colors = ColorMap::Diverging, .scale_each = true});
    CHECK(is_near(block(picture, 0, 0), rgb(0xfcfcfc)));
    CHECK(is_near(block(picture, 0, 1), diverging_color(-1)));
    CHECK(is_near(block(picture, 1, 0), diverging_color(0.5f)));
  }

  TEST_CASE("values that are not finite can be seen") {
    const Tensor picture = image_grid({image({1, 2}, {NAN, 0})}, 0, kPlain);
    CHECK(is_near(pixel(picture, 50, 50), rgb(0xd55e00)));
    CHECK(image_grid({image({1, 2}, {NAN, NAN})}, 0, {.scale_each = true}).size() > 0);
  }

  TEST_CASE("an image larger than its cell is shown by the means of its pixels") {
    Tensor large({480, 240});  // dark at the top, at the bottom stripes of 0 and 1
    for (std::int64_t i = 240 * 240; i < large.size(); ++i) {
      large.floats()[static_cast<std::size_t>(i)] = static_cast<float>(i % 2);
    }
    const Tensor picture = image_grid({large}, 0, kPlain);
    CHECK(picture.shape() == Shape{48 + 120 + 48, 48 + 60 + 48, 3});
    CHECK(pixel(picture, 48 + 30, 48 + 30) == Pixel{0, 0, 0});
    CHECK(pixel(picture, 48 + 90, 48 + 30) == Pixel{128, 128, 128});
    large.floats()[240 * 100 + 100] = NAN;  // is not lost among its neighbours
    CHECK(is_near(pixel(image_grid({large}, 0, kPlain), 48 + 25, 48 + 25), rgb(0xd55e00)));
  }

  TEST_CASE("images of any size and number give a picture of modest size") {
    const auto pixels = [](const std::vector<Tensor>& images, int columns) {
      return image_grid(images, columns).size() / 3;
    };
    CHECK(pixels(std::vector<Tensor>(40, Tensor({2000, 1000})), 10) < 2'000'000);
    CHECK(pixels({Tensor({1, 200'000})}, 1) < 100'000);
    CHECK(pixels({Tensor({200'000, 3})}, 1) < 100'000);
    CHECK(pixels(std::vector<Tensor>(10'000, Tensor({28, 28})), 100) <= Canvas::kMostPixels);
    CHECK(pixels(std::vector<Tensor>(100'000, Tensor({2, 2})), 1) <= Canvas::kMostPixels);
  }

  TEST_CASE("a grid is as square as it can be") {
    const std::vector<Tensor> images(5, Tensor({4, 4}));
    const Tensor square = image_grid(images);
    const Tensor row = image_grid(images, 5);
    CHECK(square.shape()[1] > square.shape()[0]);
    CHECK(square.shape()[1] - square.shape()[0] == 128);  // three columns, two rows
    CHECK(row.shape()[0] < square.shape()[0]);
  }

  TEST_CASE("a caption makes room for itself") {
    const Tensor plain = image_rows({{"", {Tensor({4, 4})}}});
    const Tensor named = image_rows({{"input", {Tensor({4, 4})}}});
    if (!font_missing()) CHECK(named.shape()[1] > plain.shape()[1] + 40);
    CHECK(named.shape()[0] == plain.shape()[0]);
  }

  TEST_CASE("images that do not fit are refused with what they are") {
    CHECK_THROWS_WITH_AS(image_rows({{"a", {Tensor({4, 4}), Tensor({4, 5})}}}),
                         "[image grid] images must have one shape, got [4, 4] and [4, 5]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(
        image_grid({Tensor({2, 4, 4})}),
        "[image grid] an image must be f32 [height, width], [channels, height, width] or "
        "[height, width, channels] with 1 or 3 channels, got f32 [2, 4, 4]",
        ShapeError);
    CHECK_THROWS_AS(image_grid({Tensor({4, 4}, DType::U8)}), ShapeError);
    CHECK_THROWS_AS(image_grid({Tensor({0, 4})}), ShapeError);
    CHECK_THROWS_AS(image_grid({}), ShapeError);
  }

  TEST_CASE("a batch is cut into its first images") {
    Tensor batch({3, 4});
    batch.floats()[5] = 7;
    const auto images = images_of(batch, {2, 2}, 2);
    REQUIRE(images.size() == 2);
    CHECK(images[1].shape() == Shape{2, 2});
    CHECK(images[1].floats()[1] == 7);
    CHECK(images_of(batch, {2, 2}, 9).size() == 3);
    CHECK_THROWS_AS(images_of(batch, {2, 3}, 2), ShapeError);
  }
}
