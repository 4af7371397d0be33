#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model_builder.hpp>

#include <string>

namespace hourglass {

/// A range that losses and outputs ask of the data: [0, 1] or [-1, 1].
enum class DataRange { Unit, Symmetric };

/// Refuses `model.<option>: <value>` where the training data leave the range that it needs. The
/// sentence names both ranges, the scalings that lead there, and the value to use `instead`:
///
///     need_range(model, "loss", "binary_cross_entropy", DataRange::Unit, "squared_error");
HOURGLASS_API void need_range(const ModelBuilder& model, const std::string& option,
                              const std::string& value, DataRange needed,
                              const std::string& instead);

}  // namespace hourglass
