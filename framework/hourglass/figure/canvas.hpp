#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/figure/color.hpp>
#include <hourglass/figure/font.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace hourglass::figure {

/// A place on a canvas, in units from the top left corner.
struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// Which point of a text is put at the given place.
enum class Align { Start, Middle, End };

struct TextStyle {
  double size = 12;
  Color color = kInk;
  Weight weight = Weight::Regular;
  Align align = Align::Start;
  /// Turned a quarter to the left, to be read upwards, as the labels of y axes are.
  bool upwards = false;
};

/// What pictures are drawn on. Places are in units; a unit is two pixels, so that pictures stay
/// crisp where screens are fine and where paper is. What lies outside is cut off.
class HOURGLASS_API Canvas {
 public:
  static constexpr int kScale = 2;

  /// Sizes in units, rounded up to whole ones, at least 1 and at most 16384. A canvas of more than
  /// `kMostPixels` is made that much less high: a picture too large is cut off, and no error.
  Canvas(double width, double height, Color background = kWhite);

  static constexpr std::int64_t kMostPixels = std::int64_t{1} << 24;

  double width() const { return static_cast<double>(width_) / kScale; }
  double height() const { return static_cast<double>(height_) / kScale; }

  /// `opacity` in [0, 1], here and below.
  void fill(const Box& box, Color color, double opacity = 1);
  /// A line through the points with round ends and joins. Dashed lines follow `dashes`: lengths
  /// drawn and left out in turn.
  void line(std::span<const Point> points, double width, Color color, double opacity = 1,
            std::span<const double> dashes = {});
  void disc(Point center, double radius, Color color, double opacity = 1);
  /// `place` is on the line that letters stand on; `align` says where along it.
  void text(std::string_view text, Point place, const TextStyle& style = {});
  double text_width(std::string_view text, const TextStyle& style = {}) const;
  /// One pixel of a picture as a square of `size` units.
  void pixel_block(double left, double top, double size, Color color);

  /// The canvas as a picture, u8 [height, width, 3] in pixels.
  Tensor picture() const;

 private:
  void blend(int x, int y, Color color, float coverage);

  int width_;
  int height_;
  std::vector<float> pixels_;
  std::shared_ptr<const Font> font_;
};

}  // namespace hourglass::figure
