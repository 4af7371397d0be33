#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/data/data_set.hpp>

#include <span>
#include <string>

namespace hourglass::cli {

/// An experiment file for a data set, with comments: validation split, scaling, loss, layers, code
/// and epochs that fit what the training data look like. `dataset` is its name or path, as the file
/// shall give it. Of `options`, the variant's, only those are written that it has.
std::string draft_experiment(const DataSet& data, const std::string& dataset,
                             const std::string& variant, std::span<const OptionRow> options);

}  // namespace hourglass::cli
