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
  /// [samples] i64; empty when there are no classes. A sample with -1 carries no label.
  Tensor classes;
  /// Names of the classes 0, 1, ...; empty when the classes are plain numbers.
  std::vector<std::string> class_names;
  /// [samples, factors] f32, the factors that samples were made from; empty when there are none.
  Tensor factors;
  std::vector<std::string> factor_names;
  /// [samples, factors] i32, which of its values, counted from 0, each factor has; empty when that
  /// is not known.
  Tensor factor_classes;
  /// [samples] u8, 1 for an anomaly and 0 for a normal sample; empty when nothing says which they
  /// are (anomaly.hpp).
  Tensor anomalies;

  bool has_classes() const { return !classes.empty(); }
  bool has_factors() const { return !factors.empty(); }
  bool has_anomalies() const { return !anomalies.empty(); }
  /// How many classes there are: as many as names, or up to the largest number. 0 without classes,
  /// and where the numbers are not classes counted from 0: below -1, -1 without any 0, or 2^32 and
  /// more.
  std::int64_t class_count() const;
  /// The samples that carry one of `count` classes, in their order.
  std::vector<std::uint32_t> labelled(std::int64_t count) const;
  /// The labels of `rows` only, in that order.
  Labels chosen(std::span<const std::uint32_t> rows) const;
};

}  // namespace hourglass
