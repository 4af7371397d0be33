#include <hourglass/config/nearest.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/plugin/host.hpp>

#include <algorithm>
#include <charconv>

namespace hourglass {

using config::Named;
using config::Node;
using config::Problems;

namespace {

Names<Scaling> scaling_names() {
  Names<Scaling> names;
  for (const Scaling scaling : {Scaling::Auto, Scaling::Unit, Scaling::Symmetric,
                                Scaling::Standardise, Scaling::MinMax, Scaling::None}) {
    names.emplace_back(name_of(scaling), scaling);
  }
  return names;
}

std::vector<std::string> names_of(const std::vector<KnownName>& known) {
  std::vector<std::string> names;
  for (const KnownName& one : known) names.push_back(one.name);
  return names;
}

/// Checks the names of a list, such as `evaluate`, and resolves the options beside them.
void resolve_names(std::vector<Named>& list, const std::vector<KnownName>& known,
                   const std::string& path, Problems& problems) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    Named& named = list[i];
    const std::string here = text(path, ".", i);
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const KnownName& one) { return one.name == named.name; });
    if (found == known.end()) {
      problems.add(named.place,
                   text("unknown name ", config::shown(named.name), " for ", here,
                        known.empty() ? "; this build has none"
                                      : config::suggestion(named.name, names_of(known))));
    } else if (found->resolve) {
      named.options = found->resolve(named.options, config::join(here, named.name), problems);
    } else if (!named.options.entries().empty()) {
      problems.add(named.options.place(), text(here, ".", named.name, " takes no options"));
    }
  }
}

/// Looks up what is measured. A variant brings measures of its own: of one that is not known, which
/// is told elsewhere, nobody can say that it has not those.
void resolve_metrics(Experiment& experiment, const Vocabulary& vocabulary, Problems& problems) {
  std::vector<KnownName> known = vocabulary.metrics;
  const auto& variants = vocabulary.variants;
  if (vocabulary.own_metrics) {
    if (std::ranges::find(variants, experiment.variant) != variants.end()) {
      std::ranges::move(vocabulary.own_metrics(experiment.variant), std::back_inserter(known));
    } else {
      std::erase_if(experiment.evaluate, [&](const Named& named) {
        return std::ranges::find(known, named.name, &KnownName::name) == known.end();
      });
    }
  }
  resolve_names(experiment.evaluate, known, "evaluate", problems);
}

/// Measures are told apart by their names alone.
void refuse_repeated(const std::vector<Named>& list, const std::string& path, Problems& problems) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool repeated = std::any_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const Named& one) { return one.name == list[i].name; });
    if (repeated) {
      problems.add(list[i].place, text(config::shown(list[i].name), " is repeated in ", path));
    }
  }
}

void resolve_model(Experiment& experiment, const Node& root, const Vocabulary& vocabulary,
                   Problems& problems) {
  const Node empty = Node::map(root.place());
  const Node& model = experiment.model.is_null() ? empty : experiment.model;
  const Node* variant = root.find("variant");
  const bool named = variant && variant->is_scalar() && !variant->text().empty();
  const auto& known = vocabulary.variants;
  if (named && std::find(known.begin(), known.end(), experiment.variant) != known.end()) {
    experiment.model = vocabulary.resolve_model(experiment.variant, model, problems);
    return;
  }
  if (named) {  // otherwise its absence is reported already
    problems.add(variant->place(), unknown_variant(experiment.variant, known));
  }
  if (vocabulary.check_model) vocabulary.check_model(model, problems);
}

void check_dataset(const Node& root, const Vocabulary& vocabulary, Problems& problems) {
  const Node* name = root.find("dataset");
  if (name != nullptr && name->is_map()) name = name->find("name");
  if (name == nullptr || !name->is_scalar() || name->text().empty()) return;  // reported already
  const std::string fault = vocabulary.fault_of_dataset(name->text());
  if (!fault.empty()) problems.add(name->place(), fault);
}

/// A map's value, or a list's item by its number; null when there is none.
const Node* child(const Node& node, std::string_view key) {
  if (!node.is_list()) return node.find(key);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size()) return nullptr;
  return index < node.items().size() ? &node.items()[index] : nullptr;
}

/// The node at a dotted path, or null when it was not written.
const Node* find(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (node != nullptr && !path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(key.size() + 1, path.size()));
    node = child(*node, key);
  }
  return node;
}

/// A file's name without its ending, as far as it can name a run.
std::string name_from(const std::filesystem::path& path) {
  std::string name = path.stem().string().substr(0, 200);
  const Rule good = file_name();
  for (char& c : name) {
    if (!good.text(std::string("x") + c)) c = '-';
  }
  return good.text(name) ? name : "experiment";
}

bool is_number(const Node& node, double& value) {
  const char* const end = node.text().data() + node.text().size();
  const auto [stop, error] = std::from_chars(node.text().data(), end, value);
  return node.is_scalar() && error == std::errc() && stop == end;
}

bool has_grown(const Node& before, const Node& now) {
  double from = 0;
  double to = 0;
  return is_number(before, from) && is_number(now, to) && to >= from;
}

/// What is made of a trained model, and does not touch its training.
bool is_afterwards(const std::string& path) {
  return path == "evaluate" || path == "evaluate_weights" || path == "latents";
}

std::string side(const Node* node) { return node ? config::shown(*node) : "nothing"; }

void compare(const std::string& path, const Node* before, const Node* now,
             std::vector<std::string>& out) {
  if ((before && now && *before == *now) || is_afterwards(path)) return;
  if (path == "train.epochs" && before && now && has_grown(*before, *now)) return;
  if (before && now && before->is_map() && now->is_map()) {
    for (const Node::Entry& entry : before->entries()) {
      compare(config::join(path, entry.key), &entry.value, now->find(entry.key), out);
    }
    for (const Node::Entry& entry : now->entries()) {
      if (before->find(entry.key)) continue;
      compare(config::join(path, entry.key), nullptr, &entry.value, out);
    }
  } else if (before && now && before->is_list() && now->is_list() &&
             before->items().size() == now->items().size()) {
    for (std::size_t i = 0; i < now->items().size(); ++i) {
      compare(config::join(path, text(i)), &before->items()[i], &now->items()[i], out);
    }
  } else {
    const char* rule = path == "train.epochs" ? "; it may grow, not shrink" : "";
    out.push_back(text(path, ": ", side(before), " in the folder, ", side(now), " now", rule));
  }
}

}  // namespace

void DatasetOptions::describe(Schema<DatasetOptions>& schema) {
  using Self = DatasetOptions;
  schema.require("name", &Self::name,
                 "a data set's name, or the path of a file or folder of samples", not_empty());
  schema.shorthand("name");
  schema.add("validation", &Self::validation, "part of the training samples kept for validation",
             at_least(0), less_than(1));
  schema.add("test", &Self::test,
             "part of the samples kept for testing, if the data have no test set", at_least(0),
             less_than(1));
  schema.add("scaling", &Self::scaling, "how values are scaled, as fitted on the training split",
             scaling_names());
  schema.add("binarise", &Self::binarise, "how values in [0, 1] become 0 or 1",
             Names<Binarise>{{"none", Binarise::None},
                             {"threshold", Binarise::Threshold},
                             {"fixed", Binarise::Fixed},
                             {"dynamic", Binarise::Dynamic}});
  schema.add("limit", &Self::limit, "only the first so many samples of each split", at_least(1));
  schema.add("labelled", &Self::labelled,
             "training samples whose label training may see, evenly over the classes; null: all",
             at_least(1));
  schema.add("label", &Self::label, "a table's column of labels; empty: what the data set says");
  schema.add("leave_out", &Self::leave_out, "columns of a table that are not used");
  schema.add("columns", &Self::columns, "names of the columns of a table without a header");
  schema.add("categories", &Self::categories,
             "columns of categories even where they look like numbers");
  schema.add("separator", &Self::separator, "between a table's columns; empty: found in the file",
             one_of({"", ",", ";", "tab", "space"}));
  schema.add("header", &Self::header,
             "whether a table's first line names the columns; null: found in the file");
  schema.add("array", &Self::array, "the dataset of an HDF5 or NPZ file that holds the samples");
  schema.add("labels_array", &Self::labels_array, "the one that holds the labels");
  schema.add("feature_names_array", &Self::feature_names_array,
             "of an HDF5 file, the one with texts that name the features");
  schema.add(
      "in_memory", &Self::in_memory,
      "whether samples are read as a whole; false: NPY and HDF5 files in blocks; null: what the "
      "data set says");
  schema.add("images", &Self::images, "how pictures become samples; null: what the data set says");
  schema.add("sprites", &Self::sprites, "which sprites there are; null: what the data set says");
  schema.add("features", &Self::features,
             "what drawn samples are sums of; null: what the data set says");
  schema.add("anomaly", &Self::anomaly,
             "which samples are anomalies, which training leaves out; null: none");
  schema.add("window", &Self::window,
             "of a series, whose rows are time steps: samples are so many steps one after another; "
             "null: rows are samples",
             at_least(1));
  schema.add("stride", &Self::stride, "time steps from one window to the next, at most window",
             at_least(1));
  schema.add("time", &Self::time,
             "a table's column that tells when a row was, no feature; empty: what the data set "
             "says");
}

void LatentsOptions::describe(Schema<LatentsOptions>& schema) {
  schema.add("splits", &LatentsOptions::splits,
             "whose codes are kept; null: train and test, or test alone above 256 MB",
             one_of({"train", "validation", "test"}));
}

void Experiment::describe(Schema<Experiment>& schema) {
  schema.require("name", &Experiment::name, "what the run is called", file_name());
  schema.add("seed", &Experiment::seed, "of everything random", at_least(0));
  schema.require("dataset", &Experiment::dataset, "what is learnt");
  schema.require("variant", &Experiment::variant, "the kind of autoencoder", not_empty());
  schema.add("model", &Experiment::model, "the variant's options");
  schema.add("corruption", &Experiment::corruption, "what is done to the inputs, in this order");
  schema.add("train", &Experiment::train, "how it is trained");
  schema.add("evaluate", &Experiment::evaluate, "the measures taken at the end");
  schema.add(
      "evaluate_weights", &Experiment::evaluate_weights,
      "which weights are measured, and give codes and figures",
      Names<EvaluateWeights>{{"last", EvaluateWeights::Last}, {"best", EvaluateWeights::Best}});
  schema.add("latents", &Experiment::latents, "the codes that are kept");
  schema.add("init_from", &Experiment::init_from,
             "a checkpoint or a run's folder whose weights training starts from; empty: none");
  schema.add("freeze", &Experiment::freeze,
             "parameters that stay as they are, by their paths or the parts these begin with",
             Rule{.range = "the beginning of a path",
                  .text = [](std::string_view path) { return !path.empty(); }});
}

DataOptions Experiment::data_options() const {
  DataOptions options;
  options.validation = dataset.validation;
  options.test = dataset.test;
  options.seed = static_cast<std::uint64_t>(seed);
  options.scaling = dataset.scaling;
  options.binarise = dataset.binarise;
  options.limit = dataset.limit;
  options.labelled = dataset.labelled;
  options.anomaly = dataset.anomaly;
  options.window = dataset.window;
  options.stride = dataset.stride;
  options.read.array = dataset.array;
  options.read.labels_array = dataset.labels_array;
  options.read.feature_names_array = dataset.feature_names_array;
  options.read.in_memory = dataset.in_memory;
  options.read.images = dataset.images;
  options.read.sprites = dataset.sprites;
  options.read.features = dataset.features;
  TableOptions& table = options.read.table;
  table.separator = dataset.separator;
  table.header = dataset.header;
  table.columns = dataset.columns;
  table.label = dataset.label;
  table.time = dataset.time;
  table.leave_out = dataset.leave_out;
  table.categories = dataset.categories;
  return options;
}

void write_out_dataset(Node& root) {
  Node* dataset = root.find("dataset");
  if (dataset == nullptr || !dataset->is_scalar()) return;
  Node written = Node::map(dataset->place());
  written.set("name", *dataset, dataset->place());
  *dataset = std::move(written);
}

ResolvedExperiment resolve_experiment(const Node& root, const Vocabulary& vocabulary,
                                      Problems& problems) {
  const Schema<Experiment> schema = schema_of<Experiment>();
  ResolvedExperiment result;
  Experiment& experiment = result.experiment;
  experiment = schema.read(root, problems);
  if (vocabulary.fault_of_dataset) check_dataset(root, vocabulary, problems);
  resolve_model(experiment, root, vocabulary, problems);
  resolve_metrics(experiment, vocabulary, problems);
  refuse_repeated(experiment.evaluate, "evaluate", problems);
  result.node = schema.write(experiment);
  result.written = root;
  return result;
}

ResolvedExperiment read_experiment(const std::filesystem::path& path,
                                   std::span<const std::string> overrides,
                                   const Vocabulary& vocabulary) {
  Problems problems;
  Node root = config::parse_file(path, problems);
  if (root.is_null()) root = Node::map(root.place());  // an empty file lacks what any other may
  if (root.find("sweep") != nullptr) {
    throw ConfigError(text(path.string(), ": this is a sweep of many experiments; run it with: ",
                           "hourglass sweep ", shell_word(path.string())));
  }
  write_out_dataset(root);
  config::apply_overrides(root, overrides, problems);
  if (root.is_map() && !root.find("name")) root.set("name", Node::string(name_from(path)));
  ResolvedExperiment result = resolve_experiment(root, vocabulary, problems);
  problems.throw_if_any();
  return result;
}

config::Place place_of_option(const Node& written, std::string option) {
  for (;;) {
    if (const Node* node = find(written, option)) return node->place();
    const std::size_t dot = option.rfind('.');
    if (dot == option.npos) break;
    option.resize(dot);
  }
  const Node* variant = written.find("variant");
  return variant != nullptr ? variant->place() : written.place();
}

std::vector<std::string> differences(const Node& in_folder, const Node& now) {
  std::vector<std::string> out;
  compare("", &in_folder, &now, out);
  return out;
}

}  // namespace hourglass
