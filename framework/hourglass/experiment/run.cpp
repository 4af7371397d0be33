#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/code_size.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/experiment/run.hpp>
#include <hourglass/figure/font.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/train/batch_streams.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace fs = std::filesystem;

RunObserver::~RunObserver() = default;

namespace {

fs::path folder_for(const RunRequest& request, const Experiment& experiment) {
  if (request.output) return *request.output;
  return fs::path("runs") / text(experiment.name, "-", experiment.seed);
}

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
  try {
    return load_data_set(experiment.dataset.name, options, surroundings.places);
  } catch (const OptionError& error) {
    meeting.add("dataset." + error.option(), error.reason());
    if (error.option() != "labelled") meeting.throw_if_any();
  }
  options.labelled.reset();  // the data are there without it, and may show further faults
  return load_data_set(experiment.dataset.name, options, surroundings.places);
}

void check_latents(const Experiment& experiment, const DataSet& data, Meeting& meeting) {
  if (!experiment.latents.splits) return;
  std::string there;
  for (const auto& [name, source] : data.splits) there += (there.empty() ? "" : ", ") + name;
  const auto& splits = *experiment.latents.splits;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (data.find(splits[i]) != nullptr) continue;
    meeting.add(text("latents.splits.", i),
                text("is ", splits[i], ", which ", data.name, " does not have; it has: ", there));
  }
}

/// Writes the model's graph once, which shows whether the layers fit the data and each other.
void check_model(Model& model, const DataSet& data, Meeting& meeting) {
  try {
    model.parameter_count();
    check_labels(model, data);
  } catch (const OptionError& error) {
    meeting.add(error.option(), error.reason());
    return;
  } catch (const ShapeError& error) {
    meeting.add("model", text("does not fit the data, [", data.name, "] ",
                              data.sample_shape.to_text(), ": ", error.what()));
    return;
  }
  // A name that freezes nothing is a slip of the pen.
  const auto& frozen = model.setup().frozen;
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

/// Whether a run from the beginning would overwrite something.
bool holds_run(const fs::path& folder) {
  std::error_code error;
  for (const char* file : {"experiment.yaml", "metrics.csv", "result.yaml", "latents.h5"}) {
    if (fs::exists(folder / file, error)) return true;
  }
  const fs::path checkpoints = folder / "checkpoints";
  return fs::exists(checkpoints, error) &&
         !(fs::is_directory(checkpoints, error) && fs::is_empty(checkpoints, error));
}

/// One run, from its request to its folder.
class Run {
 public:
  Run(const RunRequest& request, const Surroundings& surroundings, RunObserver& observer,
      const std::atomic<bool>& stop)
      : request_(request),
        surroundings_(surroundings),
        observer_(observer),
        stop_(stop),
        resolved_(
            read_experiment(request.experiment, request.overrides, surroundings.vocabulary())),
        path_(folder_for(request, resolved_.experiment)) {}

  RunOutcome run() {
    refuse_another();
    // What cannot be trained is refused before anything is written.
    Prepared prepared = prepare(resolved_, surroundings_);
    data_ = std::make_unique<DataSet>(std::move(prepared.data));
    form_ = std::make_shared<DataForm>(*data_);
    model_ = std::move(prepared.model);
    for (const std::string& each : data_->notes) observer_.note(each);
    if (figure::font_missing()) {
      observer_.note("no font is found, so pictures have no text; name one in HOURGLASS_FONT");
    }
    folder_ = std::make_unique<RunFolder>(path_);
    refuse_another();  // which may have come and gone while the data were read
    resuming_ = request_.resume && fs::exists(folder_->last());
    const bool same = request_.resume && compare_with_folder();
    if (resuming_ && same && recorded_status(*folder_) == "completed") {
      observer_.note(text(path_.string(), ": this run is complete; nothing is left to do"));
      return {RunStatus::AlreadyCompleted, path_, recorded_metrics()};
    }
    return train_and_measure();
  }

 private:
  const Experiment& experiment() const { return resolved_.experiment; }

  void refuse_another() const {
    if (request_.resume || !holds_run(path_)) return;
    throw ConfigError(text(path_.string(),
                           ": there is a run in this folder already; continue it with --resume, "
                           "or choose another folder with --output"));
  }

  /// Whether the folder's experiment is this one, and not the same with fewer epochs.
  bool compare_with_folder() const {
    if (!fs::exists(folder_->experiment())) return false;
    const config::Node before = config::parse_file(folder_->experiment());
    const auto lines = differences(before, resolved_.node);
    if (lines.empty()) return before == resolved_.node;
    std::string message = text(path_.string(),
                               ": the run in this folder is another experiment, so it cannot be "
                               "resumed:");
    for (const std::string& line : lines) message += "\n  " + line;
    throw ConfigError(message);
  }

  RunOutcome train_and_measure() {
    compile_training(*model_, *data_, experiment().train.batch);
    for (const std::string& each : model_->warnings()) observer_.warning(each);
    TrainingState state = resuming_ ? continue_from_folder() : start_anew();

    fs::remove(folder_->result());  // of a run that is complete, when it gets more epochs
    write_file_atomically(folder_->experiment(), config::emit(resolved_.node));
    write_environment(*folder_, *model_);
    record_.name = experiment().name;
    record_.variant = experiment().variant;
    record_.seed = experiment().seed;
    record_.parameters = model_->parameter_count();
    record_.code_size = model_->code_shape().size();
    record_.compression_ratio =
        static_cast<double>(data_->sample_shape.size()) / static_cast<double>(record_.code_size);
    try {
      return finish(train_model(state), state);
    } catch (const DivergedError& error) {
      write_result("diverged", state, error.what());
      throw;
    } catch (const std::exception& error) {
      write_result("failed", state, error.what());
      throw;
    }
  }

  TrainingState start_anew() {
    for (const fs::path& file : {folder_->metrics(), folder_->timing(), folder_->result(),
                                 folder_->latents(), folder_->best()}) {
      fs::remove(file);
    }
    folder_->prune(0, 0);
    model_->initialise(data_->train());
    if (!experiment().init_from.empty()) {
      const int taken = initialise_from(experiment().init_from, *model_);
      observer_.note(text("init_from: took ", taken, " parameters from ", experiment().init_from));
    }
    return {};
  }

  /// Going on with other data would be another training.
  void compare_with_checkpoint() const {
    const auto before = read_checkpoint_header(folder_->last()).identity.data;
    const std::string what = before == nullptr ? "" : difference(*before, *form_);
    if (what.empty()) return;
    throw ConfigError(text(path_.string(), ": the data ", experiment().dataset.name,
                           " are no longer those that this run was trained on (", what,
                           "), so it cannot be resumed; restore them, or train anew in another "
                           "folder"));
  }

  TrainingState continue_from_folder() {
    compare_with_checkpoint();
    // Kept checkpoints are those of this experiment, with its epochs; the last one comes last.
    for (const auto& [epoch, file] : folder_->kept()) rename_experiment(file, *model_, identity());
    for (const fs::path& file : {folder_->best(), folder_->last()}) {
      if (fs::exists(file)) rename_experiment(file, *model_, identity());
    }
    std::vector<std::string> notes;
    TrainingState state = read_training(folder_->last(), *model_, notes);
    for (const std::string& each : notes) observer_.warning(each);
    cut_to(*folder_, state.epoch);
    folder_->prune(state.epoch, experiment().train.checkpoint.keep);
    observer_.note(text("resuming after epoch ", state.epoch, ", step ", state.step));
    return state;
  }

  CheckpointIdentity identity() const {
    return {experiment().variant, surroundings_.plugins.variant(experiment().variant).version(),
            config::emit(resolved_.node), form_};
  }

  TrainEnd train_model(TrainingState& state) {
    TrainerSetup setup;
    setup.options = experiment().train;
    setup.seed = static_cast<std::uint64_t>(experiment().seed);
    setup.identity = identity();
    setup.redraw = [this] { draw(); };
    return train(*model_, *data_, *folder_, setup, state, observer_, stop_);
  }

  void draw() {
    const csv::Table metrics = csv::read(folder_->metrics());
    draw_run_figures(folder_->figures(), *model_, *data_, metrics);
  }

  RunOutcome interrupted(const TrainingState& state) {
    write_result("interrupted", state);
    return {RunStatus::Interrupted, path_, record_.metrics};
  }

  RunOutcome finish(TrainEnd end, const TrainingState& state) {
    if (end == TrainEnd::Interrupted) return interrupted(state);
    if (experiment().evaluate_weights == EvaluateWeights::Best) {
      read_weights(folder_->best(), *model_);
    }
    Measures measures;
    for (const config::Named& each : experiment().evaluate) {
      if (stop_) return interrupted(state);
      observer_.note(text("measuring ", each.name));
      find_metric(each.name)->measure(
          {*model_, *data_, static_cast<std::uint64_t>(experiment().seed)}, measures);
    }
    if (stop_) return interrupted(state);
    observer_.note("writing codes and pictures");
    const auto& splits = experiment().latents.splits;
    write_latents(folder_->latents(), *model_, *data_,
                  splits ? *splits : default_latent_splits(*model_, *data_));
    draw();
    measures_ = std::move(measures);
    write_result("completed", state);
    return {RunStatus::Completed, path_, record_.metrics};
  }

  /// The last row of metrics.csv, then every measure.
  NamedNumbers collected() const {
    NamedNumbers numbers;
    if (fs::exists(folder_->metrics())) {
      const csv::Table table = csv::read(folder_->metrics());
      for (std::size_t i = 0; !table.rows.empty() && i < table.columns.size(); ++i) {
        const double value = table.rows.back()[i];
        const bool counts = table.columns[i] == "epoch" || table.columns[i] == "step";
        if (!counts && !csv::is_absent(value)) numbers.emplace_back(table.columns[i], value);
      }
    }
    for (const auto& [name, value] : measures_.numbers()) numbers.emplace_back(name, value);
    return numbers;
  }

  void write_result(const std::string& status, const TrainingState& state,
                    const std::string& message = "") {
    record_.status = status;
    record_.message = message;
    record_.epochs = state.epoch;
    record_.steps = state.step;
    record_.metrics = collected();
    record_.protocol = measures_.protocol();
    record_.protocol.emplace_back(
        "loss", "the objective: mean over samples of the sum over features, penalties included");
    record_.protocol.emplace_back("weights",
                                  experiment().evaluate_weights == EvaluateWeights::Best
                                      ? "measures, codes and pictures are of the best checkpoint"
                                      : "measures, codes and pictures are of the last checkpoint");
    write_record(*folder_, record_);
  }

  NamedNumbers recorded_metrics() const {
    NamedNumbers numbers;
    const config::Node root = config::parse_file(folder_->result());
    if (const config::Node* metrics = root.find("metrics")) {
      for (const auto& entry : metrics->entries()) {
        if (const auto value = entry.value.to_number()) numbers.emplace_back(entry.key, *value);
      }
    }
    return numbers;
  }

  const RunRequest& request_;
  const Surroundings& surroundings_;
  RunObserver& observer_;
  const std::atomic<bool>& stop_;
  ResolvedExperiment resolved_;
  fs::path path_;
  std::unique_ptr<DataSet> data_;
  std::shared_ptr<const DataForm> form_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<RunFolder> folder_;
  bool resuming_ = false;
  RunRecord record_;
  Measures measures_;
};

}  // namespace

RunOutcome run_experiment(const RunRequest& request, const Surroundings& surroundings,
                          RunObserver& observer, const std::atomic<bool>& stop) {
  return Run(request, surroundings, observer, stop).run();
}

Prepared prepare(ResolvedExperiment resolved, const Surroundings& surroundings) {
  const Experiment& experiment = resolved.experiment;
  Meeting meeting(resolved.written);
  Prepared prepared;
  prepared.data = load_data(experiment, surroundings, meeting);
  check_latents(experiment, prepared.data, meeting);
  ModelSetup setup = model_setup(experiment, prepared.data, surroundings);
  setup.steps_per_epoch =
      (prepared.data.train().size() + experiment.train.batch - 1) / experiment.train.batch;
  prepared.model = std::make_unique<Model>(std::move(setup));
  check_model(*prepared.model, prepared.data, meeting);
  meeting.throw_if_any();
  prepared.resolved = std::move(resolved);
  return prepared;
}

Prepared prepare(const fs::path& experiment, const std::vector<std::string>& overrides,
                 const Surroundings& surroundings) {
  return prepare(read_experiment(experiment, overrides, surroundings.vocabulary()), surroundings);
}

namespace {

/// "12.3 MiB".
std::string mebibytes(std::size_t bytes) {
  return text(std::round(static_cast<double>(bytes) / 1048576.0 * 10) / 10, " MiB");
}

std::string summary(const Prepared& prepared, std::int64_t batch) {
  const std::int64_t epochs = prepared.resolved.experiment.train.epochs;
  const std::int64_t samples = prepared.data.train().size();
  const std::int64_t steps = (samples + batch - 1) / batch;
  Model& model = *prepared.model;
  return text("\n# summary: no errors\n  parameters  ", model.parameter_count(), "\n  code        ",
              code_size(model), code_size(model) == 1 ? " number, " : " numbers, ",
              compression_text(compression_ratio(model)), "\n  steps       ", steps,
              " an epoch, of ", batch, " samples each; ", epochs * steps, " in all",
              "\n  memory      ", mebibytes(model.memory().total()), " beside the data\n");
}

std::string memory_text(const ModelMemory& memory) {
  std::string out;
  const auto line = [&](std::size_t bytes, const char* what) {
    const std::string number = text((bytes + 1023) / 1024);
    out += text("  ", std::string(number.size() < 9 ? 9 - number.size() : 0, ' '), number, " KiB ",
                what, "\n");
  };
  line(memory.variables, "of variables: parameters and the optimiser's moments");
  line(memory.arena, "of arena, as large as the largest program and shared by all");
  line(memory.constants, "of constants");
  line(memory.code, "of generated code");
  line(memory.kernels, "of kernels");
  line(memory.total(), "in all, known before the first step");
  return out;
}

}  // namespace

std::string check_experiment(const fs::path& experiment, const std::vector<std::string>& overrides,
                             const Surroundings& surroundings) {
  Prepared prepared = prepare(experiment, overrides, surroundings);
  Model& model = *prepared.model;
  const std::int64_t batch = std::min<std::int64_t>(prepared.resolved.experiment.train.batch,
                                                    prepared.data.train().size());
  compile_training(model, prepared.data, prepared.resolved.experiment.train.batch);
  const std::string& start = prepared.resolved.experiment.init_from;
  if (!start.empty()) initialise_from(start, model);  // throws where it does not fit
  std::string out = config::emit(prepared.resolved.node);
  out += text("\n# data: ", prepared.data.name, ", samples ", prepared.data.sample_shape.to_text());
  for (const auto& [split, source] : prepared.data.splits) {
    out += text(", ", source->size(), " in ", split);
  }
  out += text("\n\n# graph of training, batch ", batch, ", before its gradients\n",
              model.graph(Purpose::Train, batch)->to_text());
  out += text("\n# parameters\n");
  std::size_t variables = 0;
  for (const auto& variable : model.variables().all()) {
    variables += variable->bytes();
    if (variable->kind() != Variable::Kind::Parameter) continue;
    out += text("  ", variable->path(), " ", variable->shape().to_text(), ", ",
                variable->home().to_text(), "\n");
  }
  out += text("  ", model.parameter_count(), " parameters, ", variables / 1024,
              " KiB with the optimiser's moments\n");
  for (const TrainProgram* each : model.trained()) {
    out += text("\n# program: train step \"", each->name, "\", batch ", each->batch, "\n",
                each->program.to_text());
  }
  for (std::size_t i = 1; i < model.steps().size(); ++i) {
    out += text("\n# program: evaluation of \"", model.steps()[i].name, "\", batch ",
                Model::kEvaluationBatch, "\n",
                model.program(Purpose::Evaluate, Model::kEvaluationBatch, i).to_text());
  }
  for (const auto& [purpose, name] :
       {std::pair(Purpose::Evaluate, "evaluation"), std::pair(Purpose::Encode, "encoding"),
        std::pair(Purpose::Reconstruct, "reconstruction")}) {
    out += text("\n# program: ", name, ", batch ", Model::kEvaluationBatch, "\n",
                model.program(purpose, Model::kEvaluationBatch).to_text());
  }
  out += "\n# memory\n" + memory_text(model.memory());
  out += summary(prepared, batch);
  return out;
}

}  // namespace hourglass
