#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/sprites.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

using namespace hourglass;

namespace {

constexpr std::int64_t kSpritePixels = sprites::kSide * sprites::kSide;

std::vector<std::uint8_t> drawn(const sprites::Classes& classes) {
  std::vector<std::uint8_t> pixels(kSpritePixels, 7);
  sprites::draw(classes, pixels);
  return pixels;
}

std::vector<std::uint8_t> sprite(const LazySamples& images, std::uint32_t row) {
  std::vector<std::uint8_t> pixels(kSpritePixels);
  images.read({&row, 1}, reinterpret_cast<std::byte*>(pixels.data()));
  return pixels;
}

struct Ink {
  double area = 0, x = 0, y = 0;  // the middle in pixels
};
Ink ink_of(const std::vector<std::uint8_t>& pixels) {
  Ink ink;
  for (std::int64_t i = 0; i < kSpritePixels; ++i) {
    ink.area += pixels[i];
    ink.x += (static_cast<double>(i % 64) + 0.5) * pixels[i];
    ink.y += (static_cast<double>(i / 64) + 0.5) * pixels[i];
  }
  ink.x /= ink.area;
  ink.y /= ink.area;
  return ink;
}

}  // namespace

TEST_SUITE("data/sprites") {
  TEST_CASE("a step of x or y moves a sprite by one pixel, around the middle of the image") {
    for (int shape = 0; shape < 3; ++shape) {
      const Ink first = ink_of(drawn({shape, 5, 7, 0, 0}));
      const Ink last = ink_of(drawn({shape, 5, 7, 31, 31}));
      const Ink right = ink_of(drawn({shape, 5, 7, 1, 0}));
      CHECK(first.x == doctest::Approx(16.5).epsilon(0.02));
      CHECK(first.y == doctest::Approx(16.5).epsilon(0.02));
      CHECK(right.x == doctest::Approx(first.x + 1));
      CHECK(right.y == doctest::Approx(first.y));
      CHECK(last.x == doctest::Approx(first.x + 31));
      CHECK(last.y == doctest::Approx(first.y + 31));
    }
  }

  TEST_CASE("pixels are 0 or 1, and none is lost at the image's edge") {
    for (const int shape : {0, 1, 2}) {
      for (int turn = 0; turn < 40; ++turn) {
        std::vector<std::uint8_t> middle = drawn({shape, 5, turn, 16, 16});
        CHECK(std::ranges::all_of(middle, [](int value) { return value == 0 || value == 1; }));
        for (const int x : {0, 31}) {
          for (const int y : {0, 31}) {
            CHECK(ink_of(drawn({shape, 5, turn, x, y})).area == ink_of(middle).area);
          }
        }
      }
    }
  }

  TEST_CASE("the shapes have about the same area, which grows with the square of the scale") {
    for (int shape = 0; shape < 3; ++shape) {
      for (int scale = 0; scale < 6; ++scale) {
        const double side = static_cast<double>(sprites::value_of(1, scale));
        const double area = ink_of(drawn({shape, scale, 3, 0, 0})).area;
        CHECK(area == doctest::Approx(332 * side * side).epsilon(0.08));
      }
    }
    CHECK(sprites::value_of(1, 0) == 0.5f);
    CHECK(sprites::value_of(1, 5) == 1);
  }

  TEST_CASE("a quarter turn turns the image") {
    for (int shape = 0; shape < 3; ++shape) {
      const auto before = drawn({shape, 5, 0, 15, 15}), after = drawn({shape, 5, 10, 15, 15});
      int differing = 0;
      // Anticlockwise about the pixel (31, 31).
      for (int y = 1; y < 62; ++y) {
        for (int x = 1; x < 62; ++x) {
          differing += before[y * 64 + x] != after[(62 - x) * 64 + y] ? 1 : 0;
        }
      }
      CHECK(differing == 0);
    }
  }

  TEST_CASE("the heart has two lobes above and a corner below") {
    const auto heart = drawn({2, 5, 0, 15, 15});
    const auto width = [&](int row) {
      return std::accumulate(heart.begin() + row * 64, heart.begin() + row * 64 + 64, 0);
    };
    int first = 0, last = 63;
    while (width(first) == 0) ++first;
    while (width(last) == 0) --last;
    CHECK(heart[first * 64 + 31] == 0);  // between the lobes
    CHECK(width(last) <= 2);
    CHECK(heart[last * 64 + 31] == 1);
    CHECK(width((first + last) / 2) > 12);
  }

  TEST_CASE("the masks are the same on every machine") {
    uLong sum = crc32(0, nullptr, 0);
    for (int shape = 0; shape < 3; ++shape) {
      for (int scale = 0; scale < 6; ++scale) {
        for (int turn = 0; turn < 40; ++turn) {
          const auto pixels = drawn({shape, scale, turn, 4, 9});
          sum = crc32_z(sum, pixels.data(), pixels.size());
        }
      }
    }
    CHECK(sum == 1071633478);
  }

  TEST_CASE("the whole grid has every combination once, the last factor fastest") {
    const sprites::SpriteSet set = sprites::make_set({});
    REQUIRE(set.images->shape() == Shape{737280, 64, 64});
    CHECK(set.images->dtype() == DType::U8);
    const auto classes = set.labels.factor_classes.values<std::int32_t>();
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < 737280; ++i) {
      const std::int32_t* row = classes.data() + 5 * i;
      wrong += (((row[0] * 6 + row[1]) * 40 + row[2]) * 32 + row[3]) * 32 + row[4] != i ? 1 : 0;
      wrong += set.labels.classes.values<std::int64_t>()[i] != row[0] ? 1 : 0;
    }
    CHECK(wrong == 0);
    const std::uint32_t row = ((2 * 6 + 3) * 40 + 11) * 1024 + 5 * 32 + 30;
    CHECK(sprite(*set.images, row) == drawn({2, 3, 11, 5, 30}));
    const float* factors = set.labels.factors.floats().data() + 5 * row;
    CHECK(factors[0] == 3);
    CHECK(factors[1] == 0.8f);
    CHECK(factors[2] == doctest::Approx(2 * 3.14159265 * 11 / 40));
    CHECK(factors[3] == doctest::Approx(5.0 / 31));
    CHECK(factors[4] == doctest::Approx(30.0 / 31));
    CHECK(set.labels.class_names == std::vector<std::string>{"square", "ellipse", "heart"});
  }

  TEST_CASE("a smaller grid has the ends of each range, and orientations all around") {
    sprites::Options options;
    options.shapes = {"heart", "square"};
    options.scales = 2;
    options.orientations = 4;
    options.x = 3;
    options.y = 1;
    const sprites::SpriteSet set = sprites::make_set(options);
    REQUIRE(set.images->size() == 2 * 2 * 4 * 3);
    std::map<int, std::set<float>> values;
    for (std::int64_t i = 0; i < set.images->size() * 5; ++i) {
      values[static_cast<int>(i % 5)].insert(set.labels.factors.floats()[i]);
    }
    CHECK(values[0] == std::set<float>{1, 3});
    CHECK(values[1] == std::set<float>{0.5f, 1});
    CHECK(values[2].size() == 4);
    CHECK(*values[2].rbegin() == doctest::Approx(1.5 * 3.14159265));
    CHECK(values[3] == std::set<float>{0, sprites::value_of(3, 16), 1});
    CHECK(values[4] == std::set<float>{sprites::value_of(4, 16)});
    CHECK(set.labels.class_names == std::vector<std::string>{"heart", "square"});
    CHECK(set.labels.classes.values<std::int64_t>()[0] == 0);
    CHECK(set.labels.factors.floats()[0] == 3);
    CHECK(sprite(*set.images, 1) == drawn({2, 0, 0, 16, 16}));
  }

  TEST_CASE("a random choice is in the grid's order, without repetition, and as the seed says") {
    sprites::Options options;
    options.count = 1000;
    const sprites::SpriteSet set = sprites::make_set(options);
    REQUIRE(set.images->size() == 1000);
    const auto classes = set.labels.factor_classes.values<std::int32_t>();
    std::set<std::int64_t> places;
    for (std::size_t i = 0; i < 1000; ++i) {
      std::int64_t place = 0;
      for (std::size_t k = 0; k < 5; ++k) place = place * sprites::kSizes[k] + classes[5 * i + k];
      if (!places.empty()) CHECK(place > *places.rbegin());
      places.insert(place);
    }
    CHECK(places.size() == 1000);
    CHECK(sprites::make_set(options).images->checksum() == set.images->checksum());
    options.seed = 2;
    CHECK(sprites::make_set(options).images->checksum() != set.images->checksum());
    options.count = 737281;
    CHECK_THROWS_WITH_AS(sprites::make_set(options),
                         "sprites.count asks for 737281 images, but the grid has 737280",
                         OptionError);
  }

  TEST_CASE("a small sprite is every second pixel of every second row of a large one") {
    for (const sprites::Classes& classes : {sprites::Classes{0, 5, 3, 0, 0},
                                            {1, 0, 7, 31, 4},
                                            {2, 3, 11, 6, 31},
                                            {2, 5, 39, 17, 16}}) {
      const auto large = drawn(classes);
      std::vector<std::uint8_t> small(32 * 32, 7);
      sprites::draw(classes, small);
      int differing = 0;
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          differing += small[y * 32 + x] != large[2 * y * 64 + 2 * x] ? 1 : 0;
        }
      }
      CHECK(differing == 0);
      CHECK(std::ranges::count(small, 1) > 15);
    }
    sprites::Options options;
    options.count = 100;
    const auto large = sprites::make_set(options);
    options.side = 32;
    const auto small = sprites::make_set(options);
    CHECK(small.images->shape() == Shape{100, 32, 32});
    CHECK(small.images->checksum() != large.images->checksum());
    CHECK(std::ranges::equal(small.labels.factors.floats(), large.labels.factors.floats()));
    std::vector<std::uint8_t> pixels(2 * 32 * 32), second(32 * 32);
    const std::uint32_t rows[] = {7, 99};
    small.images->read(rows, reinterpret_cast<std::byte*>(pixels.data()));
    small.images->read({rows + 1, 1}, reinterpret_cast<std::byte*>(second.data()));
    CHECK(std::equal(second.begin(), second.end(), pixels.begin() + 32 * 32));
  }

  TEST_CASE("options that are no grid are refused") {
    const auto fault = [](const std::string& yaml) {
      config::Problems problems;
      schema_of<sprites::Options>().read(config::parse_text(yaml, "a", problems), problems);
      return problems.empty() ? std::string() : problems.to_text();
    };
    CHECK(fault("{shapes: [heart], x: 3}").empty());
    CHECK(fault("{shapes: []}").find("needs at least one of its shapes") != std::string::npos);
    CHECK(fault("{shapes: [heart, heart]}").find("names heart twice") != std::string::npos);
    CHECK(fault("{shapes: [circle]}").find("circle") != std::string::npos);
    CHECK(fault("{side: 48}").find("has a side of 64 or 32 pixels, not of 48") !=
          std::string::npos);
    CHECK(fault("{x: 33}").find("x must be <= 32") != std::string::npos);
  }

  TEST_CASE("sprites are a data set by name, split by fractions, and held nowhere") {
    const ScratchFolder folder;
    folder.put("sprites.yaml",
               "name: sprites\ntitle: t\nformat: sprites\nshape: [64, 64]\nscaling: unit\n"
               "sprites: {orientations: 8, x: 8, y: 8}\n");
    DataOptions options;
    options.validation = 0.1;
    const DataPlaces places{"", {folder.path()}};
    const DataSet set = load_data_set("sprites", options, places);
    CHECK(set.sample_shape == Shape{64, 64});
    CHECK(set.train().size() + set.find("test")->size() + set.find("validation")->size() ==
          3 * 6 * 8 * 8 * 8);
    CHECK(set.scaling->kind() == Scaling::Unit);
    CHECK(set.scaling->keeps_values());
    CHECK(set.scaling->range().least == 0);
    CHECK(set.scaling->range().greatest == 1);
    CHECK(set.classes == 3);
    CHECK(set.has_images());
    CHECK(set.train().in_memory());
    const Source& test = *set.find("test");
    const std::uint32_t chosen[] = {5, 0};
    std::vector<float> values(2 * kSpritePixels);
    test.read(chosen, values.data());
    const float* factors = test.labels().factors.floats().data() + 25;
    const auto class_of = [](float value, int most) {
      return static_cast<int>(std::lround(value * static_cast<float>(most)));
    };
    const auto expected = drawn({static_cast<int>(factors[0]) - 1, class_of(factors[1], 10) - 5,
                                 static_cast<int>(std::lround(factors[2] / (2 * 3.14159265) * 40)),
                                 class_of(factors[3], 31), class_of(factors[4], 31)});
    CHECK(std::ranges::equal(std::span(values).first(kSpritePixels), expected,
                             [](float a, int b) { return a == static_cast<float>(b); }));
    options.read.sprites = sprites::Options{.count = 100};
    CHECK(load_data_set("sprites", options, places).train().size() == 72);
    options.read.sprites->side = 32;
    const DataSet small = load_data_set("sprites", options, places);
    CHECK(small.sample_shape == Shape{32, 32});
    CHECK(small.scaling->keeps_values());
  }
}
