#pragma once

#include <filesystem>
#include <string>

namespace hourglass::cli {

/// Whether a folder is a sweep's, and not a run's.
bool is_sweep_folder(const std::filesystem::path& folder);

/// How far a sweep is, by its points.csv: how many runs are completed, failed and so on, what is
/// varied, and the runs that failed. Works while the sweep runs. Throws DataError for a damaged
/// table.
std::string sweep_summary(const std::filesystem::path& folder);

}  // namespace hourglass::cli
