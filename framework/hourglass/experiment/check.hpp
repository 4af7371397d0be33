#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/surroundings.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

/// What `hourglass check` prints: the resolved file, the graph, parameters, and the kernels and
/// memory of each program. Throws as `prepare`.
HOURGLASS_API std::string check_experiment(const std::filesystem::path& experiment,
                                           const std::vector<std::string>& overrides,
                                           const Surroundings& surroundings);

}  // namespace hourglass
