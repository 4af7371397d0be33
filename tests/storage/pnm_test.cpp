#include <hourglass/core/error.hpp>
#include <hourglass/storage/pnm.hpp>

#include <doctest/doctest.h>
#include <figure/pixels.hpp>

#include <string>
#include <vector>

using namespace hourglass;

namespace {

Tensor decoded(const std::string& bytes, const picture::Limits& limits = {}) {
  return pnm::decode(std::as_bytes(std::span(bytes)), "a.pgm", limits);
}

std::string fault(const std::string& bytes) {
  try {
    decoded(bytes);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("storage/pnm") {
  TEST_CASE("numbers as text and as bytes, grey and in colour") {
    CHECK(pixel_values(decoded("P2\n2 1\n255\n7 255\n")) == std::vector<int>{7, 255});
    CHECK(pixel_values(decoded(std::string("P5 2 1 255\n\x07\xff"))) == std::vector<int>{7, 255});
    CHECK(decoded("P3 1 1 255 1 2 3").shape() == Shape{1, 1, 3});
    CHECK(pixel_values(decoded("P3 1 1 255 1 2 3")) == std::vector<int>{1, 2, 3});
    CHECK(pixel_values(decoded("P6 1 1 255\nabc")) == std::vector<int>{'a', 'b', 'c'});
    CHECK(decoded("P2 2 3 9 0 1 2 3 4 5").shape() == Shape{3, 2, 1});
  }

  TEST_CASE("comments are passed over, and numbers scaled by the greatest") {
    CHECK(pixel_values(decoded("P2 # a # b\n#c\n3 1 # w h\n4\n0 #x\n1 4")) ==
          std::vector<int>{0, 64, 255});
    const std::string deep("P5 2 1 65535\n\xff\xff\x80\x00", 17);
    CHECK(pixel_values(decoded(deep)) == std::vector<int>{255, 128});
  }

  TEST_CASE("a byte of white space may be the first pixel") {
    CHECK(pixel_values(decoded("P5 2 1 255\n\n ")) == std::vector<int>{10, 32});
  }

  TEST_CASE("a file cut at any place is refused") {
    for (const std::string& whole :
         {std::string("P5 2 2 255\nabcd"), std::string("P3\n1 1\n99\n10 20 30")}) {
      const std::size_t digits = whole[1] == '3' ? 1 : 0;  // of the last number
      for (std::size_t size = 0; size + digits < whole.size(); ++size) {
        CAPTURE(size);
        CHECK_THROWS_AS(decoded(whole.substr(0, size)), DataError);
      }
    }
  }

  TEST_CASE("lies and oddities are told with the file's name") {
    const std::string start = "a.pgm: is a damaged PGM or PPM file: ";
    CHECK(fault("P4 8 1\nx") == "a.pgm: is no PGM or PPM file (P2, P3, P5 or P6)");
    CHECK(fault("P5 2 2 255\nabc") == start + "it should have 4 bytes of pixels and has 3");
    CHECK(fault("P5 2 2 255\nabcde") ==
          start + "more follows its pixels; expected one picture a file");
    CHECK(fault("P2 1 1 9 10") == start + "it has a 10, above its greatest 9");
    CHECK(fault("P2 1 1 9 x") == start + "its last pixel is no number");
    CHECK(fault("P2 1 1 70000 1") == start + "its greatest number is 70000, expected 1 to 65535");
    CHECK(fault("P2 99999999999999999999 1 9 1") == start + "its width is no number");
    CHECK(fault("P2 -1 1 9 1") == start + "its width is no number");
    CHECK(fault("P5 0 1 9\n") == "a.pgm: the picture is 0 x 1, expected at least one pixel");
    CHECK(fault("P5 32768 32768 9\n").find("at most 32768 along a side and 67108864 pixels") !=
          std::string::npos);
    CHECK_THROWS_AS(decoded("P5 4 4 255\n0123456789abcdef", {.pixels = 15}), DataError);
  }
}
