#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// What is known of samples beside their values, in their order. Either part may be missing.
struct HOURGLASS_API Labels {
  /// [samples] i64; empty when there are no classes.
  Tensor classes;
  /// Names of the classes 0, 1, ...; empty when the classes are plain numbers.
  std::vector<std::string> class_names;
  /// [samples, factors] f32, the factors that samples were made from; empty when there are none.
  Tensor factors;
  std::vector<std::string> factor_names;

  bool has_classes() const { return !classes.empty(); }
  bool has_factors() const { return !factors.empty(); }
  /// The labels of `rows` only, in that order.
  Labels chosen(std::span<const std::uint32_t> rows) const;
};

}  // namespace hourglass
