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

}  // namespace hourglass
