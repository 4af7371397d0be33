#include <hourglass/core/error.hpp>
#include <hourglass/storage/picture.hpp>
#include <hourglass/storage/png.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass;

TEST_SUITE("storage/picture") {
  TEST_CASE("a picture is known by its first bytes, whatever its name") {
    const ScratchFolder folder;
    png::write(folder / "a.jpg", Tensor({2, 3, 3}, DType::U8));
    CHECK(picture::read(folder / "a.jpg").shape() == Shape{2, 3, 3});
    const picture::Header header = picture::read_header(folder / "a.jpg");
    CHECK(header.height == 2);
    CHECK(header.width == 3);
    CHECK(header.channels == 3);
    const auto format = [](const std::string& bytes) {
      return picture::format_of(std::as_bytes(std::span(bytes)));
    };
    CHECK(format("\xff\xd8\xff\xe0") == picture::Format::Jpeg);
    CHECK(format("P5\n") == picture::Format::Pnm);
    CHECK(format("P3#a") == picture::Format::Pnm);
    CHECK_FALSE(format("P5a").has_value());
    CHECK_FALSE(format("P1\n1 1").has_value());
    CHECK_FALSE(format("Price,a\n").has_value());
    CHECK_FALSE(format("").has_value());
  }

  TEST_CASE("endings count in any case") {
    CHECK(picture::has_picture_ending("a.JPeG"));
    CHECK(picture::has_picture_ending("b/a.pnm"));
    CHECK_FALSE(picture::has_picture_ending("png"));
    CHECK_FALSE(picture::has_picture_ending("a.png.txt"));
  }

  TEST_CASE("what is no picture is told with its name") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.png", "text");
    CHECK_THROWS_WITH_AS(
        picture::read(path),
        (path + ": is no picture that is known, expected PNG, JPEG, PGM or PPM").c_str(),
        DataError);
    CHECK_THROWS_AS(picture::read(folder / "none.png"), DataError);
    CHECK_THROWS_AS(picture::read(folder.path()), DataError);
    png::write(folder / "b.png", Tensor({8, 8}, DType::U8));
    CHECK_THROWS_AS(picture::read_header(folder / "b.png", {.pixels = 63}), DataError);
  }
}
