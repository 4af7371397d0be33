#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/figure/axes.hpp>
#include <hourglass/figure/scatter.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace hourglass::figure {
namespace {

constexpr double kScatterMargin = 28;
constexpr double kLegendRow = 19;
constexpr std::size_t kMaxLegend = 30;
constexpr TextStyle kLegendStyle{.size = 12, .color = kInk};
constexpr TextStyle kScatterTickStyle{.size = 11, .color = kFaded};

void check(const Tensor& points, std::size_t others, const char* what) {
  const Shape& shape = points.shape();
  if (points.dtype() != DType::F32 || shape.rank() != 2 || shape[1] != 2) {
    throw ShapeError(text("[scatter] points must be f32 [count, 2], got ", name_of(points.dtype()),
                          " ", shape.to_text()));
  }
  if (others != static_cast<std::size_t>(shape[0])) {
    throw ShapeError(text("[scatter] there are ", shape[0], " points and ", others, " ", what));
  }
}

// The more points, the smaller and the more transparent.
struct Dot {
  double radius = 0;
  double opacity = 0;
};

Dot dot_for(std::int64_t count) {
  if (count <= 300) return {3.6, 0.9};
  if (count <= 1500) return {2.8, 0.8};
  if (count <= 6000) return {2.1, 0.7};
  return {1.6, 0.6};
}

struct Axes {
  Axis x;
  Axis y;
};

Axes axes_of(const Tensor& points) {
  std::vector<double> x, y;
  const auto values = points.floats();
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    if (!std::isfinite(values[i]) || !std::isfinite(values[i + 1])) continue;
    x.push_back(values[i]);
    y.push_back(values[i + 1]);
  }
  Range across = padded(range_of(x), 0.04), up = padded(range_of(y), 0.04);
  const double wide = across.high - across.low, high = up.high - up.low;
  if (std::max(wide, high) < 20 * std::min(wide, high)) {
    const auto widen = [](Range range, double width) {
      const double room = (width - (range.high - range.low)) / 2;
      return Range{range.low - room, range.high + room};
    };
    across = widen(across, std::max(wide, high));
    up = widen(up, std::max(wide, high));
  }
  return {linear_axis(across, 6), linear_axis(up, 6)};
}

class Plot {
 public:
  Plot(const Tensor& points, const ScatterOptions& options, double side_width, double least_height)
      : points_(points),
        labels_{options.title, options.x_label, options.y_label},
        axes_(axes_of(points)),
        canvas_(1, 1) {
    const double left = std::ceil(left_margin(canvas_, axes_.y, labels_));
    const double size = std::max({options.size, least_height, 40.0});
    plot_ = {left, top_margin(labels_), left + size, top_margin(labels_) + size};
    canvas_ =
        Canvas(plot_.right + side_width + kScatterMargin, plot_.bottom + bottom_margin(labels_));
    draw_axes(canvas_, plot_, axes_.x, axes_.y, labels_);
  }

  Canvas& canvas() { return canvas_; }
  const Box& plot() const { return plot_; }

  void draw_points(const std::function<Color(std::size_t)>& color_of) {
    const Dot dot = dot_for(points_.shape()[0]);
    const auto count = static_cast<std::uint32_t>(points_.shape()[0]);
    // Files are often sorted by class: in that order the last class would hide the others.
    for (std::uint32_t i : permutation(count, 0, "figure/scatter", 0)) {
      const double x = points_.floats()[2 * std::size_t{i}];
      const double y = points_.floats()[2 * std::size_t{i} + 1];
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      canvas_.disc(
          {axes_.x.place(x, plot_.left, plot_.right), axes_.y.place(y, plot_.bottom, plot_.top)},
          dot.radius, color_of(i), dot.opacity);
    }
  }

 private:
  const Tensor& points_;
  ChartText labels_;
  Axes axes_;
  Canvas canvas_;
  Box plot_;
};

std::string name_of_class(std::int64_t index, const std::vector<std::string>& names) {
  const bool named = index >= 0 && index < static_cast<std::int64_t>(names.size());
  return named ? names[static_cast<std::size_t>(index)] : text(index);
}

Color color_of_class(std::int64_t index) {
  return index < 0 ? kAxis
                   : category_color(static_cast<int>(std::min<std::int64_t>(index, 1 << 20)));
}

struct LegendEntry {
  std::string name;
  std::int64_t index = 0;
};

std::vector<LegendEntry> legend_of(std::span<const std::int64_t> classes,
                                   const std::vector<std::string>& names) {
  const std::set<std::int64_t> present(classes.begin(), classes.end());
  std::vector<LegendEntry> entries;
  for (std::int64_t index : present) {
    if (entries.size() == kMaxLegend) {
      entries.push_back({text("and ", present.size() - kMaxLegend, " more"), -1});
      break;
    }
    entries.push_back({name_of_class(index, names), index});
  }
  return entries;
}

void draw_legend(Plot& plot, const std::vector<LegendEntry>& entries) {
  Point place{plot.plot().right + 22, plot.plot().top + 8};
  for (const LegendEntry& entry : entries) {
    if (entry.index >= 0) plot.canvas().disc({place.x, place.y}, 4.5, color_of_class(entry.index));
    plot.canvas().text(entry.name, {place.x + 11, place.y + 4}, kLegendStyle);
    place.y += kLegendRow;
  }
}

void draw_color_bar(Plot& plot, const Axis& axis, const std::string& label) {
  const Box& box = plot.plot();
  const double height = box.height() * 0.6;
  const Box bar{box.right + 20, box.top, box.right + 34, box.top + height};
  constexpr double kStep = 1.0 / Canvas::kScale;
  for (double y = bar.top; y < bar.bottom; y += kStep) {
    const auto t = static_cast<float>((bar.bottom - y) / height);
    plot.canvas().fill({bar.left, y, bar.right, y + kStep}, sequential_color(t));
  }
  for (const Axis::Tick& tick : axis.ticks) {
    const double at = axis.place(tick.value, bar.bottom, bar.top);
    plot.canvas().fill({bar.right, at - 0.5, bar.right + 4, at + 0.5}, kAxis);
    plot.canvas().text(tick.label, {bar.right + 8, at + 4}, kScatterTickStyle);
  }
  plot.canvas().text(label, {bar.left, bar.bottom + 22}, kLegendStyle);
}

}  // namespace

Tensor scatter(const Tensor& points, std::span<const std::int64_t> classes,
               const std::vector<std::string>& names, const ScatterOptions& options) {
  check(points,
        classes.empty() && points.shape().rank() > 0 ? static_cast<std::size_t>(points.shape()[0])
                                                     : classes.size(),
        "classes");
  const auto entries = legend_of(classes, names);
  const Canvas ruler(1, 1);
  double widest = 0;
  for (const auto& entry : entries) {
    widest = std::max(widest, ruler.text_width(entry.name, kLegendStyle));
  }
  Plot plot(points, options, entries.empty() ? 0 : widest + 33,
            static_cast<double>(entries.size()) * kLegendRow);
  plot.draw_points([&](std::size_t i) {
    return classes.empty() ? category_color(0) : color_of_class(classes[i]);
  });
  draw_legend(plot, entries);
  return plot.canvas().picture();
}

Tensor scatter(const Tensor& points, std::span<const double> values, const std::string& value_label,
               const ScatterOptions& options) {
  check(points, values.size(), "values");
  const Axis axis = linear_axis(range_of(values), 5);
  const Canvas ruler(1, 1);
  double widest = ruler.text_width(value_label, kLegendStyle);
  for (const Axis::Tick& tick : axis.ticks) {
    widest = std::max(widest, ruler.text_width(tick.label, kScatterTickStyle) + 22);
  }
  Plot plot(points, options, widest + 20, 0);
  plot.draw_points([&](std::size_t i) {
    if (!std::isfinite(values[i])) return kAxis;
    return sequential_color(static_cast<float>(axis.place(values[i], 0, 1)));
  });
  draw_color_bar(plot, axis, value_label);
  return plot.canvas().picture();
}

}  // namespace hourglass::figure
