#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/train/checkpoint.hpp>
#include <hourglass/train/run_folder.hpp>
#include <hourglass/train/train_options.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace hourglass {

/// How far training is, for a progress bar.
struct TrainProgress {
  std::int64_t epoch = 0;  ///< being trained, counted from 1
  std::int64_t epochs = 0;
  std::int64_t step = 0;   ///< within the epoch, counted from 1
  std::int64_t steps = 0;  ///< of an epoch
  double loss = 0;         ///< the mean objective of this epoch so far
  double samples_per_second = 0;
  double seconds_left = 0;
};

/// Whoever watches training.
class HOURGLASS_API TrainObserver {
 public:
  virtual ~TrainObserver();
  /// Something that the user should know: a sentence.
  virtual void warning(const std::string& line) = 0;
  /// Several times a second.
  virtual void progress(const TrainProgress& progress) = 0;
  /// After every epoch: the row of metrics.csv.
  virtual void epoch_done(const TrainProgress& progress, const NamedNumbers& row) = 0;
};

/// What a training needs to know besides the model and the data.
struct TrainerSetup {
  TrainOptions options;
  std::uint64_t seed = 1;
  CheckpointIdentity identity;
  /// Called after epochs after which the pictures should be drawn anew.
  std::function<void()> redraw;
};

enum class TrainEnd { Completed, Interrupted };

/// Trains `model` on `data` from `progress` on (a fresh one, or a checkpoint's), writing
/// metrics.csv, timing.csv and checkpoints into `folder`; the first before the first step. On
/// return, and when it throws DivergedError, the last checkpoint holds the state in which the model
/// is: going on from there comes to the same loss. Throws DivergedError before the update when a
/// loss is not finite, or an input or parameter that it starts from. An update that is not finite
/// although its loss is, is met only after it was made: the steps since the last checkpoint are
/// then repeated, and the state before that step kept. Throws DataError when `progress` is in a
/// batch that an epoch has not, OptionError when the train steps need labels that the data have
/// not.
HOURGLASS_API TrainEnd train(Model& model, const DataSet& data, RunFolder& folder,
                             const TrainerSetup& setup, TrainingState& progress,
                             TrainObserver& observer, const std::atomic<bool>& stop);

}  // namespace hourglass
