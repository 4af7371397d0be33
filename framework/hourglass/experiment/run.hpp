#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/train/trainer.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// Where experiments find what they name: plugins, descriptors, data files.
struct HOURGLASS_API Surroundings {
  PluginHost& plugins;
  DataPlaces places;

  /// What experiment files may name here.
  Vocabulary vocabulary() const;
};

/// The folders of descriptors that belong to this program: the source tree's or the installed ones.
HOURGLASS_API std::vector<std::filesystem::path> descriptor_folders();

/// Data below `root`, known by the program's descriptors and by those that lie in `root` itself.
HOURGLASS_API DataPlaces data_places(const std::filesystem::path& root);

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

/// An experiment with its data and its model, not yet trained: what `check` looks at, and what
/// training starts from. Faults that show only when options meet the data are ConfigErrors with the
/// place of the option, like those of the file.
struct HOURGLASS_API Prepared {
  ResolvedExperiment resolved;
  DataSet data;
  std::unique_ptr<Model> model;
};
HOURGLASS_API Prepared prepare(const std::filesystem::path& experiment,
                               const std::vector<std::string>& overrides,
                               const Surroundings& surroundings);
/// The same for an experiment that has been read already.
HOURGLASS_API Prepared prepare(ResolvedExperiment resolved, const Surroundings& surroundings);

/// What `hourglass check` prints: the resolved file, the graph, parameters, and the kernels and
/// memory of each program. Throws as `prepare`.
HOURGLASS_API std::string check_experiment(const std::filesystem::path& experiment,
                                           const std::vector<std::string>& overrides,
                                           const Surroundings& surroundings);

/// A trained model, and the form of the samples that it knows.
struct HOURGLASS_API Trained {
  Experiment experiment;
  DataForm form;
  std::unique_ptr<Model> model;
};

/// Opens a run's folder (its `evaluate_weights`) or a checkpoint file. All that it needs is in the
/// checkpoint: neither the data nor their descriptor need be there any more.
/// Throws DataError when there is none, or when it is damaged.
HOURGLASS_API Trained open_trained(const std::filesystem::path& run_or_checkpoint,
                                   const Surroundings& surroundings);

/// Codes (`codes`) or reconstructions (`reconstructions`, with attributes `scale` and `offset`) of
/// a file's samples, or a data set's, into an HDF5 file. Returns the number of samples.
HOURGLASS_API std::int64_t write_codes(Trained& trained, const std::string& input,
                                       const std::filesystem::path& output,
                                       const Surroundings& surroundings,
                                       std::vector<std::string>& notes);
HOURGLASS_API std::int64_t write_reconstructions(Trained& trained, const std::string& input,
                                                 const std::filesystem::path& output,
                                                 const Surroundings& surroundings,
                                                 std::vector<std::string>& notes);

}  // namespace hourglass
