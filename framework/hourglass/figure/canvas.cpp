#include <hourglass/figure/canvas.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::figure {
namespace {

constexpr double kMostUnits = 16384;

int pixels_of(double units) {
  const double bounded = units >= 1 ? std::min(units, kMostUnits) : 1.0;
  return static_cast<int>(std::ceil(bounded)) * Canvas::kScale;
}

struct PixelRange {
  int first = 0;
  int last = 0;
};

// The pixels that [low, high] touches, of `count`.
PixelRange touched(double low, double high, int count) {
  const auto bound = [count](double value) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(count)));
  };
  return {bound(std::floor(low)), bound(std::ceil(high))};
}

bool is_finite(Point point) { return std::isfinite(point.x) && std::isfinite(point.y); }

double distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length = dx * dx + dy * dy;
  const double along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

// The pieces of a line that dashes leave, in the line's order.
std::vector<std::vector<Point>> dashed(std::span<const Point> points,
                                       std::span<const double> dashes) {
  std::vector<std::vector<Point>> pieces(1, {points[0]});
  std::size_t dash = 0;
  double left = dashes[0];
  for (std::size_t i = 1; i < points.size(); ++i) {
    Point from = points[i - 1];
    double length = std::hypot(points[i].x - from.x, points[i].y - from.y);
    while (length > left) {
      const double t = left / length;
      from = {from.x + t * (points[i].x - from.x), from.y + t * (points[i].y - from.y)};
      if (dash % 2 == 0) pieces.back().push_back(from);
      dash = (dash + 1) % dashes.size();
      if (dash % 2 == 0) pieces.push_back({from});
      length -= left;
      left = dashes[dash];
    }
    left -= length;
    if (dash % 2 == 0) pieces.back().push_back(points[i]);
  }
  return pieces;
}

// The largest coverage that any part of a line gives each pixel: where parts overlap, at joins, the
// line must not come out darker.
class Coverage {
 public:
  Coverage(int width, int height)
      : width_(width),
        height_(height),
        values_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

  void add(Point a, Point b, double radius) {
    const double reach = radius + 1;
    const PixelRange columns =
        touched(std::min(a.x, b.x) - reach, std::max(a.x, b.x) + reach, width_);
    const PixelRange rows =
        touched(std::min(a.y, b.y) - reach, std::max(a.y, b.y) + reach, height_);
    for (int y = rows.first; y < rows.last; ++y) {
      for (int x = columns.first; x < columns.last; ++x) {
        const double inside = radius + 0.5 - distance({x + 0.5, y + 0.5}, a, b);
        float& value = values_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                               static_cast<std::size_t>(x)];
        value = std::max(value, static_cast<float>(std::clamp(inside, 0.0, 1.0)));
      }
    }
  }

  float at(int x, int y) const {
    return values_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                   static_cast<std::size_t>(x)];
  }

 private:
  int width_;
  int height_;
  std::vector<float> values_;
};

}  // namespace

Canvas::Canvas(double width, double height, Color background)
    : width_(pixels_of(width)),
      height_(std::min(pixels_of(height), static_cast<int>(kMostPixels / width_))),
      pixels_(std::size_t{3} * static_cast<std::size_t>(width_) *
              static_cast<std::size_t>(height_)),
      font_(std::make_shared<Font>()) {
  fill({0, 0, this->width(), this->height()}, background);
}

void Canvas::blend(int x, int y, Color color, float coverage) {
  float* pixel = &pixels_[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                           static_cast<std::size_t>(x)) *
                          3];
  pixel[0] += (color.red - pixel[0]) * coverage;
  pixel[1] += (color.green - pixel[1]) * coverage;
  pixel[2] += (color.blue - pixel[2]) * coverage;
}

void Canvas::fill(const Box& box, Color color, double opacity) {
  const double left = box.left * kScale, right = box.right * kScale;
  const double top = box.top * kScale, bottom = box.bottom * kScale;
  const PixelRange columns = touched(left, right, width_);
  const PixelRange rows = touched(top, bottom, height_);
  for (int y = rows.first; y < rows.last; ++y) {
    const double high = std::min(bottom, y + 1.0) - std::max(top, static_cast<double>(y));
    for (int x = columns.first; x < columns.last; ++x) {
      const double wide = std::min(right, x + 1.0) - std::max(left, static_cast<double>(x));
      blend(x, y, color, static_cast<float>(opacity * std::max(high, 0.0) * std::max(wide, 0.0)));
    }
  }
}

void Canvas::line(std::span<const Point> points, double width, Color color, double opacity,
                  std::span<const double> dashes) {
  if (points.empty() || !std::ranges::all_of(points, is_finite)) return;
  if (!dashes.empty()) {
    for (const auto& piece : dashed(points, dashes)) line(piece, width, color, opacity);
    return;
  }
  Box box{points[0].x, points[0].y, points[0].x, points[0].y};
  for (Point point : points) {
    box = {std::min(box.left, point.x), std::min(box.top, point.y), std::max(box.right, point.x),
           std::max(box.bottom, point.y)};
  }
  const double reach = width + 2;
  const PixelRange columns =
      touched((box.left - reach) * kScale, (box.right + reach) * kScale, width_);
  const PixelRange rows =
      touched((box.top - reach) * kScale, (box.bottom + reach) * kScale, height_);
  Coverage coverage(columns.last - columns.first, rows.last - rows.first);
  const auto local = [&](Point point) {
    return Point{point.x * kScale - columns.first, point.y * kScale - rows.first};
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    coverage.add(local(points[i == 0 ? 0 : i - 1]), local(points[i]), width * kScale / 2);
  }
  for (int y = rows.first; y < rows.last; ++y) {
    for (int x = columns.first; x < columns.last; ++x) {
      const float covered = coverage.at(x - columns.first, y - rows.first);
      if (covered > 0) blend(x, y, color, covered * static_cast<float>(opacity));
    }
  }
}

void Canvas::disc(Point center, double radius, Color color, double opacity) {
  line(std::span(&center, 1), 2 * radius, color, opacity);
}

void Canvas::pixel_block(double left, double top, double size, Color color) {
  fill({left, top, left + size, top + size}, color);
}

double Canvas::text_width(std::string_view text, const TextStyle& style) const {
  return font_->width(text, style.size * kScale, style.weight) / kScale;
}

void Canvas::text(std::string_view text, Point place, const TextStyle& style) {
  const TextMask mask = font_->draw(text, style.size * kScale, style.weight);
  const double length = text_width(text, style) * kScale;
  const double before = style.align == Align::Start    ? 0
                        : style.align == Align::Middle ? length / 2
                                                       : length;
  const double along = style.upwards ? place.y * kScale + before : place.x * kScale - before;
  const int start = static_cast<int>(std::lround(along));
  const int base = static_cast<int>(std::lround((style.upwards ? place.x : place.y) * kScale));
  for (int v = 0; v < mask.height; ++v) {
    for (int u = 0; u < mask.width; ++u) {
      const std::uint8_t covered = mask.coverage[static_cast<std::size_t>(v * mask.width + u)];
      const int across = base + v - mask.baseline;
      const int x = style.upwards ? across : start + u - mask.origin;
      const int y = style.upwards ? start - 1 - u + mask.origin : across;
      if (covered == 0 || x < 0 || y < 0 || x >= width_ || y >= height_) continue;
      blend(x, y, style.color, static_cast<float>(covered) / 255.0f);
    }
  }
}

Tensor Canvas::picture() const {
  Tensor result({height_, width_, 3}, DType::U8);
  std::ranges::transform(pixels_, result.values<std::uint8_t>().begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255.0f));
  });
  return result;
}

}  // namespace hourglass::figure
