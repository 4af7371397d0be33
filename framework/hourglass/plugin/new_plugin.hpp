#pragma once

#include <hourglass/core/api.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

/// The variants that a new one can be begun from, the default first.
HOURGLASS_API std::vector<std::string> plugin_templates();

/// Writes a new variant, which builds as it is, into the folder `name`: its source, CMakeLists.txt,
/// README.md, an experiment on embedded data, and a sweep that compares it. Returns the files
/// written. Throws ConfigError for a name that no plugin can have, for an unknown `from`, with the
/// nearest, and when there is something of that name already; IoError when it cannot be written.
HOURGLASS_API std::vector<std::filesystem::path> write_new_plugin(const std::string& name,
                                                                  const std::string& from);

/// The folder of the CMake package that belongs to this program, of the build tree or installed;
/// empty where there is none.
HOURGLASS_API std::filesystem::path package_folder();

/// Whether `find_package(hourglass)` finds that folder without being told where it is.
HOURGLASS_API bool is_package_found_unasked(const std::filesystem::path& folder);

}  // namespace hourglass
