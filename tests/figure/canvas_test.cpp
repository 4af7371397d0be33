#include "figure/pixels.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <cstdlib>
#include <hourglass/core/error.hpp>
#include <hourglass/figure/canvas.hpp>
#include <string>

using namespace hourglass;
using namespace hourglass::figure;

namespace {

const Color kRed = rgb(0xff0000);
const Color kBlack = rgb(0x000000);

// $HOURGLASS_FONT for the length of a test.
class FontSetting {
 public:
  explicit FontSetting(const char* value) { ::setenv("HOURGLASS_FONT", value, 1); }
  ~FontSetting() { ::unsetenv("HOURGLASS_FONT"); }
};

}  // namespace

TEST_SUITE("figure/canvas") {
  TEST_CASE("a unit is two pixels, and a canvas starts as its background") {
    const Tensor picture = Canvas(3, 2.5, kRed).picture();
    CHECK(picture.shape() == Shape{6, 6, 3});
    CHECK(count_near(picture, kRed) == 36);
  }

  TEST_CASE("a box fills its pixels, and half of one that it half covers") {
    Canvas canvas(4, 4);
    canvas.fill({1, 1, 2.25, 2}, kBlack);
    const Tensor picture = canvas.picture();
    CHECK(pixel(picture, 2, 2) == Pixel{0, 0, 0});
    CHECK(pixel(picture, 3, 3) == Pixel{0, 0, 0});
    CHECK(pixel(picture, 2, 4) == Pixel{128, 128, 128});
    CHECK(pixel(picture, 2, 5) == Pixel{255, 255, 255});
    CHECK(pixel(picture, 4, 2) == Pixel{255, 255, 255});
  }

  TEST_CASE("what lies outside is cut off") {
    Canvas canvas(4, 4);
    canvas.fill({-100, -100, 1, 1}, kBlack);
    canvas.disc({100, 2}, 3, kBlack);
    canvas.disc({1e300, NAN}, 3, kBlack);
    const Point line[] = {{-50, 3.5}, {50, 3.5}};
    canvas.line(line, 1, kBlack);
    const Tensor picture = canvas.picture();
    CHECK(count_near(picture, kBlack) == 4 + 16);
  }

  TEST_CASE("joins and half-transparent lines are nowhere darker than one coat") {
    Canvas canvas(20, 20);
    const Point line[] = {{4, 10}, {10, 10}, {16, 10}, {10, 10}};
    canvas.line(line, 2, kBlack, 0.5);
    const Tensor picture = canvas.picture();
    CHECK(is_near(pixel(picture, 20, 20), rgb(0x808080)));
    CHECK(count_near(picture, kBlack, 100) == 0);
  }

  TEST_CASE("dashes leave gaps") {
    Canvas canvas(40, 4);
    const Point line[] = {{2, 2}, {38, 2}};
    const double dashes[] = {6, 6};
    canvas.line(line, 1, kBlack, 1, dashes);
    const Tensor picture = canvas.picture();
    CHECK(is_near(pixel(picture, 4, 10), kBlack));
    CHECK(is_near(pixel(picture, 4, 22), kWhite));
    CHECK(is_near(pixel(picture, 4, 34), kBlack));
  }

  TEST_CASE("text stands where its alignment says, also when it is read upwards") {
    if (font_missing()) return;
    const auto extent = [](Align align, bool upwards) {
      Canvas canvas(100, 100);
      canvas.text("HHH", {50, 50},
                  {.size = 12, .color = kBlack, .align = align, .upwards = upwards});
      const Tensor picture = canvas.picture();
      int first = 200, last = -1;
      for (int i = 0; i < 200; ++i) {
        for (int j = 0; j < 200; ++j) {
          const Pixel at = upwards ? pixel(picture, i, j) : pixel(picture, j, i);
          if (at[0] < 128) first = std::min(first, i), last = i;
        }
      }
      return std::array<int, 2>{first, last};
    };
    CHECK(extent(Align::Start, false)[0] >= 100);
    CHECK(extent(Align::Start, false)[0] <= 104);
    CHECK(extent(Align::End, false)[1] <= 100);
    CHECK(extent(Align::Start, true)[1] <= 100);
    CHECK(extent(Align::End, true)[0] >= 100);
    const auto middle = extent(Align::Middle, false);
    CHECK(std::abs(middle[0] + middle[1] - 200) <= 3);
  }

  TEST_CASE("bytes that are not UTF-8 and endless text are drawn somehow") {
    Canvas canvas(20, 20);
    canvas.text("\xff\xc3 \xe2\x82", {2, 10});
    canvas.text(std::string(100'000, 'x'), {2, 10});
    CHECK(canvas.picture().size() == 40 * 40 * 3);
  }

  TEST_CASE("without a font there is no text and no error") {
    const FontSetting setting("/nowhere/font.ttf");
    CHECK(font_missing());
    Canvas canvas(20, 20);
    canvas.text("text", {2, 10});
    CHECK(canvas.text_width("text") == 0);
    CHECK(count_near(canvas.picture(), kWhite) == 1600);
  }

  TEST_CASE("a canvas beyond all reason is cut off") {
    Canvas vast(1e9, 1e9);
    CHECK(vast.picture().shape() == Shape{512, 32768, 3});
    CHECK(Canvas(-1, NAN).picture().shape() == Shape{2, 2, 3});
  }

  TEST_CASE("category colours differ from each other, and colour maps have their ends") {
    for (int i = 0; i < 30; ++i) {
      for (int j = 0; j < i; ++j) CHECK_FALSE(category_color(i) == category_color(j));
    }
    CHECK(diverging_color(0) == rgb(0xfcfcfc));
    CHECK(diverging_color(-5) == diverging_color(-1));
    CHECK(sequential_color(0) == sequential_color(NAN));
    CHECK(sequential_color(2).red == doctest::Approx(rgb(0xfbec7a).red));
  }
}
