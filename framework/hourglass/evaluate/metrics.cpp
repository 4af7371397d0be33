#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/reconstruction.hpp>
#include <hourglass/evaluate/units.hpp>

namespace hourglass {

std::span<const Metric* const> metrics() {
  static const ReconstructionMetric kReconstruction;
  static const UnitsMetric kUnits;
  static const Metric* const kAll[] = {&kReconstruction, &kUnits};
  return kAll;
}

const Metric* find_metric(std::string_view name) {
  for (const Metric* metric : metrics()) {
    if (metric->name() == name) return metric;
  }
  return nullptr;
}

}  // namespace hourglass
