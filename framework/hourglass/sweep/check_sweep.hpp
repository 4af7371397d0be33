#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/surroundings.hpp>

#include <atomic>
#include <filesystem>
#include <string>

namespace hourglass {

/// What a sweep file comes to: the file with every default, its points, how many runs these are,
/// and about how long they take and how much memory: a few of the points, in a process each, train
/// for a moment in a folder that is removed again. Needs a process with a single thread
/// (worker.hpp). Throws ConfigError with every fault, those that show only when an experiment meets
/// its data for the points that were tried; and as `run_sweep`.
HOURGLASS_API std::string check_sweep(const std::filesystem::path& file,
                                      const Surroundings& surroundings, std::atomic<bool>& stop);

}  // namespace hourglass
