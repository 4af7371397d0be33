#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <algorithm>
#include <figure/pixels.hpp>
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

bool same_pixels(const Tensor& a, const Tensor& b) {
  return std::ranges::equal(a.values<std::uint8_t>(), b.values<std::uint8_t>());
}

// 2 x 1 pixels: red, transparent, and green, by a palette of one bit a pixel.
const std::vector<int> kPalette = {
    0x89, 0x50, 0x4e, 0x47, 0xd,  0xa,  0x1a, 0xa,  0x0,  0x0,  0x0,  0xd,  0x49, 0x48,
    0x44, 0x52, 0x0,  0x0,  0x0,  0x2,  0x0,  0x0,  0x0,  0x1,  0x1,  0x3,  0x0,  0x0,
    0x0,  0xce, 0xec, 0xed, 0xc9, 0x0,  0x0,  0x0,  0x6,  0x50, 0x4c, 0x54, 0x45, 0xff,
    0x0,  0x0,  0x0,  0xff, 0x0,  0xd2, 0x87, 0xef, 0x71, 0x0,  0x0,  0x0,  0x1,  0x74,
    0x52, 0x4e, 0x53, 0x0,  0x40, 0xe6, 0xd8, 0x66, 0x0,  0x0,  0x0,  0xa,  0x49, 0x44,
    0x41, 0x54, 0x78, 0xda, 0x63, 0x70, 0x0,  0x0,  0x0,  0x42, 0x0,  0x41, 0x84, 0xbf,
    0x8e, 0x62, 0x0,  0x0,  0x0,  0x0,  0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

// 2 x 1 pixels of 16 bits, grey and opacity: 0x1234 transparent, 0xfedc opaque.
const std::vector<int> kDeepGrey = {
    0x89, 0x50, 0x4e, 0x47, 0xd,  0xa,  0x1a, 0xa,  0x0,  0x0,  0x0,  0xd,  0x49, 0x48, 0x44,
    0x52, 0x0,  0x0,  0x0,  0x2,  0x0,  0x0,  0x0,  0x1,  0x10, 0x4,  0x0,  0x0,  0x0,  0xe,
    0xbb, 0x6b, 0x42, 0x0,  0x0,  0x0,  0x11, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x10,
    0x32, 0x61, 0x60, 0xf8, 0x77, 0xe7, 0xff, 0x7f, 0x0,  0xb,  0x8e, 0x4,  0x1f, 0x81, 0x30,
    0xff, 0x18, 0x0,  0x0,  0x0,  0x0,  0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

// 8 x 1 pixels of one bit: 10100001.
const std::vector<int> kOneBit = {
    0x89, 0x50, 0x4e, 0x47, 0xd,  0xa,  0x1a, 0xa,  0x0,  0x0,  0x0,  0xd,  0x49, 0x48,
    0x44, 0x52, 0x0,  0x0,  0x0,  0x8,  0x0,  0x0,  0x0,  0x1,  0x1,  0x0,  0x0,  0x0,
    0x0,  0xcb, 0x7b, 0xd2, 0xee, 0x0,  0x0,  0x0,  0xa,  0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0x58, 0x8,  0x0,  0x0,  0xa3, 0x0,  0xa2, 0x5,  0x9d, 0x72, 0xa1, 0x0,
    0x0,  0x0,  0x0,  0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

Tensor decoded_png(const std::vector<int>& values) {
  std::vector<std::byte> content;
  for (int value : values) content.push_back(static_cast<std::byte>(value));
  return png::decode(content, "a.png");
}

long most_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
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
      CHECK(same_pixels(image, back));
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

  TEST_CASE("palettes, 16 bits, single bits and transparency become plain numbers") {
    CHECK(decoded_png(kPalette).shape() == Shape{1, 2, 3});
    CHECK(pixel_values(decoded_png(kPalette)) == std::vector<int>{255, 0, 0, 0, 255, 0});
    CHECK(decoded_png(kDeepGrey).shape() == Shape{1, 2, 1});
    CHECK(pixel_values(decoded_png(kDeepGrey)) == std::vector<int>{0x12, 0xfe});
    CHECK(pixel_values(decoded_png(kOneBit)) == std::vector<int>{255, 0, 255, 0, 0, 0, 0, 255});
  }

  TEST_CASE("a header that claims more pixels than its file can hold is refused") {
    // The grey picture of 16384 x 4096 pixels in a file for 2 x 1: the header with its new
    // checksum.
    const std::vector<int> header = {0x0, 0x0, 0x40, 0x0, 0x0,  0x0,  0x10, 0x0, 0x10,
                                     0x4, 0x0, 0x0,  0x0, 0x70, 0x84, 0xed, 0xfb};
    std::vector<int> lying = kDeepGrey;
    std::ranges::copy(header, lying.begin() + 16);
    CHECK_THROWS_WITH_AS(decoded_png(lying),
                         "a.png: claims 16384 x 4096 pixels, but the file has only 74 bytes",
                         DataError);
  }

  TEST_CASE("a row that claims to be endless takes no memory") {
    // 2^27 x 1 pixels of four times 16 bits: libpng would make 2 GiB for two rows.
    const std::vector<int> header = {0x8, 0x0, 0x0, 0x0, 0x0,  0x0,  0x0,  0x1, 0x10,
                                     0x6, 0x0, 0x0, 0x0, 0xfa, 0x44, 0xa0, 0x99};
    std::vector<int> lying = kDeepGrey;
    std::ranges::copy(header, lying.begin() + 16);
    const long before = most_resident_kib();
    CHECK_THROWS_WITH_AS(decoded_png(lying),
                         "a.png: the picture is 134217728 x 1, at most 32768 along a side and "
                         "67108864 pixels are read",
                         DataError);
    CHECK(most_resident_kib() - before < 64 * 1024);
  }

  TEST_CASE("a picture tells who made it, where that was given") {
    const ScratchFolder folder;
    const Tensor image(Shape{2, 3, 3}, DType::U8);
    png::write(folder / "a.png", image, "somebody");
    png::write(folder / "b.png", image);
    CHECK(png::is_made_by(folder / "a.png", "somebody"));
    CHECK_FALSE(png::is_made_by(folder / "a.png", "some"));
    CHECK_FALSE(png::is_made_by(folder / "a.png", "somebody else"));
    CHECK_FALSE(png::is_made_by(folder / "b.png", "somebody"));
    CHECK_FALSE(png::is_made_by(folder / "none.png", "somebody"));
    CHECK(png::read(folder / "a.png").shape() == image.shape());
  }

  TEST_CASE("a missing file is a clear error") {
    const ScratchFolder folder;
    CHECK_THROWS_AS(png::read(folder / "none.png"), DataError);
  }
}
