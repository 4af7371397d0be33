#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/clustering.hpp>
#include <hourglass/evaluate/denoising.hpp>
#include <hourglass/evaluate/dictionary.hpp>
#include <hourglass/evaluate/disentanglement.hpp>
#include <hourglass/evaluate/likelihood.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/prior_match.hpp>
#include <hourglass/evaluate/probe.hpp>
#include <hourglass/evaluate/reconstruction.hpp>
#include <hourglass/evaluate/robustness.hpp>
#include <hourglass/evaluate/sample_quality.hpp>
#include <hourglass/evaluate/sparsity.hpp>
#include <hourglass/evaluate/units.hpp>

#include <algorithm>

namespace hourglass {

namespace {

template <class M>
const MetricType* type() {
  static const MetricTypeOf<M> kType;
  return &kType;
}

const MetricType* find_in(std::span<const MetricType* const> types, std::string_view name) {
  const auto found = std::ranges::find(types, name, &MetricType::name);
  return found == types.end() ? nullptr : *found;
}

}  // namespace

std::span<const MetricType* const> metrics() {
  static const MetricType* const kAll[] = {
      type<ReconstructionMetric>(), type<DenoisingMetric>(),       type<RobustnessMetric>(),
      type<UnitsMetric>(),          type<SparsityMetric>(),        type<LikelihoodMetric>(),
      type<PriorMatchMetric>(),     type<SampleQualityMetric>(),   type<ProbeMetric>(),
      type<ClusteringMetric>(),     type<DisentanglementMetric>(), type<DictionaryMetric>(),
      type<AnomalyMetric>(),
  };
  return kAll;
}

const MetricType* find_metric(std::string_view name) { return find_in(metrics(), name); }

std::unique_ptr<Metric> make_metric(const config::Named& entry,
                                    std::span<const MetricType* const> own) {
  const MetricType* type = find_metric(entry.name);
  if (type == nullptr) type = find_in(own, entry.name);
  if (type == nullptr) throw ConfigError(text("unknown measure \"", entry.name, "\""));
  return type->make(entry.options);
}

}  // namespace hourglass
