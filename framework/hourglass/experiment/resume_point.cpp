#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/resume_point.hpp>

#include <algorithm>
#include <system_error>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

/// Whether a checkpoint's experiment wants the best weights. Its text is the one that was resolved,
/// so where it cannot be read, its reader will say so.
bool wants_best(const CheckpointHeader& header) {
  try {
    const config::Node root = config::parse_text(header.identity.experiment, "experiment");
    const config::Node* weights = root.find("evaluate_weights");
    return weights != nullptr && weights->text() == "best";
  } catch (const ConfigError&) {
    return false;
  }
}

}  // namespace

WholeCheckpoint chosen_checkpoint(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    const fs::path whole = fs::absolute(path, error);
    throw DataError(text(path.string(), ": there is no such run or checkpoint",
                         error || path == whole ? "" : "; looked for " + whole.string()));
  }
  if (!fs::is_directory(path, error)) return {path, read_checkpoint_header(path)};
  const fs::path last = path / "checkpoints" / "last.h5";
  if (!fs::exists(last, error)) {
    throw DataError(
        text(path.string(), ": is no run with a checkpoint (", last.string(), " is missing)"));
  }
  CheckpointHeader header = read_checkpoint_header(last);
  if (!wants_best(header)) return {last, std::move(header)};
  const fs::path best = path / "checkpoints" / "best.h5";
  return {best, read_checkpoint_header(best)};
}

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
