#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/sprites.hpp>

#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

namespace hourglass::sprites {
namespace {

// A step of x or y is one pixel, so a shape of some scale and orientation needs to be drawn once:
// its mask is copied to where it belongs.
constexpr int kReach = 15;  // pixels from the middle one that a shape may touch
constexpr int kBox = 2 * kReach + 1;
constexpr int kFirst = 1;  // column and row of the box at x = y = 0
static_assert(kFirst + kSizes[3] - 1 + kBox <= kSide);

constexpr int kMaskCount = kSizes[0] * kSizes[1] * kSizes[2];
using Mask = std::array<std::uint8_t, kBox * kBox>;

// At scale 1, in pixels. No edge passes through a pixel's middle in any orientation, so that the
// last bit of a sine decides nothing.
constexpr double kHalfSquare = 9.1;
constexpr double kEllipse[] = {14.05, 7.54};
constexpr double kHalfHeart = 6.82;

bool in_square(double u, double v) { return std::max(std::abs(u), std::abs(v)) < kHalfSquare; }

bool in_ellipse(double u, double v) {
  const double a = u / kEllipse[0], b = v / kEllipse[1];
  return a * a + b * b < 1;
}

// A square that stands on its corner, with half a disc on each of the upper sides.
bool in_heart(double u, double v) {
  constexpr double h = kHalfHeart;
  // Of the whole along the square's axes: (pi / 2 + 2 / 3) / (4 + pi) of h.
  constexpr double kCentre = 0.31330;
  const double p = (u + v) / std::numbers::sqrt2 + kCentre * h;
  const double q = (v - u) / std::numbers::sqrt2 + kCentre * h;
  const auto in_disc = [](double a, double b) { return a * a + b * b < h * h; };
  return std::max(std::abs(p), std::abs(q)) < h || in_disc(p - h, q) || in_disc(p, q - h);
}

bool inside(int shape, double u, double v) {
  switch (shape) {
    case 0: return in_square(u, v);
    case 1: return in_ellipse(u, v);
    default: return in_heart(u, v);
  }
}

int mask_number(const Classes& classes) {
  return (classes[0] * kSizes[1] + classes[1]) * kSizes[2] + classes[2];
}

void draw_mask(const Classes& classes, Mask& mask) {
  const double scale = static_cast<double>(value_of(1, classes[1]));
  const double angle = 2 * std::numbers::pi * classes[2] / kSizes[2];
  const double cosine = std::cos(angle) / scale, sine = std::sin(angle) / scale;
  for (int row = 0; row < kBox; ++row) {
    for (int column = 0; column < kBox; ++column) {
      const double right = column - kReach, up = kReach - row;
      const double u = cosine * right + sine * up;
      const double v = cosine * up - sine * right;
      mask[row * kBox + column] = inside(classes[0], u, v) ? 1 : 0;
    }
  }
}

std::vector<Mask> draw_masks() {
  std::vector<Mask> masks(kMaskCount);
  for (int shape = 0; shape < kSizes[0]; ++shape) {
    for (int scale = 0; scale < kSizes[1]; ++scale) {
      for (int turn = 0; turn < kSizes[2]; ++turn) {
        const Classes classes = {shape, scale, turn, 0, 0};
        draw_mask(classes, masks[mask_number(classes)]);
      }
    }
  }
  return masks;
}

/// A range of a factor's values: `count` of `all`, spread evenly. Orientations have no end, other
/// ranges include theirs.
std::vector<int> spread(int count, int all, bool circular) {
  std::vector<int> values(count);
  for (int i = 0; i < count; ++i) {
    if (circular) {
      values[i] = i * all / count;
    } else {
      values[i] = count == 1 ? all / 2 : (i * (all - 1) + (count - 1) / 2) / (count - 1);
    }
  }
  return values;
}

/// The grid of the values that are wanted.
class Grid {
 public:
  explicit Grid(const Options& options) {
    for (const std::string& name : options.shapes) {
      const auto at = std::ranges::find(kShapes, name);
      values_[0].push_back(static_cast<int>(at - kShapes.begin()));
    }
    values_[1] = spread(options.scales, kSizes[1], false);
    values_[2] = spread(options.orientations, kSizes[2], true);
    values_[3] = spread(options.x, kSizes[3], false);
    values_[4] = spread(options.y, kSizes[4], false);
  }

  std::int64_t size() const {
    std::int64_t size = 1;
    for (const auto& values : values_) size *= std::ssize(values);
    return size;
  }
  /// Within this grid.
  Classes classes_of(std::int64_t place) const {
    Classes classes;
    for (std::size_t factor = kFactors; factor-- > 0;) {
      classes[factor] = static_cast<int>(place % std::ssize(values_[factor]));
      place /= std::ssize(values_[factor]);
    }
    return classes;
  }
  /// Within the whole one.
  Classes whole(Classes classes) const {
    for (std::size_t factor = 0; factor < kFactors; ++factor) {
      classes[factor] = values_[factor][classes[factor]];
    }
    return classes;
  }

 private:
  std::array<std::vector<int>, kFactors> values_;
};

class SpriteImages final : public LazySamples {
 public:
  SpriteImages(Grid grid, std::vector<std::uint32_t> places, std::int64_t side)
      : grid_(std::move(grid)), places_(std::move(places)) {
    const auto count = places_.empty() ? grid_.size() : std::ssize(places_);
    shape_ = {count, side, side};
  }

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return DType::U8; }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    const auto pixels = static_cast<std::size_t>(sample_bytes());
    for (const std::uint32_t row : rows) {
      draw(classes(row), {reinterpret_cast<std::uint8_t*>(out), pixels});
      out += pixels;
    }
  }
  std::optional<Bounds> bounds() const override { return Bounds{0, 1}; }
  std::uint32_t checksum() const override {
    // That of large images tells their factors alone, as it did before there were others.
    uLong sum = crc32(0, nullptr, 0);
    if (shape_[1] != kSide) sum = crc32(sum, reinterpret_cast<const Bytef*>("small"), 5);
    for (std::uint32_t row = 0; row < size(); ++row) {
      const Classes which = classes(row);
      sum = crc32(sum, reinterpret_cast<const Bytef*>(which.data()), sizeof which);
    }
    return static_cast<std::uint32_t>(sum);
  }

  Classes classes(std::int64_t row) const { return grid_.whole(grid_.classes_of(place(row))); }
  Classes grid_classes(std::int64_t row) const { return grid_.classes_of(place(row)); }

 private:
  std::int64_t place(std::int64_t row) const { return places_.empty() ? row : places_[row]; }

  Grid grid_;
  std::vector<std::uint32_t> places_;
  Shape shape_;
};

std::vector<std::uint32_t> chosen_places(const Options& options, std::int64_t size) {
  if (!options.count) return {};
  if (*options.count > size) {
    throw OptionError("sprites.count",
                      text("asks for ", *options.count, " images, but the grid has ", size));
  }
  auto places = permutation(static_cast<std::uint32_t>(size),
                            static_cast<std::uint64_t>(options.seed), "sprites", 0);
  places.resize(static_cast<std::size_t>(*options.count));
  std::ranges::sort(places);
  return places;
}

Labels labels_of(const SpriteImages& images, const Options& options) {
  constexpr auto kWidth = static_cast<std::int64_t>(kFactors);
  const std::int64_t count = images.size();
  Labels labels;
  labels.class_names = options.shapes;
  labels.factor_names.assign(kNames.begin(), kNames.end());
  labels.classes = Tensor({count}, DType::I64);
  labels.factors = Tensor({count, kWidth});
  labels.factor_classes = Tensor({count, kWidth}, DType::I32);
  const auto classes = labels.classes.values<std::int64_t>();
  const auto factors = labels.factors.floats();
  const auto factor_classes = labels.factor_classes.values<std::int32_t>();
  parallel_for(count, 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Classes whole = images.classes(i), own = images.grid_classes(i);
      classes[i] = own[0];
      for (std::size_t k = 0; k < kFactors; ++k) {
        factors[i * kWidth + k] = value_of(k, whole[k]);
        factor_classes[i * kWidth + k] = own[k];
      }
    }
  });
  return labels;
}

}  // namespace

void draw(const Classes& classes, std::span<std::uint8_t> pixels) {
  static const std::vector<Mask> kMasks = draw_masks();
  assert(pixels.size() == kSide * kSide || pixels.size() == kSmallSide * kSmallSide);
  std::memset(pixels.data(), 0, pixels.size());
  const Mask& mask = kMasks[mask_number(classes)];
  const int left = kFirst + classes[3], top = kFirst + classes[4];
  if (pixels.size() == kSide * kSide) {
    for (int row = 0; row < kBox; ++row) {
      std::memcpy(pixels.data() + (top + row) * kSide + left, mask.data() + row * kBox, kBox);
    }
    return;
  }
  // Of the box, the rows and columns that are even in the image.
  for (int row = top % 2; row < kBox; row += 2) {
    for (int column = left % 2; column < kBox; column += 2) {
      pixels[(top + row) / 2 * kSmallSide + (left + column) / 2] = mask[row * kBox + column];
    }
  }
}

float value_of(std::size_t factor, int which) {
  const auto number = static_cast<float>(which);
  switch (factor) {
    case 0: return number + 1;
    case 1: return (number + 5) / 10;
    case 2: return number * static_cast<float>(2 * std::numbers::pi / kSizes[2]);
    default: return number / static_cast<float>(kSizes[factor] - 1);
  }
}

void Options::describe(Schema<Options>& schema) {
  schema.add("shapes", &Options::shapes, "which there are", one_of({"square", "ellipse", "heart"}));
  const auto add = [&](const char* name, int Options::*member, const char* meaning, int most) {
    schema.add(name, member, meaning, at_least(1), at_most(most));
  };
  add("scales", &Options::scales, "how many sizes, from half to whole", kSizes[1]);
  add("orientations", &Options::orientations, "how many, evenly around", kSizes[2]);
  add("x", &Options::x, "how many columns, from left to right", kSizes[3]);
  add("y", &Options::y, "how many rows, from top to bottom", kSizes[4]);
  schema.add("side", &Options::side, "of an image, in pixels: 64, or 32 of every second one");
  schema.add("count", &Options::count, "a random choice of so many images of the grid; null: all",
             at_least(2));
  schema.add("seed", &Options::seed, "of this choice", at_least(0));
  schema.check([](const Options& options) -> std::string {
    if (options.side != kSide && options.side != kSmallSide) {
      return text("has a side of 64 or 32 pixels, not of ", options.side);
    }
    if (options.shapes.empty()) return "needs at least one of its shapes";
    for (auto at = options.shapes.begin(); at != options.shapes.end(); ++at) {
      if (std::find(options.shapes.begin(), at, *at) != at) return text("names ", *at, " twice");
    }
    return "";
  });
}

SpriteSet make_set(const Options& options) {
  Grid grid(options);
  auto places = chosen_places(options, grid.size());
  const auto images =
      std::make_shared<SpriteImages>(std::move(grid), std::move(places), options.side);
  return {images, labels_of(*images, options)};
}

}  // namespace hourglass::sprites
