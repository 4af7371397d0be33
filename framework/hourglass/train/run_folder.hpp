#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/storage/folder_lock.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// A run's folder and the names of what is in it. While the object lives, no other process can use
/// the folder; the lock goes with the process.
class HOURGLASS_API RunFolder {
 public:
  /// Makes the folder and those inside it. Throws IoError when that fails, ConfigError when another
  /// process uses the folder.
  explicit RunFolder(std::filesystem::path path);
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path experiment() const { return path_ / "experiment.yaml"; }
  std::filesystem::path environment() const { return path_ / "environment.yaml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
  std::filesystem::path timing() const { return path_ / "timing.csv"; }
  std::filesystem::path result() const { return path_ / "result.yaml"; }
  std::filesystem::path latents() const { return path_ / "latents.h5"; }
  std::filesystem::path units() const { return path_ / "units.csv"; }
  std::filesystem::path features() const { return path_ / "features.csv"; }
  std::filesystem::path figures() const { return path_ / "figures"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path last() const { return checkpoints() / "last.h5"; }
  std::filesystem::path best() const { return checkpoints() / "best.h5"; }
  /// checkpoints/epoch-0005.h5
  std::filesystem::path epoch(std::int64_t epoch) const;

  /// The kept checkpoints of epochs, newest first.
  std::vector<std::pair<std::int64_t, std::filesystem::path>> kept() const;
  /// Removes the kept checkpoints of epochs but the newest `keep` up to `epoch`, and any beyond it,
  /// which a run that was resumed from an older one has left.
  void prune(std::int64_t epoch, int keep) const;

 private:
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
};

/// Adds a row to metrics.csv, under a header written with the first one: epoch, step, numbers.
HOURGLASS_API void append_metrics(const RunFolder& folder, std::int64_t epoch, std::int64_t step,
                                  const NamedNumbers& numbers);
/// Adds a row to timing.csv.
HOURGLASS_API void append_timing(const RunFolder& folder, std::int64_t epoch, double seconds,
                                 double samples_per_second);
/// Cuts both to what had been written when a checkpoint was made.
HOURGLASS_API void cut_to(const RunFolder& folder, std::int64_t epoch);

}  // namespace hourglass
