#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hourglass::cli {

/// Where the experiment `name` that comes with the program lies, in the source tree or installed.
std::optional<std::filesystem::path> shipped_experiment(const std::filesystem::path& name);

/// Throws DataError when there is no file of that name; of one that comes with the program it says
/// where it lies.
void expect_experiment(const std::string& file);

}  // namespace hourglass::cli
