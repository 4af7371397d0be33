#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_form.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// A trained model, and the form of the samples that it knows.
struct HOURGLASS_API Trained {
  std::filesystem::path checkpoint;
  Experiment experiment;
  DataForm form;
  std::int64_t steps_per_epoch = 1;
  std::unique_ptr<Model> model;
  /// Sentences on what is not as it was in training.
  std::vector<std::string> notes;
};

/// Opens a run's folder (its `evaluate_weights`) or a checkpoint file. All that it needs is in the
/// checkpoint: neither the data nor their descriptor need be there any more. Schedules stand where
/// training stood. Throws DataError when there is none, or when it is damaged.
/// `seed`, where it is given, takes the place of the experiment's.
HOURGLASS_API Trained open_trained(const std::filesystem::path& run_or_checkpoint,
                                   const Surroundings& surroundings,
                                   std::optional<std::int64_t> seed = {});

/// Attributes `scale` and `offset` of the dataset `name`, by which the model's values lead back to
/// the file's: file = model * scale + offset, with one number for all features or one for each.
/// More numbers than an attribute can hold become datasets of these names.
void write_scaling(hdf5::Writer& file, const std::string& name, const FittedScaling& scaling);

/// Codes (`codes`) or reconstructions (`reconstructions`, with attributes `scale` and `offset`) of
/// a file's samples, or a data set's, into an HDF5 file. Returns the number of samples. Images of
/// another size than the training's go through the model as a whole where no parameter's shape
/// depends on the size, as with convolutions alone; else through overlapping tiles (tiles.hpp),
/// whose codes stand one after another, and a note says so.
HOURGLASS_API std::int64_t write_codes(Trained& trained, const std::string& input,
                                       const std::filesystem::path& output,
                                       const Surroundings& surroundings,
                                       std::vector<std::string>& notes);
HOURGLASS_API std::int64_t write_reconstructions(Trained& trained, const std::string& input,
                                                 const std::filesystem::path& output,
                                                 const Surroundings& surroundings,
                                                 std::vector<std::string>& notes);

/// What came of scoring: how many samples, or time steps, and how many lie above the threshold that
/// was given.
struct Scored {
  std::int64_t samples = 0;
  std::int64_t above = 0;
};

/// The threshold that a run's measure `anomaly` has chosen; nothing for a checkpoint, and for a run
/// that has none. Throws DataError for a damaged result.yaml.
HOURGLASS_API std::optional<double> anomaly_threshold(
    const std::filesystem::path& run_or_checkpoint);

/// Anomaly scores of a file's samples, or a data set's, larger for what is less like the training's
/// (anomaly_score.hpp), as `scores` [samples] f32 in the input's order, with an attribute `score`
/// that names them: the score of the experiment's measure `anomaly`, or else what that would take.
/// With `residuals` also `residuals` [samples, features...] f32: x - reconstruction, in the model's
/// scale. Images of another size as above, scored by the squared error only: DataError otherwise.
/// Of a series, for a model of windows, `scores` [steps] are of its time steps (step_scores.hpp),
/// with attributes `window` and `stride`, and `residuals` [steps, columns] means over windows.
HOURGLASS_API Scored write_scores(Trained& trained, const std::string& input,
                                  const std::filesystem::path& output,
                                  const Surroundings& surroundings, std::vector<std::string>& notes,
                                  std::optional<double> threshold, bool residuals);

}  // namespace hourglass
