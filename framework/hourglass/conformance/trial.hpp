#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/prepare.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/train/checkpoint.hpp>
#include <hourglass/train/run_folder.hpp>
#include <hourglass/train/trainer.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// What is tried: a plugin's file, and where.
struct TrialRequest {
  std::filesystem::path file;
  std::filesystem::path data_root;
  /// Of the experiment that the variant is tried in: "model.latent=4".
  std::vector<std::string> overrides;
  /// Where trainings keep their folders. It is there, and somebody else removes it.
  std::filesystem::path folder;
  int threads = 2;
};

/// A plugin's variant in a small experiment on embedded data: drawn digits, and a dense layer
/// before the code where the variant has no layers of its own. Starts the team of threads, so there
/// is one to a process.
class Trial {
 public:
  /// Loads the plugin. Throws PluginError, and DataError where there is no such file.
  explicit Trial(const TrialRequest& request);

  const TrialRequest& request() const { return request_; }
  const VariantType& variant() const { return *variant_; }
  const Surroundings& surroundings() const { return surroundings_; }
  /// The experiment with further values set. Throws ConfigError for what is wrong with them.
  ResolvedExperiment experiment(std::span<const std::string> more = {}) const;
  /// What is wrong with the experiment that would not be without the request's overrides, a line
  /// each.
  std::string faults_of_overrides() const;

 private:
  ResolvedExperiment resolved(std::span<const std::string> overrides,
                              config::Problems& problems) const;

  TrialRequest request_;
  PluginHost plugins_;
  Surroundings surroundings_;
  const VariantType* variant_;
};

/// A training of the trial's variant, in a folder of its own.
class TrialTraining {
 public:
  enum class From { Beginning, Checkpoint };

  /// Throws as `prepare`: ConfigError where the variant refuses its options.
  TrialTraining(const Trial& trial, const std::string& folder,
                std::span<const std::string> overrides = {}, From from = From::Beginning);

  /// Trains on until so many epochs are done, and leaves a checkpoint. Throws DivergedError.
  void train_to(int epochs);

  Model& model() { return *prepared_.model; }
  const DataSet& data() const { return prepared_.data; }
  const TrainingState& state() const { return state_; }
  std::int64_t batch() const { return prepared_.resolved.experiment.train.batch; }
  /// Every parameter and state, as bytes.
  std::string bytes();

 private:
  Prepared prepared_;
  RunFolder folder_;
  TrainerSetup setup_;
  TrainingState state_;
};

/// A model's parameters, in order of creation.
std::vector<Variable*> parameters_of(Model& model);

}  // namespace hourglass
