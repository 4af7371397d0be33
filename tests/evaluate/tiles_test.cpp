#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/tiles.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

namespace hourglass {

namespace {

std::vector<float> counted(std::int64_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

std::vector<float> cut(Tiles& tiles, const std::vector<float>& image) {
  tiles.show(image);
  std::vector<std::uint32_t> all(tiles.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> out(tiles.size() * tiles.sample_shape().size());
  tiles.read(all, out.data());
  return out;
}

}  // namespace

TEST_SUITE("evaluate/tiles") {
  TEST_CASE("tiles lie evenly from edge to edge, and overlap by half") {
    Tiles tiles({3, 7}, {3, 4});
    CHECK(tiles.rows() == 1);
    CHECK(tiles.columns() == 3);
    const auto got = cut(tiles, counted(21));
    CHECK(std::vector(got.begin(), got.begin() + 4) == std::vector<float>{0, 1, 2, 3});
    CHECK(std::vector(got.begin() + 12, got.begin() + 20) ==
          std::vector<float>{1, 2, 3, 4, 8, 9, 10, 11});
    CHECK(std::vector(got.end() - 4, got.end()) == std::vector<float>{17, 18, 19, 20});
  }

  TEST_CASE("tiles that did not change give the image again") {
    for (const Shape& image : {Shape{8, 8}, Shape{9, 23}, Shape{3, 17, 8}, Shape{1, 31, 30},
                               Shape{5, 21}, Shape{3, 2, 1}, Shape{2, 9, 7}}) {
      const Shape tile = image.rank() == 2 ? Shape{8, 8} : Shape{image[0], 8, 8};
      Tiles tiles(image, tile);
      const auto before = counted(image.size());
      std::vector<float> after(before.size());
      tiles.blend(cut(tiles, before), after);
      for (std::size_t i = 0; i < before.size(); ++i) {
        CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("one tile passes into the next by weight") {
    Tiles tiles({1, 6}, {1, 4});
    REQUIRE(tiles.size() == 2);
    std::vector<float> image(6);
    tiles.blend(std::vector<float>{0, 0, 0, 0, 1, 1, 1, 1}, image);
    // Weights 1 2 2 1 of either: the middle has 2 and 1, then 1 and 2.
    const std::vector<float> expected{0, 0, 1.0f / 3, 2.0f / 3, 1, 1};
    for (int i = 0; i < 6; ++i) CHECK(image[i] == doctest::Approx(expected[i]));
  }

  TEST_CASE("an image smaller than a tile goes on beyond its edges as in a mirror") {
    Tiles narrow({2, 2}, {2, 7});
    CHECK(narrow.size() == 1);
    CHECK(cut(narrow, {1, 2, 3, 4}) ==
          std::vector<float>{2, 1, 1, 2, 2, 1, 1, 4, 3, 3, 4, 4, 3, 3});
    Tiles low({1, 3}, {2, 2});
    CHECK(low.columns() == 2);
    CHECK(cut(low, {1, 2, 3}) == std::vector<float>{1, 2, 1, 2, 2, 3, 2, 3});
  }

  TEST_CASE("images that cannot be cut are refused with both sizes") {
    CHECK_THROWS_WITH_AS(Tiles({1, 8, 8}, {3, 8, 8}), doctest::Contains("cannot be cut"),
                         DataError);
    CHECK_THROWS_AS(Tiles({64}, {8, 8}), DataError);
  }
}

}  // namespace hourglass
