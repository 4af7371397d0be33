#pragma once

#include <filesystem>

/// A line at the end of a file, "\nhourglass crc32 0123abcd\n", that shows whether any byte before
/// it changed. HDF5 ignores what follows its own end of file, and cuts it off when another program
/// writes to the file. It exists since HDF5 keeps no checksum of numbers and texts: a flipped bit
/// in a weight would pass unseen, and one in a text's place makes libhdf5 1.10 write past its
/// memory.
namespace hourglass::detail {

enum class Seal { None, Whole, Broken };

/// Appends the line. Throws IoError.
void seal(const std::filesystem::path& path);

/// Reads the file once. Throws DataError when it cannot be read.
Seal check_seal(const std::filesystem::path& path);

}  // namespace hourglass::detail
