#include "figure/pixels.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <hourglass/core/error.hpp>
#include <hourglass/figure/scatter.hpp>

using namespace hourglass;
using namespace hourglass::figure;

namespace {

using Classes = std::vector<std::int64_t>;

Tensor points(std::initializer_list<float> values) {
  Tensor result({static_cast<std::int64_t>(values.size() / 2), 2});
  std::copy(values.begin(), values.end(), result.floats().begin());
  return result;
}

}  // namespace

TEST_SUITE("figure/scatter") {
  TEST_CASE("each class has its colour, in the picture and in the legend") {
    const Tensor all = points({0, 0, 1, 1, 0, 1});
    const Tensor picture = scatter(all, Classes{0, 1, 2});
    // The legend's discs are opaque, the points nearly so.
    for (int i = 0; i < 3; ++i) CHECK(count_near(picture, category_color(i)) > 40);
    CHECK(count_near(picture, category_color(3)) == 0);
    CHECK(scatter(all, Classes{}).shape()[1] < picture.shape()[1]);
  }

  TEST_CASE("classes without end have a short legend") {
    Tensor many({100, 2});
    Classes classes(100);
    for (std::size_t i = 0; i < 100; ++i) classes[i] = static_cast<std::int64_t>(i) - 1;
    classes[99] = INT64_MAX;
    CHECK(scatter(many, classes, {"zero"}).shape()[0] < 1600);
  }

  TEST_CASE("points and values that are not finite do no harm") {
    const Tensor all = points({0, 0, NAN, 1, INFINITY, 1, 1, 1});
    CHECK(same_picture(scatter(all, Classes{0, 0, 0, 0}), scatter(all, Classes{0, 0, 0, 0})));
    CHECK(scatter(points({NAN, NAN}), Classes{0}).size() > 0);
    CHECK(scatter(Tensor({0, 2}), Classes{}).size() > 0);
    const std::vector<double> values = {0, NAN, 1, 2};
    CHECK(scatter(all, values, "value").size() > 0);
    CHECK(scatter(points({-3e38f, 0, 3e38f, 1}), Classes{0, 1}).size() > 0);
  }

  TEST_CASE("a colour bar shows both ends of its colours") {
    const std::vector<double> values = {0, 1};
    const Tensor picture = scatter(points({0, 0, 1, 1}), values, "value");
    CHECK(count_near(picture, sequential_color(0), 4) > 20);
    CHECK(count_near(picture, sequential_color(1), 4) > 20);
  }

  TEST_CASE("shapes and counts that do not fit are refused") {
    CHECK_THROWS_WITH_AS(scatter(Tensor({4, 3}), Classes{}),
                         "[scatter] points must be f32 [count, 2], got f32 [4, 3]", ShapeError);
    CHECK_THROWS_WITH_AS(scatter(Tensor({4, 2}), Classes{1}),
                         "[scatter] there are 4 points and 1 classes", ShapeError);
    const std::vector<double> values = {1, 2};
    CHECK_THROWS_WITH_AS(scatter(Tensor({4, 2}), values, ""),
                         "[scatter] there are 4 points and 2 values", ShapeError);
    CHECK_THROWS_AS(scatter(Tensor(Shape{}), Classes{}), ShapeError);
  }
}
