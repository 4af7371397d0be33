#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/experiment/prepare.hpp>
#include <hourglass/train/batch_streams.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

/// Faults that show only when options meet the data, each with the place of its option.
class Meeting {
 public:
  explicit Meeting(const config::Node& written) : written_(written) {}

  void add(const std::string& option, const std::string& reason) {
    problems_.add(place_of_option(written_, option), text(option, " ", reason));
  }
  void throw_if_any() const { problems_.throw_if_any(); }

 private:
  const config::Node& written_;
  config::Problems problems_;
};

DataSet load_data(const Experiment& experiment, const Surroundings& surroundings,
                  Meeting& meeting) {
  DataOptions options = experiment.data_options();
  const std::string& name = experiment.dataset.name;
  for (const OptionError& each : foreign_options(name, options.read, surroundings.places)) {
    meeting.add("dataset." + each.option(), each.reason());
  }
  meeting.throw_if_any();
  try {
    return load_data_set(name, options, surroundings.places);
  } catch (const OptionError& error) {
    meeting.add("dataset." + error.option(), error.reason());
    if (error.option() != "labelled") meeting.throw_if_any();
  }
  options.labelled.reset();  // the data are there without it, and may show further faults
  return load_data_set(name, options, surroundings.places);
}

void check_latents(const Experiment& experiment, const DataSet& data, Meeting& meeting) {
  if (!experiment.latents.splits) return;
  const auto& splits = *experiment.latents.splits;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (data.find(splits[i]) != nullptr) continue;
    meeting.add(text("latents.splits.", i), text("is ", splits[i], ", which ", data.name,
                                                 " does not have; it has: ", split_names(data)));
  }
}

/// Writes the model's graph, which shows whether the layers fit the data and each other; and those
/// of an epoch's steps, which show what a batch has no room for, or is too small for.
void check_model(Model& model, const DataSet& data, std::int64_t batch, Meeting& meeting) {
  try {
    model.parameter_count();
    const std::int64_t samples = data.train().size(), rest = samples % batch;
    if (samples >= batch) model.graph(Purpose::Train, batch);
    if (rest > 0) model.graph(Purpose::Train, rest);
    check_labels(model, data);
  } catch (const OptionError& error) {
    meeting.add(error.option(), error.reason());
    return;
  } catch (const ShapeError& error) {
    meeting.add("model", text("does not fit the data, [", data.name, "] ",
                              data.sample_shape.to_text(), ": ", error.what()));
    return;
  }
  const auto& frozen = model.setup().frozen;
  if (!frozen.empty() && model.moved({}).empty()) {
    meeting.add("freeze", "names every parameter, so that nothing is left to train");
  }
  if (model.parameter_count() == 0) {
    meeting.add("model",
                "has no parameter, so that there is nothing to train; give it a layer that has "
                "some, such as dense or conv");
  }
  // A name that freezes nothing is a slip of the pen.
  for (std::size_t i = 0; i < frozen.size(); ++i) {
    const bool any = std::ranges::any_of(model.variables().all(), [&](const auto& variable) {
      return names_part(frozen[i], variable->path());
    });
    if (any) continue;
    std::vector<std::string> parts;
    for (const auto& variable : model.variables().all()) {
      std::string part = variable->path().substr(0, variable->path().find('.'));
      if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
    }
    meeting.add(text("freeze.", i), text("names \"", frozen[i], "\", which is no parameter's",
                                         config::suggestion(frozen[i], parts)));
  }
}

/// Refuses measures that would turn out not to be had once all is trained.
void check_measures(const Experiment& experiment, Model& model, const DataSet& data,
                    Meeting& meeting) {
  const auto own = model.setup().options.metrics;
  for (std::size_t i = 0; i < experiment.evaluate.size(); ++i) {
    const config::Named& named = experiment.evaluate[i];
    const std::string fault = make_metric(named, own)->fault(model, data);
    if (!fault.empty()) meeting.add(text("evaluate.", i), text(named.name, " ", fault));
  }
}

}  // namespace

Prepared prepare(ResolvedExperiment resolved, const Surroundings& surroundings) {
  const Experiment& experiment = resolved.experiment;
  Meeting meeting(resolved.written);
  Prepared prepared;
  prepared.data = load_data(experiment, surroundings, meeting);
  check_latents(experiment, prepared.data, meeting);
  const std::int64_t batch = experiment.train.batch;
  const std::int64_t steps_per_epoch = (prepared.data.train().size() + batch - 1) / batch;
  prepared.model = std::make_unique<Model>(
      model_setup(experiment, prepared.data, steps_per_epoch, surroundings));
  check_model(*prepared.model, prepared.data, batch, meeting);
  meeting.throw_if_any();  // what is measured is asked of a model that there is
  check_measures(experiment, *prepared.model, prepared.data, meeting);
  meeting.throw_if_any();
  prepared.resolved = std::move(resolved);
  return prepared;
}

Prepared prepare(const fs::path& experiment, const std::vector<std::string>& overrides,
                 const Surroundings& surroundings) {
  return prepare(read_experiment(experiment, overrides, surroundings.vocabulary()), surroundings);
}

std::vector<std::string> latent_splits(const Experiment& experiment, Model& model,
                                       const DataSet& data) {
  const auto& splits = experiment.latents.splits;
  return splits ? *splits : default_latent_splits(model, data);
}

void compile_programs(const Experiment& experiment, Model& model, const DataSet& data) {
  compile_training(model, data, experiment.train.batch);  // which settles the layouts
  for (const char* split : {"validation", "test"}) {
    if (const Source* source = data.find(split)) model.compile_evaluation(*source);
  }
  for (const config::Named& each : experiment.evaluate) {
    make_metric(each, model.setup().options.metrics)->compile(model, data);
  }
  for (const std::string& split : latent_splits(experiment, model, data)) {
    model.compile(Purpose::Encode, data.find(split)->size());
  }
  model.compile(reconstructions_figure_purpose(model), reconstructions_figure_samples(data));
  model.compile(Purpose::Encode, latent_figure_samples(data));
  compile_code_figures(model, data);
}

std::string memory_summary(const Model& model) {
  const double mebibytes = static_cast<double>(model.memory().total()) / 1048576.0;
  return text(std::round(mebibytes * 10) / 10, " MiB beside the data");
}

}  // namespace hourglass
