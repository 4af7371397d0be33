#include <hourglass/core/error.hpp>
#include <hourglass/figure/axes.hpp>
#include <hourglass/figure/line_chart.hpp>
#include <hourglass/figure/thinned.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::figure {
namespace {

constexpr double kLineWidth = 2;
constexpr double kLabelHeight = 17;
constexpr TextStyle kNameStyle{.size = 12, .color = kInk};
constexpr TextStyle kValueStyle{.size = 11, .color = kFaded};

struct Style {
  Color color;
  std::vector<double> dashes;
};

// Yellow is left out, too pale for a line; further series take up the colours again, dashed.
Style style_of(std::size_t index) {
  constexpr int kColors = 6;
  const std::vector<double> dashes[] = {{}, {7, 5}, {2, 4}, {10, 4, 2, 4}};
  const auto round = std::min<std::size_t>(index / kColors, 3);
  return {category_color(static_cast<int>(index % kColors)), dashes[round]};
}

bool is_drawn(double x, double y, bool logarithmic) {
  return std::isfinite(x) && std::isfinite(y) && (!logarithmic || y > 0);
}

// A line's name beside its end.
struct Label {
  std::size_t series = 0;
  double value = 0;
  double from = 0;   // where the line ends, across
  double end = 0;    // and down
  double place = 0;  // where the name stands
};

// Moves labels apart, keeping their order, as little as a pass down and a pass up allow.
void spread(std::vector<Label>& labels, const Box& plot) {
  std::ranges::stable_sort(labels, {}, &Label::end);
  double free = plot.top;
  for (Label& label : labels) {
    label.place = std::max(label.end, free);
    free = label.place + kLabelHeight;
  }
  free = plot.bottom;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->place = std::min(label->place, free);
    free = label->place - kLabelHeight;
  }
}

class Chart {
 public:
  Chart(const std::vector<Series>& series, const LineChartOptions& options)
      : series_(series),
        labels_{options.title, options.x_label, options.y_label},
        canvas_(options.width, height_for(series, options)) {
    choose_axes(options);
    const double right = canvas_.width() - label_width() - 34;
    const double left = left_margin(canvas_, y_, labels_);
    plot_ = {left, top_margin(labels_), std::max(right, left + 40),
             canvas_.height() - bottom_margin(labels_)};
  }

  Tensor draw() {
    draw_axes(canvas_, plot_, x_, y_, labels_);
    // The first series, which matters most, comes last and so on top.
    for (std::size_t i = series_.size(); i-- > 0;) draw_series(i);
    draw_labels();
    return canvas_.picture();
  }

 private:
  static double height_for(const std::vector<Series>& series, const LineChartOptions& options) {
    return std::max(options.height, static_cast<double>(series.size()) * kLabelHeight + 120);
  }

  void choose_axes(const LineChartOptions& options) {
    std::vector<double> x, y;
    bool positive = true, whole = true;
    for (const Series& series : series_) {
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!is_drawn(series.x[i], series.y[i], options.logarithmic.value_or(false))) continue;
        x.push_back(series.x[i]);
        y.push_back(series.y[i]);
        positive = positive && y.back() > 0;
        whole = whole && std::floor(x.back()) == x.back();
      }
    }
    const Range range = range_of(y);
    const bool logarithmic =
        positive && !y.empty() && options.logarithmic.value_or(range.high / range.low > 100);
    x_ = linear_axis(range_of(x), 9, whole);
    x_ = linear_axis(padded(x_.range, 0.02), 9, whole);
    if (logarithmic) {
      const double room = std::max(std::pow(range.high / range.low, 0.04), 1.05);
      y_ = logarithmic_axis({range.low / room, range.high * room}, 6);
    } else {
      y_ = linear_axis(range, 6);
      y_ = linear_axis(padded(y_.range, 0.05), 6);
    }
  }

  double label_width() const {
    double widest = 0;
    for (std::size_t i = 0; i < series_.size(); ++i) {
      const auto last = last_point(i);
      if (!last) continue;
      widest = std::max(widest, canvas_.text_width(series_[i].name, kNameStyle) + 8 +
                                    canvas_.text_width(readable(last->y), kValueStyle));
    }
    return widest == 0 ? 0 : widest + 24;
  }

  std::optional<Point> last_point(std::size_t index) const {
    const Series& series = series_[index];
    for (std::size_t i = series.x.size(); i-- > 0;) {
      if (is_drawn(series.x[i], series.y[i], y_.logarithmic))
        return Point{series.x[i], series.y[i]};
    }
    return std::nullopt;
  }

  Point place(double x, double y) const {
    return {x_.place(x, plot_.left, plot_.right), y_.place(y, plot_.bottom, plot_.top)};
  }

  void draw_series(std::size_t index) {
    const Series& series = series_[index];
    const Style style = style_of(index);
    constexpr std::size_t kMarked = 25;
    const bool marked = series.x.size() <= kMarked;
    std::vector<Point> piece;
    for (std::size_t i = 0; i <= series.x.size(); ++i) {
      const bool more = i < series.x.size() && is_drawn(series.x[i], series.y[i], y_.logarithmic);
      if (more) piece.push_back(place(series.x[i], series.y[i]));
      if (more || piece.empty()) continue;
      draw_piece(piece, style, marked || piece.size() == 1);
      piece.clear();
    }
  }

  void draw_piece(const std::vector<Point>& piece, const Style& style, bool marked) {
    canvas_.line(thinned(piece, canvas_.width()), kLineWidth, style.color, 1, style.dashes);
    if (!marked) return;
    for (Point point : piece) canvas_.disc(point, 3, style.color);
  }

  void draw_labels() {
    std::vector<Label> labels;
    for (std::size_t i = 0; i < series_.size(); ++i) {
      if (const auto last = last_point(i)) {
        const Point end = place(last->x, last->y);
        labels.push_back({i, last->y, end.x, end.y, 0});
      }
    }
    spread(labels, plot_);
    for (const Label& label : labels) {
      const Style style = style_of(label.series);
      // No lead from a line that ends early: crossing the chart, it would look like data.
      const bool ends_early = label.from < plot_.right - 24;
      const Point knee[] = {{ends_early ? plot_.right + 4 : label.from + 7, label.end},
                            {plot_.right + 16, label.place},
                            {plot_.right + 22, label.place}};
      canvas_.line(knee, 1.25, style.color);
      const Series& series = series_[label.series];
      const double start = plot_.right + 27;
      canvas_.text(series.name, {start, label.place + 4}, kNameStyle);
      canvas_.text(readable(label.value),
                   {start + canvas_.text_width(series.name, kNameStyle) + 8, label.place + 4},
                   kValueStyle);
    }
  }

  const std::vector<Series>& series_;
  ChartText labels_;
  Canvas canvas_;
  Axis x_;
  Axis y_;
  Box plot_;
};

}  // namespace

Tensor line_chart(const std::vector<Series>& series, const LineChartOptions& options) {
  for (const Series& one : series) {
    if (one.x.size() != one.y.size()) {
      throw ShapeError(text("[line chart] series \"", one.name, "\" has ", one.x.size(),
                            " x values and ", one.y.size(), " y values"));
    }
  }
  return Chart(series, options).draw();
}

}  // namespace hourglass::figure
