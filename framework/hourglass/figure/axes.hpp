#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/figure/canvas.hpp>

#include <span>
#include <string>
#include <vector>

namespace hourglass::figure {

/// The least and greatest finite values; 0 and 1 when there are none.
struct Range {
  double low = 0;
  double high = 1;
};
HOURGLASS_API Range range_of(std::span<const double> values);

/// One axis of a chart: a range of values, and where its ticks are.
struct HOURGLASS_API Axis {
  struct Tick {
    double value = 0;
    std::string label;
  };
  Range range;
  bool logarithmic = false;
  std::vector<Tick> ticks;

  /// Where a value lies when the range goes from `from` to `to`.
  double place(double value, double from, double to) const;
};

/// Ticks at 1, 2 or 5 times a power of ten, about `wanted` of them inside of the range; at whole
/// numbers only when `whole`. A range without width is widened.
HOURGLASS_API Axis linear_axis(Range range, int wanted, bool whole = false);

/// Ticks at powers of ten. `range.low` must be greater than 0.
HOURGLASS_API Axis logarithmic_axis(Range range, int wanted);

/// Widens a range by a share of itself on both sides.
HOURGLASS_API Range padded(Range range, double share);

struct ChartText {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
};

/// The room that tick labels of the y axis, and its own label, need to the left of a chart.
HOURGLASS_API double left_margin(const Canvas& canvas, const Axis& y, const ChartText& labels);
/// The room that a title needs above a chart.
HOURGLASS_API double top_margin(const ChartText& labels);
/// The room that tick labels of the x axis, and its own label, need below a chart.
HOURGLASS_API double bottom_margin(const ChartText& labels);

/// Draws grid, axes, ticks, labels and title around `plot`.
HOURGLASS_API void draw_axes(Canvas& canvas, const Box& plot, const Axis& x, const Axis& y,
                             const ChartText& labels);

/// A number for people: four significant digits, with a true minus sign.
HOURGLASS_API std::string readable(double value);

}  // namespace hourglass::figure
