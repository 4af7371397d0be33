#include <hourglass/core/error.hpp>
#include <hourglass/storage/folder_lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hourglass {

namespace fs = std::filesystem;

FolderLock::FolderLock(const fs::path& folder)
    : file_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (file_ < 0) {
    throw IoError(text(folder.string(), ": cannot open the folder: ", std::strerror(errno)));
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(file_);
  throw ConfigError(text(folder.string(),
                         ": another process is running in this folder; wait for it, or choose "
                         "another one with --output"));
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

void FolderLock::leave_to_parent() {
  ::close(file_);
  file_ = -1;
}

bool is_in_use(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  ::close(file);
  return !free;
}

}  // namespace hourglass
