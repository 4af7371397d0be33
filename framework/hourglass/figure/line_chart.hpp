#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hourglass::figure {

/// One line of a chart. Points that are not finite are left out, and the line has a gap there.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;  ///< as many as x
};

struct LineChartOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  double width = 720;   ///< units, two pixels each
  double height = 420;  ///< grows where the names need more
  /// Whether y is logarithmic; by default when all of it is positive and spans more than two
  /// decades.
  std::optional<bool> logarithmic = {};
};

/// Lines against a common x, each named at its end together with its last value, so that no legend
/// covers data. Returns a picture, u8 [height, width, 3]. Throws ShapeError for a series whose x
/// and y differ in length.
///
///     png::write(path, line_chart({{"train", epochs, losses}}, {.x_label = "epoch"}));
HOURGLASS_API Tensor line_chart(const std::vector<Series>& series,
                                const LineChartOptions& options = {});

}  // namespace hourglass::figure
