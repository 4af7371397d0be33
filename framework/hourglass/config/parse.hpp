#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/core/api.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace hourglass::config {

/// Reads YAML: one document of maps, lists and scalars, in UTF-8. `name` stands in messages for
/// the file. Empty text is Null.
///
/// Faults that leave the rest readable (repeated keys, merge keys `<<`, keys that are not text,
/// tags) go to `problems`; what ends the reading (not YAML, an alias of itself, more than 64
/// levels, 100,000 nodes with all aliases expanded, or 1 MiB) throws ConfigError with everything
/// found so far.
HOURGLASS_API Node parse_text(std::string_view text, const std::string& name, Problems& problems);
/// The same, where every fault throws ConfigError.
HOURGLASS_API Node parse_text(std::string_view text, const std::string& name);

/// Reads a file likewise. Throws DataError when it is missing or is not a readable file.
HOURGLASS_API Node parse_file(const std::filesystem::path& path, Problems& problems);
HOURGLASS_API Node parse_file(const std::filesystem::path& path);

/// Whether `text` is well-formed UTF-8; if not, `*fault` is where it stops being so.
HOURGLASS_API bool is_utf8(std::string_view text, std::size_t* fault = nullptr);

}  // namespace hourglass::config
