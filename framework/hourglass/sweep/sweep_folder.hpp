#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/storage/folder_lock.hpp>
#include <hourglass/sweep/plan.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// How far a run of a sweep is.
enum class SweepStatus {
  Waiting,      ///< not begun
  Running,      ///< in a process at this moment
  Interrupted,  ///< has a checkpoint to go on from
  Completed,
  Stopped,   ///< ended early as hopeless
  Diverged,  ///< its loss was not finite: running it again would come to the same
  Failed,    ///< could not run; the next sweep tries again
};
HOURGLASS_API std::string_view name_of(SweepStatus status);

/// What a run's folder tells.
struct HOURGLASS_API RunStanding {
  SweepStatus status = SweepStatus::Waiting;
  std::int64_t epochs = 0;  ///< done, as metrics.csv has them
  bool ended = false;       ///< its process came to an end of its own, and wrote its result
  std::string message;      ///< why it diverged or failed
};

/// A sweep's folder and the names of what is in it: `sweep.yaml`, `points.csv`, and `runs/<id>`, a
/// run's folder each. What the runs' folders say is the truth; points.csv is a view of it. While
/// the object lives, no other process can use the folder.
class HOURGLASS_API SweepFolder {
 public:
  /// Makes the folder. Throws IoError when that fails, ConfigError when another process uses it, or
  /// when it holds something else.
  explicit SweepFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path sweep() const { return path_ / "sweep.yaml"; }
  std::filesystem::path points() const { return path_ / "points.csv"; }
  std::filesystem::path runs() const { return path_ / "runs"; }
  std::filesystem::path run(const std::string& id) const { return runs() / id; }

  /// In a process that is forked from the sweep's.
  void leave_to_parent() { lock_->leave_to_parent(); }

  /// The ids of points.csv by point and seed, as far as their folders are there; empty without it.
  /// Throws DataError for a damaged one.
  KnownIds known_ids() const;
  /// Writes points.csv: a row for each run of the plan, then the rows of runs that are no longer in
  /// it. `states[i][k]` is of point i with seed k.
  void write_points(const Plan& plan, const std::vector<std::vector<RunStanding>>& states);

 private:
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
  csv::TextTable before_;  // points.csv as it was found
  std::string written_;
};

/// How far the run in `folder` is as a run of `experiment`: of one that is complete, but with fewer
/// epochs or other measures, Interrupted. Throws ConfigError, with a line for each difference, when
/// the folder holds another experiment.
HOURGLASS_API RunStanding read_standing(const std::filesystem::path& folder,
                                        const ResolvedExperiment& experiment);

/// The value of `metric` in the folder's metrics.csv after `epoch` epochs, or after the last one
/// before them; nothing where there is none.
HOURGLASS_API std::optional<double> metric_after(const std::filesystem::path& folder,
                                                 const std::string& metric, std::int64_t epoch);

/// Records that a run could not be run, where it has not recorded so itself.
HOURGLASS_API void write_failure(const std::filesystem::path& folder, const SweepRun& run,
                                 const std::string& message);

}  // namespace hourglass
