#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/train/batch_streams.hpp>
#include <hourglass/train/trainer.hpp>

#include <data/files.hpp>
#include <support/models.hpp>
#include <support/scratch_folder.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string>

/// Small trainings in a folder of their own.
namespace hourglass::test {

/// Stops after every so many reports, if asked to.
class Watcher final : public TrainObserver {
 public:
  explicit Watcher(std::atomic<bool>* stop = nullptr) : stop_(stop) {}
  void progress(const TrainProgress& progress) override {
    last = progress;
    if (stop_ != nullptr) *stop_ = true;
  }
  void epoch_done(const TrainProgress&, const NamedNumbers& row) override { rows.push_back(row); }
  void warning(const std::string& line) override { warnings.push_back(line); }

  TrainProgress last;
  std::vector<NamedNumbers> rows;
  std::vector<std::string> warnings;

 private:
  std::atomic<bool>* stop_;
};

inline DataSet data_of(std::map<std::string, std::shared_ptr<Source>> splits) {
  DataSet data;
  data.name = "made";
  data.sample_shape = splits.at("train")->sample_shape();
  data.scaling = std::make_shared<FittedScaling>();
  data.splits = std::move(splits);
  return data;
}

inline constexpr const char* kSmallModel =
    "{encoder: [{dense: 6, activation: relu}, {dropout: 0.2}], latent: 3}";

/// What a training is made from; change it before `run`.
struct Training {
  explicit Training(const std::filesystem::path& path)
      : folder(path), setup(vanilla(kSmallModel, {5})) {
    setup.optimizer = AdamOptions();
    trainer.options.epochs = 3;
    trainer.options.batch = 8;
    trainer.options.checkpoint.every = 1;
    trainer.identity = {"vanilla", "1.0.0", "name: made\n"};
    data = data_of({{"train", source_of(uniform({30, 5}, 1))}});  // 8, 8, 8 and 6 samples
  }

  /// One process: from the last checkpoint, if there is one, to the end or the first stop.
  TrainEnd run(bool stop_at_every_batch = false) {
    stop = false;
    Watcher observer(stop_at_every_batch ? &stop : nullptr);
    model = std::make_unique<Model>(setup);
    compile_training(*model, data, trainer.options.batch);
    state = {};
    if (std::filesystem::exists(folder.last())) {
      std::vector<std::string> notes;
      state = read_training(folder.last(), *model, notes);
      cut_to(folder, state.epoch);
    } else {
      model->initialise(data.train());
    }
    struct Keep {
      Training& training;
      Watcher& observer;
      ~Keep() {
        training.rows = observer.rows;
        training.warnings = observer.warnings;
      }
    } keep{*this, observer};
    return train(*model, data, folder, trainer, state, observer, stop);
  }

  csv::Table metrics() const { return csv::read(folder.metrics()); }

  RunFolder folder;
  ModelSetup setup;
  DataSet data;
  TrainerSetup trainer;
  std::atomic<bool> stop{false};
  std::unique_ptr<Model> model;
  TrainingState state;
  std::vector<NamedNumbers> rows;
  std::vector<std::string> warnings;
};

/// What a training says when it diverges.
inline std::string divergence(Training& training) {
  try {
    training.run();
  } catch (const DivergedError& error) {
    return error.what();
  }
  return "it went well";
}

/// Every file below a folder with its bytes, but for those that tell the time.
inline std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry.path(), folder).string();
    if (!entry.is_regular_file() || name == "timing.csv" || name == "environment.yaml") continue;
    files[name] = testing::read_all(entry.path());
  }
  return files;
}

/// The names of files that are not the same in both; empty where all are.
inline std::string differing(const std::map<std::string, std::string>& a,
                             const std::map<std::string, std::string>& b) {
  std::string names;
  for (const auto& [name, bytes] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second != bytes) names += name + " ";
  }
  for (const auto& [name, bytes] : b) {
    if (!a.contains(name)) names += name + " ";
  }
  return names;
}

}  // namespace hourglass::test
