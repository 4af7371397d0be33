#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/data/data_set.hpp>

#include <span>
#include <string>

namespace hourglass::cli {

/// What a draft is asked for.
struct DraftRequest {
  std::string dataset;     ///< its name or path, as the file shall give it
  std::string array = {};  ///< its arrays, where the user has named them
  std::string labels_array = {};
  std::string variant;
  std::string plugins = {};  ///< options by which `hourglass plugins` finds the variant
};

/// An experiment file for a data set, with comments: validation split, scaling, loss, layers, code
/// and epochs that fit what the training data look like. Of `options`, the variant's, only those
/// are written that it has.
std::string draft_experiment(const DataSet& data, const DraftRequest& request,
                             std::span<const OptionRow> options);

}  // namespace hourglass::cli
