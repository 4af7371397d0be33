#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/train/checkpoint.hpp>
#include <hourglass/train/run_folder.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

/// A file that is whole and a checkpoint.
struct HOURGLASS_API WholeCheckpoint {
  std::filesystem::path path;
  CheckpointHeader header;
};

/// The checkpoint that somebody means by a run's folder or a checkpoint file: of a folder that with
/// the weights of its `evaluate_weights`. Throws DataError when there is none, or when it is
/// damaged.
HOURGLASS_API WholeCheckpoint chosen_checkpoint(const std::filesystem::path& run_or_checkpoint);

/// The checkpoints of a run's folder, as somebody finds them who wants to go on from one. Each of
/// them, `best` too, holds all that training goes on from.
struct FolderCheckpoints {
  /// `last` first, then those of the most steps. `last` is written after the others, so where they
  /// are newer the process was killed in between, and they are written again.
  std::vector<WholeCheckpoint> whole;
  /// A sentence for each that is damaged.
  std::vector<std::string> damaged;
};

/// Reads every one of them in full, for the sum at its end. Throws NewerCheckpoint, so that nobody
/// takes what a newer program has written for damaged.
FolderCheckpoints find_checkpoints(const RunFolder& folder);

}  // namespace hourglass
