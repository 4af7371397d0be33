#include <hourglass/core/error.hpp>
#include <hourglass/figure/axes.hpp>
#include <hourglass/figure/panels.hpp>
#include <hourglass/figure/thinned.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::figure {
namespace {

constexpr double kPanelGap = 26;
constexpr double kPanelRight = 28;
constexpr double kPanelLine = 1.25;
constexpr double kShade = 0.22;
constexpr TextStyle kPanelNames{.size = 11, .color = kInk};

struct PanelAxes {
  Axis y;
  bool shows(double x, double value) const {
    return std::isfinite(x) && std::isfinite(value) && (!y.logarithmic || value > 0);
  }
};

PanelAxes axes_of_panel(const Panel& panel) {
  std::vector<double> values;
  for (const Series& line : panel.lines) values.insert(values.end(), line.y.begin(), line.y.end());
  if (panel.level) values.push_back(*panel.level);
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  const Range range = range_of(values);
  if (panel.may_be_logarithmic && !values.empty() && range.low > 0 &&
      range.high / range.low > 100) {
    const double room = std::pow(range.high / range.low, 0.04);
    return {logarithmic_axis({range.low / room, range.high * room}, 4)};
  }
  const Axis axis = linear_axis(range, 4);
  return {linear_axis(padded(axis.range, 0.05), 4)};
}

Color color_of_line(std::size_t index) { return category_color(static_cast<int>(index % 6)); }

class Panels {
 public:
  Panels(const std::vector<Panel>& panels, const std::vector<Stretch>& shaded,
         const PanelsOptions& options)
      : panels_(panels), shaded_(shaded), options_(options), canvas_(1, 1) {
    std::vector<double> x;
    for (const Panel& panel : panels) {
      axes_.push_back(axes_of_panel(panel));
      left_ = std::max(left_, left_margin(canvas_, axes_.back().y, {.y_label = panel.y_label}));
      for (const Series& line : panel.lines) x.insert(x.end(), line.x.begin(), line.x.end());
    }
    x_ = linear_axis(range_of(x), 9, true);
    x_ = linear_axis(padded(x_.range, 0.01), 9, true);
    const ChartText outer{options.title, options.x_label, ""};
    double height = top_margin(outer) + bottom_margin(outer);
    for (const Panel& panel : panels) height += panel.height + kPanelGap;
    canvas_ = Canvas(std::max(options.width, left_ + 100), height);
  }

  Tensor draw() {
    double top = top_margin({options_.title, "", ""});
    for (std::size_t i = 0; i < panels_.size(); ++i) {
      const bool last = i + 1 == panels_.size();
      const Box plot{left_, top, canvas_.width() - kPanelRight, top + panels_[i].height};
      draw_panel(i, plot,
                 {i == 0 ? options_.title : "", last ? options_.x_label : "", panels_[i].y_label});
      top = plot.bottom + kPanelGap;
    }
    return canvas_.picture();
  }

 private:
  double across(double x, const Box& plot) const { return x_.place(x, plot.left, plot.right); }

  void draw_panel(std::size_t index, const Box& plot, const ChartText& labels) {
    const Panel& panel = panels_[index];
    const PanelAxes& axes = axes_[index];
    for (const Stretch& each : shaded_) {
      const double from = std::max(across(each.from - 0.5, plot), plot.left);
      const double to = std::min(across(each.to + 0.5, plot), plot.right);
      // A single step of many is thinner than a pixel, and matters.
      canvas_.fill({from, plot.top, std::max(to, from + 1), plot.bottom}, category_color(1),
                   kShade);
    }
    draw_axes(canvas_, plot, x_, axes.y, labels);
    if (panel.level && axes.shows(0, *panel.level)) {
      const double at = axes.y.place(*panel.level, plot.bottom, plot.top);
      const Point ends[] = {{plot.left, at}, {plot.right, at}};
      const double dashes[] = {6, 4};
      canvas_.line(ends, 1, kInk, 1, dashes);
    }
    double name_at = plot.left + 8;
    for (std::size_t i = panel.lines.size(); i-- > 0;) draw_line(panel.lines[i], i, axes, plot);
    for (std::size_t i = 0; i < panel.lines.size(); ++i) {
      const std::string& name = panel.lines[i].name;
      if (name.empty()) continue;
      TextStyle style = kPanelNames;
      style.color = color_of_line(i);
      canvas_.text(name, {name_at, plot.top - 4}, style);
      name_at += canvas_.text_width(name, style) + 16;
    }
  }

  void draw_line(const Series& line, std::size_t index, const PanelAxes& axes, const Box& plot) {
    std::vector<Point> piece;
    for (std::size_t i = 0; i <= line.x.size(); ++i) {
      const bool more = i < line.x.size() && axes.shows(line.x[i], line.y[i]);
      if (more) {
        piece.push_back({across(line.x[i], plot), axes.y.place(line.y[i], plot.bottom, plot.top)});
      }
      if (more || piece.empty()) continue;
      if (piece.size() == 1) canvas_.disc(piece[0], 1.5, color_of_line(index));
      canvas_.line(thinned(piece, canvas_.width()), kPanelLine, color_of_line(index));
      piece.clear();
    }
  }

  const std::vector<Panel>& panels_;
  const std::vector<Stretch>& shaded_;
  const PanelsOptions& options_;
  std::vector<PanelAxes> axes_;
  double left_ = 0;
  Axis x_;
  Canvas canvas_;
};

}  // namespace

Tensor panels(const std::vector<Panel>& panels, const std::vector<Stretch>& shaded,
              const PanelsOptions& options) {
  for (const Panel& panel : panels) {
    for (const Series& line : panel.lines) {
      if (line.x.size() == line.y.size()) continue;
      throw ShapeError(text("[panels] series \"", line.name, "\" has ", line.x.size(),
                            " x values and ", line.y.size(), " y values"));
    }
  }
  return Panels(panels, shaded, options).draw();
}

}  // namespace hourglass::figure
