#include <hourglass/data/glyphs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace hourglass;

namespace {

constexpr std::int64_t kGlyphPixels = glyphs::kSide * glyphs::kSide;

std::vector<std::uint8_t> glyph(std::uint64_t seed, std::string_view split, std::int64_t index) {
  std::vector<std::uint8_t> pixels(kGlyphPixels);
  glyphs::draw(seed, split, index, pixels);
  return pixels;
}

}  // namespace

TEST_SUITE("data/glyphs") {
  TEST_CASE("an image is a pure function of seed, split and index") {
    const auto set = glyphs::draw_all(3, "train", 300);
    for (const std::int64_t index : {0, 77, 299}) {
      const auto pixels =
          set.images.values<std::uint8_t>().subspan(index * kGlyphPixels, kGlyphPixels);
      CHECK(std::ranges::equal(pixels, glyph(3, "train", index)));
    }
    CHECK(glyph(3, "train", 5) != glyph(4, "train", 5));
    CHECK(glyph(3, "train", 5) != glyph(3, "test", 5));
    CHECK(glyph(3, "train", 5) != glyph(3, "train", 6));
  }

  TEST_CASE("images are dark with ink in the middle, and their edge is mostly free") {
    const auto set = glyphs::draw_all(1, "test", 500);
    CHECK(set.images.shape() == Shape{500, 28, 28});
    double edge = 0;
    for (std::int64_t i = 0; i < 500; ++i) {
      const auto pixels = set.images.values<std::uint8_t>().subspan(i * kGlyphPixels, kGlyphPixels);
      const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / 255 / kGlyphPixels;
      CHECK(mean > 0.02);
      CHECK(mean < 0.35);
      CHECK(*std::ranges::max_element(pixels) == 255);
      for (int k = 0; k < 28; ++k) edge += pixels[k] + pixels[27 * 28 + k];
    }
    CHECK(edge / 255 / (500 * 56) < 0.01);
  }

  TEST_CASE("every digit comes about equally often, with its factors in their ranges") {
    const auto set = glyphs::draw_all(1, "train", 2000);
    std::vector<int> counts(10);
    for (const std::int64_t digit : set.labels.classes.values<std::int64_t>()) ++counts.at(digit);
    CHECK(*std::ranges::min_element(counts) > 150);
    CHECK(*std::ranges::max_element(counts) < 250);
    REQUIRE(set.labels.factors.shape() == Shape{2000, 6});
    CHECK(set.labels.factor_names[1] == "thickness");
    const float low[] = {-0.25f, 1.4f, 0.78f, -2, -2, -0.12f};
    const float high[] = {0.55f, 3.6f, 1.12f, 2, 2, 0.12f};
    for (std::int64_t i = 0; i < 12000; ++i) {
      CHECK(set.labels.factors.floats()[i] >= low[i % 6]);
      CHECK(set.labels.factors.floats()[i] <= high[i % 6]);
    }
  }

  TEST_CASE("the factors are what the images show") {
    // Ink grows with the pen, and its centre follows the shift.
    const auto set = glyphs::draw_all(2, "train", 2000);
    double thick = 0, thin = 0, right = 0, left = 0;
    int thicks = 0, thins = 0, rights = 0, lefts = 0;
    for (std::int64_t i = 0; i < 2000; ++i) {
      const auto pixels = set.images.values<std::uint8_t>().subspan(i * kGlyphPixels, kGlyphPixels);
      double ink = 0, x = 0;
      for (std::int64_t k = 0; k < kGlyphPixels; ++k) {
        ink += pixels[k];
        x += static_cast<double>(pixels[k]) * static_cast<double>(k % 28);
      }
      const float* f = set.labels.factors.floats().data() + 6 * i;
      (f[1] > 2.5f ? thick : thin) += ink;
      ++(f[1] > 2.5f ? thicks : thins);
      (f[3] > 0 ? right : left) += x / ink;
      ++(f[3] > 0 ? rights : lefts);
    }
    CHECK(thick / thicks > 1.2 * (thin / thins));
    CHECK(right / rights > left / lefts + 0.8);
  }
}
