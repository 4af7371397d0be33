#include "figure/pixels.hpp"

#include <doctest/doctest.h>
#include <clocale>
#include <cmath>
#include <hourglass/core/error.hpp>
#include <hourglass/figure/line_chart.hpp>
#include <optional>

using namespace hourglass;
using namespace hourglass::figure;

namespace {

// The height at which the first pixel of a colour stands in each column; -1 where there is none.
int top_of(const Tensor& picture, const Color& color, std::int64_t column) {
  for (std::int64_t y = 0; y < picture.shape()[0]; ++y) {
    if (is_near(pixel(picture, y, column), color)) return static_cast<int>(y);
  }
  return -1;
}

}  // namespace

TEST_SUITE("figure/line_chart") {
  TEST_CASE("a falling line falls, and a second one has the second colour") {
    const Tensor picture = line_chart({{"a", {0, 1}, {1, 0}}, {"b", {0, 1}, {0.5, 0.5}}});
    CHECK(picture.shape() == Shape{840, 1440, 3});
    const int early = top_of(picture, category_color(0), 300);
    const int late = top_of(picture, category_color(0), 900);
    REQUIRE(early >= 0);
    CHECK(late > early + 100);
    CHECK(top_of(picture, category_color(1), 300) > 0);
  }

  TEST_CASE("equal input gives equal bytes, in any locale") {
    const std::vector<Series> series = {{"a", {1, 2, 3}, {0.5, 0.25, 0.2}}};
    const Tensor before = line_chart(series, {.title = "t", .x_label = "x", .y_label = "y"});
    const std::string old = std::setlocale(LC_ALL, nullptr);
    for (const char* name : {"de_DE.UTF-8", "C.UTF-8", "fr_FR.UTF-8"}) std::setlocale(LC_ALL, name);
    const Tensor after = line_chart(series, {.title = "t", .x_label = "x", .y_label = "y"});
    std::setlocale(LC_ALL, old.c_str());
    CHECK(same_picture(before, after));
  }

  TEST_CASE("points that are not finite leave a gap") {
    const std::vector<double> x = {0, 1, 2, 3, 4, 5};
    const Tensor whole = line_chart({{"", x, {1, 1, 1, 1, 1, 1}}});
    const Tensor gap = line_chart({{"", x, {1, 1, NAN, INFINITY, 1, 1}}});
    const int full = count_near(whole, category_color(0));
    const int part = count_near(gap, category_color(0));
    CHECK(part > full / 3);
    CHECK(part < full * 2 / 3);
  }

  TEST_CASE("a range of more than two decades becomes logarithmic, unless zero is in it") {
    const auto middle = [](double low, std::optional<bool> logarithmic) {
      const Tensor picture =
          line_chart({{"", {0, 1, 2}, {1000, 31.6, low}}}, {.logarithmic = logarithmic});
      return top_of(picture, category_color(0), picture.shape()[1] / 2);
    };
    CHECK(middle(1, std::nullopt) == middle(1, true));
    CHECK(middle(1, std::nullopt) < middle(1, false) - 100);
    CHECK(middle(0, std::nullopt) == middle(0, false));
  }

  TEST_CASE("no series, no points, one point and very many points make a picture") {
    CHECK(line_chart({}).size() > 0);
    CHECK(line_chart({{"empty", {}, {}}}).size() > 0);
    CHECK(count_near(line_chart({{"one", {1}, {2}}}), category_color(0)) > 20);
    Series many{"many", {}, {}};
    for (int i = 0; i < 200'000; ++i) {
      many.x.push_back(i);
      many.y.push_back(i % 2);
    }
    CHECK(line_chart({many}).size() > 0);
    CHECK(line_chart(std::vector<Series>(60, {"s", {0, 1}, {0, 1}})).shape()[0] > 2000);
  }

  TEST_CASE("a series whose x and y differ in length is refused by name") {
    CHECK_THROWS_WITH_AS(line_chart({{"loss", {1, 2}, {1}}}),
                         "[line chart] series \"loss\" has 2 x values and 1 y values", ShapeError);
  }
}
