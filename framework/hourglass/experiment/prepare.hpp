#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/plugin/model.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

/// An experiment with its data and its model, not yet trained: what `check` looks at, and what
/// training starts from. Faults that show only when options meet the data are ConfigErrors with the
/// place of the option, like those of the file.
struct HOURGLASS_API Prepared {
  ResolvedExperiment resolved;
  DataSet data;
  std::unique_ptr<Model> model;
};
HOURGLASS_API Prepared prepare(const std::filesystem::path& experiment,
                               const std::vector<std::string>& overrides,
                               const Surroundings& surroundings);
/// The same for an experiment that has been read already.
HOURGLASS_API Prepared prepare(ResolvedExperiment resolved, const Surroundings& surroundings);

/// The splits whose codes the run will keep.
std::vector<std::string> latent_splits(const Experiment& experiment, Model& model,
                                       const DataSet& data);

/// Compiles every program that the run will need, for training, evaluation, measures, codes and
/// pictures, each for all its batch sizes: so the model's memory, and which code is slow, are known
/// before the first step.
HOURGLASS_API void compile_programs(const Experiment& experiment, Model& model,
                                    const DataSet& data);

/// "12.3 MiB beside the data": the memory of a model with the programs made so far.
HOURGLASS_API std::string memory_summary(const Model& model);

}  // namespace hourglass
