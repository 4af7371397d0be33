#include <hourglass/experiment/version_stamp.hpp>
#include <hourglass/experiment/versions.hpp>
#include <hourglass/onednn/primitive.hpp>
#include <hourglass/storage/h5_file.hpp>

namespace hourglass {

std::string program_version() { return HOURGLASS_VERSION; }
std::string git_revision() { return HOURGLASS_GIT_REVISION; }

std::vector<std::pair<std::string, std::string>> library_versions() {
  return {{"onednn", onednn::version()}, {"hdf5", hdf5::library_version()}};
}

}  // namespace hourglass
