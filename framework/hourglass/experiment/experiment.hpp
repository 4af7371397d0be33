#pragma once

#include <hourglass/config/optimizer_options.hpp>
#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/nn/corruption.hpp>
#include <hourglass/train/train_options.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// `dataset: {name: mnist, validation: 0.1}`, or a bare `mnist`; see DataOptions for more.
struct HOURGLASS_API DatasetOptions {
  std::string name;  // a descriptor's name, or a path
  double validation = 0;
  double test = 0.2;
  Scaling scaling = Scaling::Auto;
  Binarise binarise = Binarise::None;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> labelled;
  std::string label;
  std::vector<std::string> leave_out;
  std::vector<std::string> columns;
  std::vector<std::string> categories;
  std::string separator;
  std::optional<bool> header;
  std::string array;
  std::string labels_array;
  std::string feature_names_array;
  std::optional<bool> in_memory;
  std::optional<ImageOptions> images;
  std::optional<sprites::Options> sprites;
  std::optional<features::Options> features;
  std::optional<AnomalyOptions> anomaly;
  std::optional<std::int64_t> window;
  std::int64_t stride = 1;
  std::string time;
  static void describe(Schema<DatasetOptions>& schema);
};

/// `latents: {splits: [train, test]}`.
struct HOURGLASS_API LatentsOptions {
  /// None: train and test, or test alone where the codes of both would exceed 256 MB.
  std::optional<std::vector<std::string>> splits;
  static void describe(Schema<LatentsOptions>& schema);
};

enum class EvaluateWeights { Last, Best };

/// An experiment file, read and checked. `model` holds the variant's options, as its own schema
/// has resolved them.
struct HOURGLASS_API Experiment {
  std::string name;
  std::int64_t seed = 1;
  DatasetOptions dataset;
  std::string variant;
  config::Node model;
  std::vector<CorruptionOptions> corruption;
  TrainOptions train;
  std::vector<config::Named> evaluate = {{"reconstruction"}};
  EvaluateWeights evaluate_weights = EvaluateWeights::Last;
  LatentsOptions latents;
  std::string init_from;
  std::vector<std::string> freeze;
  static void describe(Schema<Experiment>& schema);

  /// What `load_data_set(dataset.name, ...)` is to be asked for.
  DataOptions data_options() const;
};

/// A name that an experiment may use, and who checks the options that stand beside it.
struct HOURGLASS_API KnownName {
  std::string name;
  /// Reports what is wrong with the options, whose keys lie below `path`, and returns them with
  /// every default filled in. Empty: the name takes no options.
  std::function<config::Node(const config::Node& options, const std::string& path,
                             config::Problems& problems)>
      resolve = {};
};

/// What experiments may name: it depends on the plugins that there are.
struct HOURGLASS_API Vocabulary {
  std::vector<std::string> variants;
  /// Checks a known variant's `model` section (an empty map when it is left out) under the path
  /// `model`, and returns it with every default filled in.
  std::function<config::Node(const std::string& variant, const config::Node& model,
                             config::Problems& problems)>
      resolve_model;
  /// Checks what every variant's `model` section may have, where the variant is not known.
  std::function<void(const config::Node& model, config::Problems& problems)> check_model = {};
  /// What is wrong with a data set's name; empty when nothing is. Left out: names are not checked.
  std::function<std::string(const std::string& dataset)> fault_of_dataset = {};
  std::vector<KnownName> metrics;
  /// Those that a known variant brings with it; left out: none does.
  std::function<std::vector<KnownName>(const std::string& variant)> own_metrics = {};
};

struct HOURGLASS_API ResolvedExperiment {
  Experiment experiment;
  /// The whole file with every default filled in; reading it again gives the same experiment.
  config::Node node;
  /// The file as it was written, with the places of everything in it.
  config::Node written = {};
};

/// Reads an experiment file, with values set from the command line (`train.epochs=5`). Without a
/// `name` an experiment has that of its file.
/// Throws ConfigError with every fault, one a line; DataError when there is no such file.
HOURGLASS_API ResolvedExperiment read_experiment(const std::filesystem::path& path,
                                                 std::span<const std::string> overrides,
                                                 const Vocabulary& vocabulary);

/// The same for a tree that has been read, or made, already. Faults go to `problems`; where there
/// are any, what is returned is of no use.
HOURGLASS_API ResolvedExperiment resolve_experiment(const config::Node& root,
                                                    const Vocabulary& vocabulary,
                                                    config::Problems& problems);

/// `dataset: mnist` stands for `dataset: {name: mnist}`: written out, so that `--set
/// dataset.limit=100` has a place.
HOURGLASS_API void write_out_dataset(config::Node& root);

/// Where an option was written, by its dotted path ("model.loss", "freeze.0"); where it was not,
/// the nearest thing around it, or the variant.
HOURGLASS_API config::Place place_of_option(const config::Node& written, std::string option);

/// What keeps a run from being resumed: a line for each value that differs between the resolved
/// experiment in its folder and the one given now, "train.batch: 128 in the folder, 256 now".
/// `train.epochs` may grow, and `evaluate`, `evaluate_weights` and `latents` may be others.
HOURGLASS_API std::vector<std::string> differences(const config::Node& in_folder,
                                                   const config::Node& now);

}  // namespace hourglass
