#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/figure/line_chart.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hourglass::figure {

/// One of several charts above one another.
struct Panel {
  std::string y_label;
  std::vector<Series> lines;
  /// A dashed line across, such as a threshold.
  std::optional<double> level = {};
  double height = 150;  ///< of the plot, in units
  /// Whether y is logarithmic where all of it is positive and spans more than two decades.
  bool may_be_logarithmic = false;
};

/// A stretch of x that is shaded in every panel, both ends included.
struct Stretch {
  double from = 0;
  double to = 0;
};

struct PanelsOptions {
  std::string title = {};
  std::string x_label = {};
  double width = 900;
};

/// Panels above one another along a common x, so that what happens at one time stands in one place.
/// Lines that have names are named at the top of their panel. Returns a picture, u8
/// [height, width, 3]. Throws ShapeError for a series whose x and y differ in length.
///
///     panels({{"value", {{"", steps, values}}}, {"score", {{"", steps, scores}}, 0.5}},
///            {{1200, 1300}}, {.x_label = "time step"})
HOURGLASS_API Tensor panels(const std::vector<Panel>& panels,
                            const std::vector<Stretch>& shaded = {},
                            const PanelsOptions& options = {});

}  // namespace hourglass::figure
