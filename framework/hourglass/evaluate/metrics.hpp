#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/metric.hpp>

#include <span>
#include <string_view>

namespace hourglass {

/// Every metric that experiments can name, in the order in which help lists them. They live as
/// long as the process.
HOURGLASS_API std::span<const Metric* const> metrics();

/// The metric of this name, or null.
HOURGLASS_API const Metric* find_metric(std::string_view name);

}  // namespace hourglass
