#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/glyph_shapes.hpp>
#include <hourglass/data/glyphs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace hourglass::glyphs {
namespace {

constexpr int kMostPoints = 24;
constexpr int kPieces = 4;  // straight pieces between two points of a stroke
constexpr float kHeight = 20;
constexpr float kSoftness = 1.1f;  // pixels over which ink fades at the pen's edge

// A bell over (-1, 1), of additions only: libraries differ in the last bits of a logarithm.
float bell(RandomStream& random) {
  return (random.uniform() + random.uniform() + random.uniform()) * (2.0f / 3.0f) - 1.0f;
}

Factors draw_factors(RandomStream& random) {
  Factors factors;
  factors.slant = 0.15f + 0.40f * bell(random);
  factors.thickness = 2.5f + 1.1f * bell(random);
  factors.scale = 0.95f + 0.17f * bell(random);
  factors.shift_x = 2.0f * bell(random);
  factors.shift_y = 2.0f * bell(random);
  factors.curvature = 0.12f * bell(random);
  return factors;
}

/// What varies beside the factors: proportions, and smooth waves that push each point about.
struct Hand {
  explicit Hand(RandomStream& random) {
    width = 0.88f + 0.24f * bell(random);
    waist = 0.07f * bell(random);
    for (auto& wave : waves) {
      wave = {0.085f * bell(random), random.uniform(0.25f, 0.85f), random.uniform(0.25f, 0.85f),
              random.uniform()};
    }
    jitter = 0.011f;
  }

  struct Wave {
    float height = 0;
    float along_x = 0;
    float along_y = 0;
    float phase = 0;
  };
  float width;
  float waist;  // how far the middle of the digit moves up or down
  Wave waves[4];
  float jitter;
};

// A wave of period 1 made of parabolas, for the same reason as `bell`.
float wave_at(const Hand::Wave& wave, Point p) {
  const float turns = wave.along_x * p.x + wave.along_y * p.y + wave.phase;
  const float t = 2 * (turns - std::floor(turns)) - 1;
  return wave.height * 4 * t * (1 - std::fabs(t));
}

class Pen {
 public:
  Pen(const Factors& factors, RandomStream& random)
      : factors_(factors), hand_(random), random_(random) {}

  /// Where a point of a shape comes to lie in the image.
  Point place(Point p) {
    p.x += wave_at(hand_.waves[0], p) + wave_at(hand_.waves[1], p) + hand_.jitter * bell(random_);
    p.y += wave_at(hand_.waves[2], p) + wave_at(hand_.waves[3], p) + hand_.jitter * bell(random_);
    const float x = (p.x - 0.5f) * hand_.width;
    const float y = p.y - 0.5f + hand_.waist * (1 - 4 * (p.y - 0.5f) * (p.y - 0.5f));
    const float bend = factors_.curvature * (1 - 4 * y * y);
    const float size = kHeight * factors_.scale;
    constexpr float kMiddle = (kSide - 1) / 2.0f;
    return {kMiddle + factors_.shift_x + size * (x + bend - factors_.slant * y),
            kMiddle + factors_.shift_y + size * y};
  }

 private:
  const Factors& factors_;
  Hand hand_;
  RandomStream& random_;
};

/// Keeps for each pixel the distance to the nearest piece of line.
class Canvas {
 public:
  explicit Canvas(float radius) : radius_(radius), reach_(radius + kSoftness) {
    std::fill(std::begin(nearest_), std::end(nearest_), reach_ * reach_);
  }

  void line(Point a, Point b) {
    const int left = pixel(std::min(a.x, b.x) - reach_ + 1);
    const int right = pixel(std::max(a.x, b.x) + reach_);
    const int top = pixel(std::min(a.y, b.y) - reach_ + 1);
    const int bottom = pixel(std::max(a.y, b.y) + reach_);
    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float length = dx * dx + dy * dy;
    const float inverse = length > 0 ? 1 / length : 0;
    for (int y = top; y < bottom; ++y) {
      const float py = static_cast<float>(y) - a.y;
      float* row = nearest_ + y * kSide;
      for (int x = left; x < right; ++x) {
        const float px = static_cast<float>(x) - a.x;
        const float t = std::min(std::max((px * dx + py * dy) * inverse, 0.0f), 1.0f);
        const float ex = px - t * dx;
        const float ey = py - t * dy;
        row[x] = std::min(row[x], ex * ex + ey * ey);
      }
    }
  }

  void ink(std::span<std::uint8_t> pixels) const {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const float cover = (radius_ - std::sqrt(nearest_[i])) * (1 / kSoftness) + 0.5f;
      pixels[i] = static_cast<std::uint8_t>(255 * std::min(std::max(cover, 0.0f), 1.0f) + 0.5f);
    }
  }

 private:
  static int pixel(float at) {
    return static_cast<int>(std::min(std::max(at, 0.0f), static_cast<float>(kSide)));
  }

  float radius_;
  float reach_;
  float nearest_[kSide * kSide];
};

/// E. Catmull, R. Rom, "A class of local interpolating splines", 1974.
float spline(float p0, float p1, float p2, float p3, float t) {
  return p1 +
         0.5f * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
}

bool same(Point a, Point b) { return a.x == b.x && a.y == b.y; }

// Draws the smooth curve through points[0 .. count-1].
void draw_curve(const Point* points, int count, Canvas& canvas) {
  for (int i = 0; i + 1 < count; ++i) {
    const Point& a = points[std::max(i - 1, 0)];
    const Point& b = points[i];
    const Point& c = points[i + 1];
    const Point& d = points[std::min(i + 2, count - 1)];
    Point from = b;
    for (int piece = 1; piece <= kPieces; ++piece) {
      const float t = static_cast<float>(piece) / kPieces;
      const Point to{spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)};
      canvas.line(from, to);
      from = to;
    }
  }
}

void draw_stroke(const Stroke& stroke, Pen& pen, Canvas& canvas) {
  Point placed[kMostPoints];
  int count = 0;
  for (std::size_t i = 0; i < stroke.points.size(); ++i) {
    const bool corner = i > 0 && same(stroke.points[i], stroke.points[i - 1]);
    if (corner) {
      draw_curve(placed, count, canvas);
      placed[0] = placed[count - 1];
      count = 1;
    } else {
      placed[count++] = pen.place(stroke.points[i]);
    }
  }
  draw_curve(placed, count, canvas);
}

}  // namespace

Glyph draw(std::uint64_t seed, std::string_view split, std::int64_t index,
           std::span<std::uint8_t> pixels) {
  RandomStream random(seed, std::string("glyphs.").append(split),
                      static_cast<std::uint64_t>(index));
  Glyph glyph;
  glyph.digit = static_cast<int>(random.below(10));
  const auto styles = styles_of(glyph.digit);
  const Style style = styles[random.below(static_cast<std::uint32_t>(styles.size()))];
  glyph.factors = draw_factors(random);
  Pen pen(glyph.factors, random);
  Canvas canvas(glyph.factors.thickness / 2);
  for (const Stroke& stroke : style) draw_stroke(stroke, pen, canvas);
  canvas.ink(pixels);
  return glyph;
}

GlyphSet draw_all(std::uint64_t seed, std::string_view split, std::int64_t count) {
  constexpr std::int64_t kPixels = kSide * kSide;
  constexpr std::int64_t kFactors = 6;
  GlyphSet set;
  const Shape shape{count, kSide, kSide};
  set.images = Tensor(shape, DType::U8, allocate_aligned(shape.size()));
  set.labels.classes = Tensor({count}, DType::I64);
  set.labels.factors = Tensor({count, kFactors});
  set.labels.factor_names = {"slant", "thickness", "scale", "shift_x", "shift_y", "curvature"};
  const auto images = set.images.values<std::uint8_t>();
  const auto classes = set.labels.classes.values<std::int64_t>();
  float* const factors = set.labels.factors.floats().data();
  parallel_for(count, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Glyph glyph = draw(seed, split, i, images.subspan(i * kPixels, kPixels));
      classes[i] = glyph.digit;
      const Factors& f = glyph.factors;
      const float row[kFactors] = {f.slant,   f.thickness, f.scale,
                                   f.shift_x, f.shift_y,   f.curvature};
      std::copy_n(row, kFactors, factors + i * kFactors);
    }
  });
  return set;
}

}  // namespace hourglass::glyphs
