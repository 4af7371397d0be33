#include <hourglass/experiment/resume_point.hpp>

#include <algorithm>
#include <system_error>

namespace hourglass {

namespace fs = std::filesystem;

FolderCheckpoints find_checkpoints(const RunFolder& folder) {
  FolderCheckpoints found;
  const auto look_at = [&](const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return;
    try {
      found.whole.push_back({path, read_checkpoint_header(path)});
    } catch (const NewerCheckpoint&) {
      throw;
    } catch (const DataError& fault) {
      found.damaged.push_back(fault.what());
    }
  };
  look_at(folder.last());
  const auto others = std::ssize(found.whole);
  for (const auto& [epoch, path] : folder.kept()) look_at(path);
  look_at(folder.best());
  std::stable_sort(found.whole.begin() + others, found.whole.end(),
                   [](const WholeCheckpoint& a, const WholeCheckpoint& b) {
                     return a.header.step > b.header.step;
                   });
  return found;
}

}  // namespace hourglass
