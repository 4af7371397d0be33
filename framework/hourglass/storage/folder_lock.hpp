#pragma once

#include <hourglass/core/api.hpp>

#include <filesystem>

namespace hourglass {

/// A folder that one process has for itself. The lock goes with the process, however it ends.
class HOURGLASS_API FolderLock {
 public:
  /// The folder must exist. Throws IoError when it cannot be opened, ConfigError when another
  /// process has it.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// In a process forked from the one that has the lock: leaves it to that one, so that it goes
  /// with it and does not wait for this one.
  void leave_to_parent();

 private:
  int file_ = -1;
};

/// Whether a process has the folder for itself at this moment.
HOURGLASS_API bool is_in_use(const std::filesystem::path& folder);

}  // namespace hourglass
