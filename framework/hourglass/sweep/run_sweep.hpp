#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/sweep/sweep_folder.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// What `hourglass sweep` was asked.
struct HOURGLASS_API SweepRequest {
  std::filesystem::path file;
  /// The sweep's folder; by default runs/<name>.
  std::optional<std::filesystem::path> output;
  /// Runs at a time; by default as many as there are processors, but no more than runs.
  std::optional<int> jobs;
};

/// A run that is under way.
struct RunningRun {
  std::string label;  ///< "model.latent=8, seed 2"
  std::int64_t epoch = 0;
  std::int64_t epochs = 0;
  double loss = 0;
};

/// How far a sweep is.
struct HOURGLASS_API SweepProgress {
  std::size_t runs = 0;  ///< that there will be, at most
  std::size_t completed = 0;
  std::size_t stopped = 0;  ///< ended early as hopeless
  std::size_t failed = 0;   ///< diverged ones included
  std::vector<RunningRun> running;
  double seconds = 0;                       ///< since this process began
  std::optional<double> seconds_left = {};  ///< once that can be said
  std::string metric = {};                  ///< that the sweep goes by
  std::optional<double> best = {};          ///< of the metric; not where losses differ
  std::string best_label = {};              ///< of the point that has it

  std::size_t waiting() const { return runs - completed - stopped - failed - running.size(); }
};

/// A run that has ended in this process.
struct EndedRun {
  std::string label;
  SweepStatus status = SweepStatus::Completed;
  std::string message;
  std::optional<double> value;  ///< of the sweep's metric
  double seconds = 0;
};

/// Whoever watches a sweep.
class HOURGLASS_API SweepObserver {
 public:
  virtual ~SweepObserver();
  /// A line for the user.
  virtual void note(const std::string& line) = 0;
  /// Several times a second.
  virtual void progress(const SweepProgress& progress) = 0;
  virtual void run_ended(const EndedRun& run, const SweepProgress& progress) = 0;
};

struct HOURGLASS_API SweepOutcome {
  std::filesystem::path folder;
  std::string metric;
  bool interrupted = false;
  SweepProgress end;
  /// What failed or diverged, with its message, in the order of the points.
  std::vector<EndedRun> failures;
};

/// How many runs at a time, and threads of each: together no more than there are processors, and
/// no more runs than there may be something to do for.
struct HOURGLASS_API Sharing {
  int jobs = 1;
  int threads = 1;
};
HOURGLASS_API Sharing share(const Plan& plan, std::optional<int> jobs, int processors);

/// Does what is missing of a sweep: every run that is not complete yet, each in a process of its
/// own, those that were interrupted from where they stopped. So running it again after whatever
/// end comes to the same results. A run that fails is recorded, and the others go on. When `stop`
/// is set, runs save their state and end. Needs a process with a single thread (worker.hpp).
/// Throws ConfigError (faults of the file, each with the point; a folder in use; a folder whose
/// runs are other experiments, with the differences; a metric that there is not), DataError,
/// PluginError, IoError.
HOURGLASS_API SweepOutcome run_sweep(const SweepRequest& request, const Surroundings& surroundings,
                                     SweepObserver& observer, std::atomic<bool>& stop);

}  // namespace hourglass
