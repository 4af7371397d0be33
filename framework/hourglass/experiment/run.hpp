#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/train/trainer.hpp>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// What `hourglass run` was asked.
struct HOURGLASS_API RunRequest {
  std::filesystem::path experiment;
  std::vector<std::string> overrides;
  /// The run's folder; by default runs/<name>-<seed>.
  std::optional<std::filesystem::path> output;
  bool resume = false;
};

/// Whoever watches a run: all that a run has to say goes through here.
class HOURGLASS_API RunObserver : public TrainObserver {
 public:
  ~RunObserver() override;
  /// A line for the user: what is being done, or what was noticed.
  virtual void note(const std::string& line) = 0;
};

enum class RunStatus { Completed, AlreadyCompleted, Interrupted };

struct HOURGLASS_API RunOutcome {
  RunStatus status = RunStatus::Completed;
  std::filesystem::path folder;
  /// The last row of metrics.csv and every measure, by name, as in result.yaml.
  NamedNumbers metrics;
};

/// Trains and measures an experiment, and fills its folder. `stop` may be set at any moment, from
/// a signal handler too: the step is finished, a checkpoint saved, and the run is Interrupted.
/// Throws ConfigError (faults of the file, a folder that is there already, a resume that differs),
/// DataError, PluginError, IoError, and DivergedError when a loss is not finite, after a checkpoint
/// of the untouched state has been written.
HOURGLASS_API RunOutcome run_experiment(const RunRequest& request, const Surroundings& surroundings,
                                        RunObserver& observer, const std::atomic<bool>& stop);

/// The same for an experiment that has been read already, in the folder given.
HOURGLASS_API RunOutcome run_experiment(const ResolvedExperiment& experiment,
                                        const std::filesystem::path& folder, bool resume,
                                        const Surroundings& surroundings, RunObserver& observer,
                                        const std::atomic<bool>& stop);

}  // namespace hourglass
