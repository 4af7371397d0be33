#pragma once

#include <hourglass/core/api.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace hourglass {

/// The SHA-256 sum of a file in hexadecimal digits. Throws DataError when it cannot be read.
HOURGLASS_API std::string sha256_of(const std::filesystem::path& file);

/// The same of a text.
HOURGLASS_API std::string sha256_of_text(std::string_view text);

}  // namespace hourglass
