#include <hourglass/core/error.hpp>
#include <hourglass/core/shape.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <ranges>
#include <vector>

namespace hourglass {

TEST_SUITE("core/shape") {
  TEST_CASE("a shape knows its rank, extents, size and text") {
    const Shape shape{32, 3, 28};
    CHECK(shape.rank() == 3);
    CHECK(shape[1] == 3);
    CHECK(shape.back() == 28);
    CHECK(shape.size() == 2688);
    CHECK(shape.to_text() == "[32, 3, 28]");
    CHECK(std::vector<std::int64_t>(shape.begin(), shape.end()) ==
          std::vector<std::int64_t>{32, 3, 28});
  }

  TEST_CASE("as a range a shape has as many elements as axes") {
    const Shape shape{32, 3, 28};
    CHECK(std::ranges::size(shape) == 3);
    CHECK(std::ranges::distance(shape) == 3);
    CHECK(std::ranges::equal(shape, std::vector<std::int64_t>{32, 3, 28}));
    CHECK_FALSE(std::ranges::equal(shape, std::vector<std::int64_t>{32, 3}));
    CHECK(std::ranges::size(Shape()) == 0);
  }

  TEST_CASE("no axes is a scalar of one element, an extent of zero is nothing") {
    CHECK(Shape().rank() == 0);
    CHECK(Shape().size() == 1);
    CHECK(Shape().to_text() == "[]");
    CHECK(Shape{4, 0, 7}.size() == 0);
  }

  TEST_CASE("what is no shape is refused") {
    CHECK_THROWS_WITH_AS((Shape{2, -1}), "an extent must be at least 0, got -1", ShapeError);
    CHECK_THROWS_WITH_AS((Shape{1, 2, 3, 4, 5, 6, 7, 8, 9}), "a tensor has at most 8 axes, got 9",
                         ShapeError);
    CHECK_THROWS_WITH_AS((Shape{1, 2, 3, 4, 5, 6, 7, 8}.appended(9)), "a tensor has at most 8 axes",
                         ShapeError);
  }

  TEST_CASE("a size that 64 bits do not hold is refused, unless an extent is zero") {
    constexpr std::int64_t kHuge = std::int64_t{1} << 40;
    CHECK_THROWS_WITH_AS(
        (Shape{kHuge, kHuge}.size()),
        "a tensor of shape [1099511627776, 1099511627776] has more elements than can be counted",
        ShapeError);
    CHECK((Shape{kHuge, kHuge, 0}.size()) == 0);
    CHECK((Shape{kHuge, 4}.size()) == 4 * kHuge);
  }

  TEST_CASE("axes count from the end when negative") {
    const Shape shape{2, 3, 4};
    CHECK(shape.axis(0, "sum") == 0);
    CHECK(shape.axis(-1, "sum") == 2);
    CHECK(shape.axis(-3, "sum") == 0);
    CHECK_THROWS_WITH_AS(shape.axis(3, "sum"),
                         "[sum] axis 3 is outside a tensor of shape [2, 3, 4]", ShapeError);
    CHECK_THROWS_WITH_AS(shape.axis(-4, "sum"),
                         "[sum] axis -4 is outside a tensor of shape [2, 3, 4]", ShapeError);
  }

  TEST_CASE("an axis is replaced, removed or appended in a new shape") {
    const Shape shape{2, 3, 4};
    CHECK(shape.with(1, 7) == Shape{2, 7, 4});
    CHECK(shape.without(0) == Shape{3, 4});
    CHECK(shape.without(2) == Shape{2, 3});
    CHECK(shape.appended(5) == Shape{2, 3, 4, 5});
    CHECK(shape == Shape{2, 3, 4});
  }

  TEST_CASE("shapes are equal when rank and extents are") {
    CHECK(Shape{2, 3} != Shape{2, 3, 1});
    CHECK(Shape{2, 3} != Shape{3, 2});
    CHECK(Shape{4, 5}.without(0) == Shape{5});
  }

  TEST_CASE("broadcasting aligns axes at the end and stretches an extent of one") {
    CHECK(broadcast({2, 3}, {2, 3}, "add") == Shape{2, 3});
    CHECK(broadcast({5, 1, 3}, {4, 1}, "add") == Shape{5, 4, 3});
    CHECK(broadcast({4, 1}, {5, 1, 3}, "add") == Shape{5, 4, 3});
    CHECK(broadcast({}, {2, 3}, "add") == Shape{2, 3});
    CHECK(broadcast({}, {}, "add") == Shape{});
    CHECK(broadcast({1}, {0}, "add") == Shape{0});
    CHECK(broadcast({0, 3}, {1, 1}, "add") == Shape{0, 3});
  }

  TEST_CASE("shapes that do not broadcast are named with the operation") {
    CHECK_THROWS_WITH_AS(broadcast({2, 3}, {2, 4}, "add"),
                         "[add] shapes do not broadcast: got a [2, 3] and b [2, 4]", ShapeError);
    CHECK_THROWS_WITH_AS(broadcast({0}, {2}, "multiply"),
                         "[multiply] shapes do not broadcast: got a [0] and b [2]", ShapeError);
  }
}

}  // namespace hourglass
