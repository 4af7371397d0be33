#include <hourglass/figure/axes.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace hourglass::figure {
namespace {

constexpr TextStyle kTickStyle{.size = 11, .color = kFaded};
constexpr TextStyle kLabelStyle{.size = 12, .color = kInk};
constexpr TextStyle kTitleStyle{.size = 14, .color = kInk, .weight = Weight::Bold};

double nice_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10 * power;
}

std::string with_minus_sign(std::string number) {
  for (std::size_t at = number.find('-'); at != number.npos; at = number.find('-', at + 1)) {
    number.replace(at, 1, "\u2212");
  }
  return number;
}

std::string tick_label(double value, double step, double largest) {
  std::array<char, 64> buffer{};
  const bool plain = largest < 1e6 && step >= 0.99e-5;
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  const auto end = plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                         std::chars_format::fixed, decimals)
                         : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                         std::chars_format::general, 6);
  return with_minus_sign(std::string(buffer.data(), end.ptr));
}

std::string power_of_ten(int exponent) {
  if (exponent == 0) return "1";
  constexpr std::string_view kDigits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                          "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string label = exponent < 0 ? "10\u207b" : "10";
  for (char digit : std::to_string(std::abs(exponent))) label += kDigits[digit - '0'];
  return label;
}

double widest_label(const Canvas& canvas, const Axis& axis) {
  double widest = 0;
  for (const Axis::Tick& tick : axis.ticks) {
    widest = std::max(widest, canvas.text_width(tick.label, kTickStyle));
  }
  return widest;
}

TextStyle aligned(TextStyle style, Align align) {
  style.align = align;
  return style;
}

}  // namespace

Range range_of(std::span<const double> values) {
  Range range{INFINITY, -INFINITY};
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    range = {std::min(range.low, value), std::max(range.high, value)};
  }
  return range.low <= range.high ? range : Range{};
}

Range padded(Range range, double share) {
  const double room = (range.high - range.low) * share;
  return {range.low - room, range.high + room};
}

double Axis::place(double value, double from, double to) const {
  const double t = logarithmic ? std::log(value / range.low) / std::log(range.high / range.low)
                               : (value - range.low) / (range.high - range.low);
  return from + t * (to - from);
}

Axis linear_axis(Range range, int wanted, bool whole) {
  // Bounds keep every step of the arithmetic finite.
  constexpr double kMost = 1e300;
  range = {std::clamp(range.low, -kMost, kMost), std::clamp(range.high, -kMost, kMost)};
  const double least = std::max(std::abs(range.low), std::abs(range.high)) * 1e-9;
  if (!(range.high - range.low > std::max(least, 1e-300))) {
    const double room = whole ? 1 : std::max(std::abs(range.low) * 0.1, 1e-6);
    range = {range.low - room, range.high + room};
  }
  Axis axis{range, false, {}};
  double step = nice_step((range.high - range.low) / wanted);
  if (whole) step = std::max(step, 1.0);
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  const double slack = step * 1e-6;
  for (double k = std::ceil((range.low - slack) / step); k * step <= range.high + slack; ++k) {
    if (axis.ticks.size() > 50) break;
    const double value = k == 0 ? 0 : k * step;  // no negative zero
    axis.ticks.push_back({value, tick_label(value, step, largest)});
  }
  return axis;
}

Axis logarithmic_axis(Range range, int wanted) {
  Axis axis{range, true, {}};
  const int first = static_cast<int>(std::ceil(std::log10(range.low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(range.high) + 1e-9));
  const int step = std::max(1, (last - first + wanted) / wanted);
  for (int power = first; power <= last; power += step) {
    axis.ticks.push_back({std::pow(10.0, power), power_of_ten(power)});
  }
  return axis;
}

double left_margin(const Canvas& canvas, const Axis& y, const ChartText& labels) {
  return 28 + widest_label(canvas, y) + (labels.y_label.empty() ? 0 : 22);
}

double top_margin(const ChartText& labels) { return labels.title.empty() ? 22 : 48; }

double bottom_margin(const ChartText& labels) { return labels.x_label.empty() ? 38 : 58; }

void draw_axes(Canvas& canvas, const Box& plot, const Axis& x, const Axis& y,
               const ChartText& labels) {
  for (const Axis::Tick& tick : y.ticks) {
    const double at = y.place(tick.value, plot.bottom, plot.top);
    canvas.fill({plot.left, at - 0.5, plot.right, at + 0.5}, kGrid);
    canvas.text(tick.label, {plot.left - 8, at + 4}, aligned(kTickStyle, Align::End));
  }
  for (const Axis::Tick& tick : x.ticks) {
    const double at = x.place(tick.value, plot.left, plot.right);
    canvas.fill({at - 0.5, plot.top, at + 0.5, plot.bottom}, kGrid);
    canvas.fill({at - 0.5, plot.bottom, at + 0.5, plot.bottom + 4}, kAxis);
    canvas.text(tick.label, {at, plot.bottom + 18}, aligned(kTickStyle, Align::Middle));
  }
  canvas.fill({plot.left - 0.5, plot.bottom - 0.5, plot.right, plot.bottom + 0.5}, kAxis);
  canvas.fill({plot.left - 0.5, plot.top, plot.left + 0.5, plot.bottom}, kAxis);

  canvas.text(labels.title, {plot.left, plot.top - 20}, kTitleStyle);
  canvas.text(labels.x_label, {(plot.left + plot.right) / 2, plot.bottom + 42},
              aligned(kLabelStyle, Align::Middle));
  TextStyle upwards = aligned(kLabelStyle, Align::Middle);
  upwards.upwards = true;
  canvas.text(labels.y_label, {26, (plot.top + plot.bottom) / 2}, upwards);
}

std::string readable(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::general, 4);
  return with_minus_sign(std::string(buffer.data(), end.ptr));
}

}  // namespace hourglass::figure
