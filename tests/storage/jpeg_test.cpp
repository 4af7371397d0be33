#include <hourglass/core/error.hpp>
#include <hourglass/storage/jpeg.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>

using namespace hourglass;

namespace {

using Bytes = std::vector<std::byte>;

struct Sample {
  int width = 24;
  int height = 16;
  J_COLOR_SPACE space = JCS_RGB;
  bool progressive = false;
  bool adobe = true;
};

/// A picture that is one colour.
Bytes encoded(const std::vector<int>& color, const Sample& sample = {}) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = static_cast<JDIMENSION>(sample.width);
  info.image_height = static_cast<JDIMENSION>(sample.height);
  info.input_components = static_cast<int>(color.size());
  info.in_color_space = sample.space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  if (sample.progressive) jpeg_simple_progression(&info);
  info.write_Adobe_marker = sample.space == JCS_CMYK && sample.adobe ? TRUE : FALSE;
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row;
  for (int x = 0; x < sample.width; ++x) {
    for (const int value : color) row.push_back(static_cast<JSAMPLE>(value));
  }
  for (int y = 0; y < sample.height; ++y) {
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(out);
  Bytes bytes(begin, begin + size);
  jpeg_destroy_compress(&info);
  std::free(out);
  return bytes;
}

void check_color(const Tensor& image, const std::vector<int>& color) {
  const auto values = image.values<std::uint8_t>();
  REQUIRE(image.shape()[2] == static_cast<std::int64_t>(color.size()));
  int most = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    most = std::max(most, std::abs(int{values[i]} - color[i % color.size()]));
  }
  CHECK(most <= 3);
}

std::string jpeg_fault(const Bytes& bytes, const picture::Limits& limits = {}) {
  try {
    jpeg::decode(bytes, "a.jpg", limits);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("storage/jpeg") {
  TEST_CASE("grey and colour pictures, in one pass or in several") {
    for (const bool progressive : {false, true}) {
      const Bytes colour = encoded({200, 100, 30}, {.progressive = progressive});
      const Tensor image = jpeg::decode(colour, "a.jpg");
      CHECK(image.shape() == Shape{16, 24, 3});
      check_color(image, {200, 100, 30});
      const Bytes grey = encoded({77}, {.space = JCS_GRAYSCALE, .progressive = progressive});
      CHECK(jpeg::decode(grey, "a.jpg").shape() == Shape{16, 24, 1});
      check_color(jpeg::decode(grey, "a.jpg"), {77});
      CHECK(jpeg::decode_header(grey, "a.jpg").channels == 1);
      CHECK(jpeg::decode_header(colour, "a.jpg").width == 24);
    }
  }

  TEST_CASE("four inks become colours") {
    // As Adobe writes them: light that each ink lets through.
    const Bytes light = encoded({255, 128, 0, 200}, {.space = JCS_CMYK});
    check_color(jpeg::decode(light, "a.jpg"), {200, 100, 0});
    CHECK(jpeg::decode_header(light, "a.jpg").channels == 3);
    const Bytes ink = encoded({0, 127, 255, 55}, {.space = JCS_CMYK, .adobe = false});
    check_color(jpeg::decode(ink, "a.jpg"), {200, 100, 0});
  }

  TEST_CASE("a file cut at any place is refused, and flipped bits do no harm") {
    for (const bool progressive : {false, true}) {
      const Bytes whole = encoded({10, 200, 90}, {.progressive = progressive});
      for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(
            jpeg_fault(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))
                .empty());
      }
      for (std::size_t i = 2; i < whole.size(); ++i) {
        Bytes damaged = whole;
        damaged[i] ^= std::byte{0x55};
        jpeg_fault(damaged, {.pixels = 1 << 20});
      }
    }
    const Bytes half = encoded({10, 200, 90});
    CHECK(jpeg_fault(Bytes(half.begin(), half.begin() + 400))
              .find("a.jpg: is a damaged JPEG file: ") == 0);
    CHECK(jpeg_fault({}).find("a.jpg: ") == 0);
  }

  TEST_CASE("a photograph beyond the limits is refused before it is decoded") {
    const Bytes bytes = encoded({1, 2, 3});
    CHECK(jpeg_fault(bytes, {.extent = 20}) ==
          "a.jpg: the picture is 24 x 16, at most 20 along a side and 67108864 pixels are read");
    CHECK_FALSE(jpeg_fault(bytes, {.pixels = 383}).empty());
    CHECK(jpeg_fault(bytes, {.extent = 24, .pixels = 384}).empty());
  }

  TEST_CASE("a photograph whose header claims more than its file can hold is refused") {
    Bytes bytes = encoded({1, 2, 3});
    // The frame's header: FF C0, length, bits, height, width.
    for (std::size_t i = 0; i + 8 < bytes.size(); ++i) {
      if (bytes[i] != std::byte{0xFF} || bytes[i + 1] != std::byte{0xC0}) continue;
      bytes[i + 5] = bytes[i + 7] = std::byte{0x10};  // 4096 and more
      break;
    }
    CHECK(jpeg_fault(bytes).find("a.jpg: claims 4120 x 4112 pixels, but the file has only ") == 0);
  }

  TEST_CASE("scans without end are refused") {
    const Bytes whole = encoded({10, 200, 90}, {.progressive = true});
    // Its last scan, from its mark to the end, time and again.
    std::size_t scan = 0;
    for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
      if (whole[i] == std::byte{0xFF} && whole[i + 1] == std::byte{0xDA}) scan = i;
    }
    const auto at = whole.begin() + static_cast<std::ptrdiff_t>(scan);
    Bytes bytes(whole.begin(), whole.end() - 2);
    for (int i = 0; i < 1000; ++i) bytes.insert(bytes.end(), at, whole.end() - 2);
    bytes.insert(bytes.end(), whole.end() - 2, whole.end());
    CHECK_FALSE(jpeg_fault(bytes).empty());
  }
}
