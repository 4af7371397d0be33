#include "figure/pixels.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <hourglass/core/error.hpp>
#include <hourglass/figure/panels.hpp>

using namespace hourglass;
using namespace hourglass::figure;

namespace {

const Series kLine{"", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 1, 2, 1, 2, 1, 2, 1, 2}};

}  // namespace

TEST_SUITE("figure/panels") {
  TEST_CASE("each panel adds its height, and lines have their colours") {
    const Tensor one = panels({{"value", {kLine}}});
    const Tensor two = panels({{"value", {kLine}}, {"score", {kLine}}});
    CHECK(one.shape()[1] == 1800);
    CHECK(two.shape()[0] == one.shape()[0] + 2 * (150 + 26));
    CHECK(count_near(two, category_color(0)) > 1.8 * count_near(one, category_color(0)));
    CHECK(panels({}).size() > 0);
  }

  TEST_CASE("stretches are shaded in every panel, and single steps are seen") {
    const Color shade = mix(kWhite, category_color(1), 0.22f);
    CHECK(count_near(panels({{"", {kLine}}}), shade) == 0);
    const int narrow = count_near(panels({{"", {kLine}}}, {{3, 3}}), shade);
    const int wide = count_near(panels({{"", {kLine}}}, {{3, 5}}), shade);
    CHECK(narrow > 1000);
    CHECK(wide > 2.5 * narrow);
    CHECK(wide < 3.5 * narrow);
    CHECK(count_near(panels({{"", {kLine}}, {"", {kLine}}}, {{3, 3}}), shade) > 1.9 * narrow);
    Series many{"", {}, {}};
    for (int i = 0; i < 100'000; ++i) {
      many.x.push_back(i);
      many.y.push_back(i % 2);
    }
    const Tensor plain = panels({{"", {many}}}),
                 marked = panels({{"", {many}}}, {{50'000, 50'000}});
    CHECK_FALSE(same_picture(plain, marked));
  }

  TEST_CASE("a level is a line across, and values of many decades may be logarithmic") {
    const Tensor plain = panels({{"", {kLine}}}), level = panels({{"", {kLine}, 1.5}});
    CHECK(count_near(level, kInk) > count_near(plain, kInk) + 300);
    const Series steep{"", {0, 1, 2}, {1, 1000, 1e6}};
    Panel panel{"", {steep}};
    const Tensor linear = panels({panel});
    panel.may_be_logarithmic = true;
    CHECK_FALSE(same_picture(linear, panels({panel})));
  }

  TEST_CASE("a panel's series whose x and y differ in length is refused by name") {
    CHECK_THROWS_WITH_AS(panels({{"", {{"loss", {1, 2}, {1}}}}}),
                         "[panels] series \"loss\" has 2 x values and 1 y values", ShapeError);
  }
}
