#pragma once

#include <hourglass/core/api.hpp>

#include <filesystem>
#include <string>

namespace hourglass {

/// A folder of its own among the system's temporary ones, removed with the object.
class HOURGLASS_API TemporaryFolder {
 public:
  /// Its name begins with "hourglass-" and `purpose`. Throws IoError when it cannot be made.
  explicit TemporaryFolder(const std::string& purpose);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hourglass
