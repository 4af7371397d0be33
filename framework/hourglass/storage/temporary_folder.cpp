#include <hourglass/core/error.hpp>
#include <hourglass/storage/temporary_folder.hpp>

#include <stdlib.h>

namespace hourglass {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const std::string& purpose) {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  std::string name = (place / ("hourglass-" + purpose + "-")).string();
  name.append(6, 'X');  // for which mkdtemp puts letters of its own
  if (error || ::mkdtemp(name.data()) == nullptr) {
    throw IoError(name + ": cannot make the folder; TMPDIR names the place for it");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

}  // namespace hourglass
