#pragma once

#include <filesystem>
#include <string>

namespace hourglass::cli {

/// What a run has come to, from the files in its folder, which may still be growing: losses,
/// measures with the baseline's beside ours, and where the pictures are. Throws DataError for a
/// folder that holds no run, and for files in it that are damaged.
std::string run_summary(const std::filesystem::path& folder);

}  // namespace hourglass::cli
