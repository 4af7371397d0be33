#include "storage/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/png.hpp>

using namespace hourglass;

namespace {

Tensor ramp(const Shape& shape) {
  Tensor image(shape, DType::U8);
  std::uint8_t next = 0;
  for (std::uint8_t& value : image.values<std::uint8_t>()) value = next += 7;
  return image;
}

bool same(const Tensor& a, const Tensor& b) {
  return std::ranges::equal(a.values<std::uint8_t>(), b.values<std::uint8_t>());
}

std::string bytes(std::initializer_list<int> values) { return {values.begin(), values.end()}; }

// 2 x 1 pixels: red and green by a palette of two colours, one bit a pixel.
std::string palette_picture() {
  return bytes({0x89, 'P', 'N', 'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,    13,  'I',
                'H',  'D', 'R', 0,    0,    0,    2,    0,    0,    0,    1,    1,   3,
                0,    0,   0,   0xb8, 0x75, 0xcc, 0xcb, 0,    0,    0,    6,    'P', 'L',
                'T',  'E', 255, 0,    0,    0,    255,  0,    0x9c, 0xb1, 0xe1, 0xad});
}

}  // namespace

TEST_SUITE("storage/png") {
  TEST_CASE("grey and colour pictures come back as they were") {
    const ScratchFolder folder;
    for (const Shape& shape : {Shape{5, 7}, Shape{5, 7, 1}, Shape{3, 2, 3}, Shape{1, 1}}) {
      const Tensor image = ramp(shape);
      png::write(folder / "a.png", image);
      const Tensor back = png::read(folder / "a.png");
      CHECK(back.shape() == Shape{shape[0], shape[1], shape.rank() == 3 ? shape[2] : 1});
      CHECK(same(image, back));
    }
  }

  TEST_CASE("equal pictures give equal bytes") {
    CHECK(png::encode(ramp({20, 30, 3})) == png::encode(ramp({20, 30, 3})));
  }

  TEST_CASE("only u8 pictures with one or three channels are written") {
    const char* message =
        "[png] a picture must be u8 [height, width], [height, width, 1] or [height, width, 3], "
        "got f32 [4, 4]";
    CHECK_THROWS_WITH_AS(png::encode(Tensor({4, 4})), message, ShapeError);
    CHECK_THROWS_AS(png::encode(Tensor({4, 4, 2}, DType::U8)), ShapeError);
    CHECK_THROWS_AS(png::encode(Tensor({0, 4}, DType::U8)), ShapeError);
    CHECK_THROWS_AS(png::encode(Tensor({4}, DType::U8)), ShapeError);
  }

  TEST_CASE("a file cut at any place is refused, and so is any flipped byte of its data") {
    const auto whole = png::encode(ramp({9, 11, 3}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_AS(png::decode(std::span(whole).first(size), "a.png"), DataError);
    }
    CHECK_THROWS_WITH_AS(png::decode(std::span(whole).first(4), "a.png"),
                         "a.png: is not a PNG file", DataError);
    CHECK_THROWS_WITH_AS(png::decode(std::span(whole).first(whole.size() - 20), "a.png"),
                         "a.png: is a damaged PNG file: the file ends too early", DataError);
    for (std::size_t i = 8; i < whole.size(); ++i) {
      auto damaged = whole;
      damaged[i] ^= std::byte{0x40};
      CAPTURE(i);
      try {
        png::decode(damaged, "a.png");
      } catch (const DataError&) {
      }
    }
  }

  TEST_CASE("a picture beyond the limits is refused before it is decoded") {
    const auto content = png::encode(ramp({9, 11}));
    CHECK_THROWS_WITH_AS(
        png::decode(content, "a.png", {.extent = 10}),
        "a.png: the picture is 11 x 9, at most 10 along a side and 67108864 pixels are read",
        DataError);
    CHECK_THROWS_AS(png::decode(content, "a.png", {.pixels = 98}), DataError);
    CHECK(png::decode(content, "a.png", {.extent = 11, .pixels = 99}).size() == 99);
  }

  TEST_CASE("a missing file and a palette without data are clear errors") {
    const ScratchFolder folder;
    CHECK_THROWS_AS(png::read(folder / "none.png"), DataError);
    CHECK_THROWS_AS(png::read(folder.put("p.png", palette_picture())), DataError);
  }
}
