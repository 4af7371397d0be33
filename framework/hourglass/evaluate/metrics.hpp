#pragma once

#include <hourglass/config/codec.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/plugin/metric.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace hourglass {

/// Every metric that experiments can name, in the order in which help lists them. They live as
/// long as the process.
HOURGLASS_API std::span<const MetricType* const> metrics();

/// The metric of this name, or null.
HOURGLASS_API const MetricType* find_metric(std::string_view name);

/// The metric that an entry of `evaluate` names: one of these, or of the variant's own. Throws
/// ConfigError for an unknown name and for options that are wrong.
HOURGLASS_API std::unique_ptr<Metric> make_metric(const config::Named& entry,
                                                  std::span<const MetricType* const> own = {});

}  // namespace hourglass
