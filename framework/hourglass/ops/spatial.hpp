#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>
#include <hourglass/graph/operation.hpp>

#include <cstdint>
#include <string>
#include <vector>

// What operations over spatial axes share: reading options, and refusals.

namespace hourglass {

/// "3x2".
std::string spread_text(const std::vector<std::int64_t>& numbers);

/// How an operation over spatial axes takes its input: as it lies, or as images do between
/// convolutions where it is plain.
onednn::Layout image_layout(const Lowering& lowering, int input);

/// Checks options of an operation on x, [batch, channels, size] or [batch, channels, height,
/// width].
class SpatialChecker {
 public:
  /// Throws ShapeError when x has other axes.
  SpatialChecker(const char* name, const Shape& x);

  /// Spatial axes of x: one or two.
  int axes() const { return x_.rank() - 2; }
  /// One number an axis, from as many, or from one for all; each at least `least`.
  std::vector<std::int64_t> spread(std::vector<std::int64_t> numbers, const char* what,
                                   std::int64_t least) const;
  /// Adds to what `fail` says after the shape of x.
  void describe(std::string more) { more_ = std::move(more); }
  /// Throws ShapeError: the rule, and what came.
  [[noreturn]] void fail(const std::string& rule) const;

 private:
  const char* name_;
  Shape x_;
  std::string more_;
};

}  // namespace hourglass
