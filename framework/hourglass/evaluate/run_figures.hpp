#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/storage/csv.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

// Pictures of a run, u8 [height, width, 3], on test samples or, when there are none, training
// samples. Equal weights give equal bytes.

/// Samples above their reconstructions; where the experiment corrupts samples, clean samples, what
/// the model was given, and its output for that. Images stand in a sheet, two of each class where
/// there are classes, in the scale of their file. Other samples are lines over their features, a
/// chart each, in the model's scale where every feature has a scale of its own, else in the file's.
HOURGLASS_API Tensor reconstructions_figure(Model& model, const DataSet& data);

/// The losses of training, validation and test against the epoch, from the columns of metrics.csv
/// that are there.
HOURGLASS_API Tensor curves_figure(const csv::Table& metrics);

/// Codes of at most 2000 samples, spread evenly over the split, as points coloured by class; by the
/// class's number when there are more than 20, by the first factor when there are factors only. A
/// code of two numbers is shown as it is, a longer one by its first two principal components, one
/// number with points shaken apart along the other axis. Codes that are not finite are left out.
HOURGLASS_API Tensor latent_figure(Model& model, const DataSet& data);

/// The program that `reconstructions_figure` runs.
HOURGLASS_API Purpose reconstructions_figure_purpose(const Model& model);
/// The samples that `reconstructions_figure` and `latent_figure` ask the model for.
HOURGLASS_API std::int64_t reconstructions_figure_samples(const DataSet& data);
HOURGLASS_API std::int64_t latent_figure_samples(const DataSet& data);

/// Draws all three into `folder` (which is there) as reconstructions.png, latent.png and, once
/// there is an epoch, curves.png. Returns a sentence for each that could not be drawn: no picture
/// is worth a training.
HOURGLASS_API std::vector<std::string> draw_run_figures(const std::filesystem::path& folder,
                                                        Model& model, const DataSet& data,
                                                        const csv::Table& metrics);

}  // namespace hourglass
