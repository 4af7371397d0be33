#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_form.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// A checkpoint that a newer program has written: whole, but not for this one.
class HOURGLASS_API NewerCheckpoint : public DataError {
 public:
  using DataError::DataError;
  ~NewerCheckpoint() override;
};

/// Whose checkpoint it is.
struct CheckpointIdentity {
  std::string variant;
  std::string variant_version;
  std::string experiment;  ///< the resolved file
  /// How samples are brought into the form that the model knows; null where that is not known.
  std::shared_ptr<const DataForm> data = nullptr;
};

/// How far a training has come: all that a resumed run needs besides the model's variables. Random
/// numbers and the order of the data are counted, so that their counts are enough.
struct HOURGLASS_API TrainingState {
  std::int64_t epoch = 0;  ///< epochs completed
  std::int64_t step = 0;   ///< batches trained on
  std::int64_t batch = 0;  ///< batches done of the epoch that is under way
  /// Train steps passed of the batch that is under way: more than 0 only where one of them met a
  /// loss that is not finite, and those before it had run.
  std::int64_t passed = 0;
  /// The train steps' own counts.
  std::vector<std::int64_t> counts;
  /// Batches that each Stream has given.
  std::vector<std::int64_t> streams = std::vector<std::int64_t>(kStreams, 0);
  /// Samples of that epoch so far.
  std::int64_t samples = 0;
  /// Sums over the samples of that epoch so far, one a fetched number, and over how many samples
  /// each train step has run.
  std::vector<double> sums;
  std::vector<std::int64_t> step_samples;
  /// The least loss, which chose the best checkpoint, and the epoch it was found in (0: none yet).
  double best = 0;
  std::int64_t best_epoch = 0;
  /// The loss of the last improvement that early stopping counted, from which the next is measured,
  /// and the number of epochs since.
  double reference = 0;
  std::int64_t stale = 0;
};

/// Writes a model and the state of its training, aside and renamed: a reader never sees half a
/// file. Parameters stand as plain row-major f32 arrays, whatever their layout in memory.
/// Throws IoError.
HOURGLASS_API void write_checkpoint(const std::filesystem::path& path, Model& model,
                                    const CheckpointIdentity& identity, const TrainingState& state);

/// What a checkpoint says of itself.
struct CheckpointHeader {
  CheckpointIdentity identity;
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  /// What schedules counted in epochs go by; 0 where older checkpoints do not say it.
  std::int64_t steps_per_epoch = 0;
};
/// Throws DataError when the file is missing, damaged or of another kind, NewerCheckpoint when it
/// is of a newer format.
HOURGLASS_API CheckpointHeader read_checkpoint_header(const std::filesystem::path& path);

/// A sentence where a checkpoint is of another version of its variant than the plugin; else empty.
HOURGLASS_API std::string version_difference(const CheckpointIdentity& then,
                                             std::string_view version);

/// Reads parameters and state variables into `model`, which has been built already; moments only
/// where the model has them. Throws DataError, naming what is missing or has another shape.
HOURGLASS_API void read_weights(const std::filesystem::path& path, Model& model);

/// Gives a model that has no variables yet those of a checkpoint and its counts, whatever it says
/// they should be like, and lets the model check them: so a stranger's file asks for no more memory
/// than it fills itself. Throws DataError as `read_weights`.
HOURGLASS_API void open_weights(const std::filesystem::path& path, Model& model);

/// Reads everything that training goes on from. `notes` gets a sentence when layouts or code
/// differ from those of the program that wrote it: results can then differ in the last bits.
HOURGLASS_API TrainingState read_training(const std::filesystem::path& path, Model& model,
                                          std::vector<std::string>& notes);

/// Writes a checkpoint anew where it says another experiment than `identity`: one whose run has got
/// more epochs. Leaves its variables in `model`. Throws as `read_training` and `write_checkpoint`.
HOURGLASS_API void rename_experiment(const std::filesystem::path& path, Model& model,
                                     const CheckpointIdentity& identity);

/// Starts `model` from another one's parameters and state where paths agree; the others keep their
/// initial values. Returns how many parameters were taken.
/// Throws DataError when a shape differs, or when no parameter's path agrees.
HOURGLASS_API int initialise_from(const std::filesystem::path& path, Model& model);

}  // namespace hourglass
