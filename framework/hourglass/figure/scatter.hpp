#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hourglass::figure {

struct ScatterOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  double size = 440;  ///< of the square that the points lie in, in units of two pixels
};

/// Points [count, 2] f32, coloured by class, with a legend beside them. `classes[i]` is at least 0;
/// `names[c]` names class c, else its number does. An empty `classes` gives one colour and no
/// legend. Both axes have one scale unless one spread is twenty times the other. Points that are
/// not finite are left out. Classes are drawn mixed, so that none hides another. Returns a picture,
/// u8 [height, width, 3]. Throws ShapeError for points of another shape and for counts that differ.
HOURGLASS_API Tensor scatter(const Tensor& points, std::span<const std::int64_t> classes,
                             const std::vector<std::string>& names = {},
                             const ScatterOptions& options = {});

/// The same, coloured by a value, with a colour bar that `value_label` names. Points whose value is
/// not finite are grey.
HOURGLASS_API Tensor scatter(const Tensor& points, std::span<const double> values,
                             const std::string& value_label, const ScatterOptions& options = {});

}  // namespace hourglass::figure
