#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {

/// `units`: `<split>/units/dead_fraction`, the part of the code's units that never vary over the
/// split: those whose standard deviation is at most 1e-6 times the larger of their own mean's size
/// and the largest unit's standard deviation. So rectified units that are never above zero are
/// dead, and so are units that give one value to every sample, but for rounding.
class HOURGLASS_API UnitsMetric final : public Metric {
 public:
  static constexpr const char* kName = "units";
  static constexpr const char* kMeaning = "the part of the code's units that never vary";
  struct Options {
    static void describe(Schema<Options>&) {}
  };
  explicit UnitsMetric(const Options&) {}
  std::vector<Purpose> purposes() const override { return {Purpose::Encode}; }
  void measure(const Evaluation& evaluation, Measures& measures) const override;
};

}  // namespace hourglass
