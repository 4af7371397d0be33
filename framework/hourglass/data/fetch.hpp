#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hourglass {

/// A file that can be had from one of several addresses, and how to know it.
struct HOURGLASS_API RemoteFile {
  std::string name;                    ///< below the data set's folder
  std::vector<std::string> addresses;  ///< http, https or file; tried in this order
  std::string sha256;                  ///< 64 hexadecimal digits; empty: only the size is checked
  std::uint64_t bytes = 0;
};

/// Told as bytes arrive: the file's name, how many are there, how many there will be.
using FetchProgress =
    std::function<void(const std::string& name, std::uint64_t done, std::uint64_t bytes)>;

enum class FetchOutcome { Kept, Fetched };

/// Brings `file` to `folder`. What is there with the right sum is kept. Otherwise bytes go to
/// `<name>.part`, from which an interrupted fetch goes on, and the file gets its name once size and
/// sum are right: what has the name is whole. At most five redirections are followed.
/// Throws DataError when every address gave wrong bytes or there is none, IoError when the last
/// fault was the network's or the disk's; the message has one line an address.
HOURGLASS_API FetchOutcome fetch_file(const RemoteFile& file, const std::filesystem::path& folder,
                                      const FetchProgress& progress = {});

}  // namespace hourglass
