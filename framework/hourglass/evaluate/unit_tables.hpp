#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/unit_activity.hpp>
#include <hourglass/plugin/metric.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// The atoms of a code: what each unit adds to a reconstruction, [units, features], where the
/// decoder is one dense layer, whose columns they are; nothing for other decoders.
HOURGLASS_API std::optional<Tensor> atoms(Model& model, const DataSet& data);

/// The number of samples that `units_table` names for each unit.
inline constexpr std::size_t kTopSamples = 10;

/// A CSV table of units, most active first: unit, rate, mean, mean_when_active, top_samples (where
/// they stand in their file, the largest value first, joined by blanks) and, where there are atoms,
/// top_features (the five with the largest weights of either sign, joined by blanks).
HOURGLASS_API std::string units_table(const std::vector<UnitActivity>& units, const Source& source,
                                      const std::optional<Tensor>& atoms,
                                      const std::vector<std::string>& feature_names);

/// A CSV table of features, the most important first: rank, feature, importance, which is the sum
/// over units of |weight| times rate, and top_units, the five that have most part in it.
HOURGLASS_API std::string features_table(const std::vector<UnitActivity>& units,
                                         const Tensor& atoms,
                                         const std::vector<std::string>& feature_names);

/// The atoms of the most active units, at most 100, as images, each scaled by itself about zero;
/// where the decoder has several layers, what the mean active value of each unit alone changes in
/// the reconstruction of a code of zeros. Images only.
HOURGLASS_API Tensor atoms_figure(const Evaluation& evaluation,
                                  const std::vector<UnitActivity>& units,
                                  const std::optional<Tensor>& atoms);

}  // namespace hourglass
