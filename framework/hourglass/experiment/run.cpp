#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/code_size.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/evaluate/sparsity.hpp>
#include <hourglass/evaluate/unit_tables.hpp>
#include <hourglass/experiment/prepare.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/experiment/resume_point.hpp>
#include <hourglass/experiment/run.hpp>
#include <hourglass/figure/font.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/storage/png.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>
#include <new>
#include <optional>

namespace hourglass {

namespace fs = std::filesystem;

RunObserver::~RunObserver() = default;

namespace {

fs::path folder_for(const RunRequest& request, const Experiment& experiment) {
  if (request.output) return *request.output;
  return fs::path("runs") / text(experiment.name, "-", experiment.seed);
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
  Run(ResolvedExperiment resolved, fs::path folder, bool resume, const Surroundings& surroundings,
      RunObserver& observer, const std::atomic<bool>& stop)
      : resume_(resume),
        surroundings_(surroundings),
        observer_(observer),
        stop_(stop),
        resolved_(std::move(resolved)),
        path_(std::move(folder)) {}

  RunOutcome run() {
    refuse_another();
    // What cannot be trained is refused before anything is written.
    Prepared prepared = prepare(resolved_, surroundings_);
    data_ = std::make_unique<DataSet>(std::move(prepared.data));
    form_ = std::make_shared<DataForm>(*data_);
    model_ = std::move(prepared.model);
    for (const std::string& each : data_->notes) observer_.note(each);
    for (const std::string& each : data_->warnings) observer_.warning(each);
    if (figure::font_missing()) {
      observer_.note("no font is found, so pictures have no text; name one in HOURGLASS_FONT");
    }
    folder_ = std::make_unique<RunFolder>(path_);
    refuse_another();  // which may have come and gone while the data were read
    if (resume_) {
      checkpoints_ = find_checkpoints(*folder_);
      if (const auto result = complete_result()) {
        observer_.note(text(path_.string(), ": this run is complete; nothing is left to do"));
        return {RunStatus::AlreadyCompleted, path_, recorded_metrics(*result)};
      }
    }
    return train_and_measure();
  }

 private:
  const Experiment& experiment() const { return resolved_.experiment; }

  void refuse_another() const {
    if (resume_ || !holds_run(path_)) return;
    throw ConfigError(text(path_.string(),
                           ": there is a run in this folder already; continue it with --resume, "
                           "or choose another folder with --output"));
  }

  bool has_last() const {
    return !checkpoints_.whole.empty() && checkpoints_.whole.front().path == folder_->last();
  }

  /// What result.yaml says, if the folder's run is this experiment and complete.
  std::optional<config::Node> complete_result() const {
    std::error_code error;
    if (!compare_with_folder() || !has_last() || !fs::exists(folder_->result(), error)) return {};
    config::Node result = read_written_yaml(folder_->result());
    const config::Node* status = result.find("status");
    if (status == nullptr || status->text() != "completed") return {};
    return result;
  }

  /// The experiment of the run in the folder, or else of its checkpoint; null where there is none.
  config::Node experiment_before() const {
    std::error_code error;
    if (fs::exists(folder_->experiment(), error)) return read_written_yaml(folder_->experiment());
    if (checkpoints_.whole.empty()) return {};
    const WholeCheckpoint& from = checkpoints_.whole.front();
    config::Problems problems;
    config::Node before = config::parse_text(from.header.identity.experiment,
                                             from.path.string() + " (experiment)", problems);
    problems.throw_if_any();
    return before;
  }

  /// With the defaults of options that there were not when it was written; as it is, where this
  /// program would refuse it.
  config::Node with_defaults(config::Node before) const {
    config::Problems problems;
    ResolvedExperiment now = resolve_experiment(before, surroundings_.vocabulary(), problems);
    return problems.empty() ? std::move(now.node) : std::move(before);
  }

  /// Whether the folder's experiment is this one, and not one with fewer epochs or other measures.
  bool compare_with_folder() const {
    config::Node before = experiment_before();
    if (before.is_null()) return false;
    before = with_defaults(std::move(before));
    const auto lines = differences(before, resolved_.node);
    if (lines.empty()) return before == resolved_.node;
    std::string message = text(path_.string(),
                               ": the run in this folder is another experiment, so it cannot be "
                               "resumed:");
    for (const std::string& line : lines) message += "\n  " + line;
    throw ConfigError(message);
  }

  RunOutcome train_and_measure() {
    compile_programs(experiment(), *model_, *data_);
    for (const std::string& each : model_->warnings()) observer_.warning(each);
    observer_.note(text("memory: ", memory_summary(*model_)));
    TrainingState state =
        checkpoints_.whole.empty() ? start_anew() : go_on_from(checkpoints_.whole.front());

    forget_end();
    write_file_atomically(folder_->experiment(), config::emit(resolved_.node));
    write_environment(*folder_, *model_);
    record_.name = experiment().name;
    record_.variant = experiment().variant;
    record_.seed = experiment().seed;
    record_.parameters = model_->parameter_count();
    record_.code_size = code_size(*model_);
    record_.compression_ratio = compression_ratio(*model_);
    try {
      return finish(train_model(state), state);
    } catch (const DivergedError& error) {
      try_to_write_result("diverged", state, error.what());
      throw;
    } catch (const std::exception& error) {
      try_to_write_result("failed", state, error.what());
      throw;
    }
  }

  /// Of a run that had ended, and gets more epochs or other measures.
  void forget_end() const {
    if (!fs::remove(folder_->result())) return;
    std::error_code none_drawn;
    for (const fs::directory_entry& each : fs::directory_iterator(folder_->figures(), none_drawn)) {
      if (each.path().extension() == ".png") fs::remove(each.path());
    }
  }

  TrainingState start_anew() {
    for (const std::string& each : checkpoints_.damaged) observer_.warning(each);
    if (resume_ && checkpoints_.damaged.empty()) {
      observer_.note(text(path_.string(),
                          ": has no checkpoint to go on from; training starts from the beginning"));
    }
    if (!checkpoints_.damaged.empty()) {
      observer_.warning("no checkpoint of the folder is whole: training starts from the beginning");
    }
    for (const fs::path& file :
         {folder_->metrics(), folder_->timing(), folder_->result(), folder_->latents(),
          folder_->units(), folder_->features(), folder_->best()}) {
      fs::remove(file);
    }
    folder_->prune(0, 0);
    model_->initialise(data_->train());
    if (!experiment().init_from.empty()) {
      const fs::path from = chosen_checkpoint(experiment().init_from).path;
      const int taken = initialise_from(from, *model_);
      observer_.note(text("init_from: took ", taken, " parameters from ", from.string()));
    }
    return {};
  }

  /// Going on with other data would be another training.
  void compare_data(const CheckpointHeader& header) const {
    const auto before = header.identity.data;
    const std::string what = before == nullptr ? "" : difference(*before, *form_);
    if (what.empty()) return;
    throw ConfigError(text(path_.string(), ": the data ", experiment().dataset.name,
                           " are no longer those that this run was trained on (", what,
                           "), so it cannot be resumed; restore them, or train anew in another "
                           "folder"));
  }

  TrainingState go_on_from(const WholeCheckpoint& from) {
    compare_data(from.header);
    for (const std::string& each : checkpoints_.damaged) observer_.warning(each);
    const std::string other = version_difference(from.header.identity, identity().variant_version);
    if (!other.empty()) observer_.warning(other);
    // Kept checkpoints are those of this experiment, with its epochs; the one to go on from comes
    // last.
    for (auto each = checkpoints_.whole.rbegin(); each != checkpoints_.whole.rend(); ++each) {
      rename_experiment(each->path, *model_, identity());
    }
    if (!has_last()) copy_file_atomically(from.path, folder_->last());
    std::vector<std::string> notes;
    TrainingState state = read_training(folder_->last(), *model_, notes);
    for (const std::string& each : notes) observer_.warning(each);
    cut_to(*folder_, state.epoch);
    tell_what_goes(state.epoch);
    folder_->prune(state.epoch, experiment().train.checkpoint.keep);
    observer_.note(text("resuming after epoch ", state.epoch, ", step ", state.step));
    if (!has_last()) {
      observer_.warning(text("resumed from ", from.path.string(),
                             ", the newest checkpoint that is ", "whole: last.h5 is not"));
    }
    return state;
  }

  /// Checkpoints beyond the epoch to go on from are made again on the way.
  void tell_what_goes(std::int64_t epoch) const {
    for (const auto& [number, path] : folder_->kept()) {
      if (number > epoch) observer_.note(text(path.string(), ": goes, to be made again"));
    }
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

  /// What is wrong with a picture is told, and costs the run nothing else.
  void draw() {
    try {
      const csv::Table metrics = csv::read(folder_->metrics());
      for (const std::string& fault :
           draw_run_figures(folder_->figures(), *model_, *data_, metrics)) {
        observer_.warning(fault);
      }
    } catch (const std::exception& error) {
      observer_.warning(text(folder_->figures().string(), ": not drawn: ", error.what()));
    }
  }

  Evaluation evaluation() const {
    return {*model_, *data_, static_cast<std::uint64_t>(experiment().seed),
            surroundings_.places.root / "classifiers"};
  }

  std::unique_ptr<Metric> made(const config::Named& each) const {
    return make_metric(each, model_->setup().options.metrics);
  }

  std::vector<std::pair<std::string, Tensor>> columns_of_measures(const std::string& split) const {
    std::vector<std::pair<std::string, Tensor>> columns;
    for (const config::Named& each : experiment().evaluate) {
      for (auto& column : made(each)->columns(evaluation(), split)) {
        columns.push_back(std::move(column));
      }
    }
    return columns;
  }

  /// The pictures of measures, once all is measured; as with `draw`, faults cost the run nothing.
  void draw_measures() {
    for (const config::Named& each : experiment().evaluate) {
      try {
        for (const auto& [name, picture] : made(each)->figures(evaluation())) {
          png::write(folder_->figures() / name, picture);
        }
      } catch (const std::exception& error) {
        observer_.warning(text(folder_->figures().string(), ": the pictures of ", each.name,
                               " are not drawn: ", error.what()));
      }
    }
  }

  bool shows_units() const {
    return model_->traits().sparse_code ||
           std::ranges::any_of(experiment().evaluate, [](const config::Named& each) {
             return each.name == SparsityMetric::kName;
           });
  }

  /// What the units of the code stand for.
  void write_units() {
    const Evaluation shared = evaluation();
    const auto units =
        unit_activity(*model_, shared.source(), split_number(shared.split()), kTopSamples);
    const auto weights = atoms(*model_, *data_);
    write_file_atomically(folder_->units(),
                          units_table(units, shared.source(), weights, data_->feature_names));
    if (weights) {
      write_file_atomically(folder_->features(),
                            features_table(units, *weights, data_->feature_names));
    }
    if (!data_->has_images() || active_units(units) == 0) return;
    try {
      png::write(folder_->figures() / "atoms.png", atoms_figure(shared, units, weights));
    } catch (const std::exception& error) {
      observer_.warning(
          text(folder_->figures().string(), ": the atoms are not drawn: ", error.what()));
    }
  }

  /// With pictures of the state that is saved, so that equal states leave equal folders.
  RunOutcome interrupted(const TrainingState& state) {
    if (state.epoch > 0) draw();
    write_result("interrupted", state);
    return {RunStatus::Interrupted, path_, record_.metrics};
  }

  RunOutcome finish(TrainEnd end, const TrainingState& state) {
    if (end == TrainEnd::Interrupted) return interrupted(state);
    if (state.epoch < experiment().train.epochs) {
      observer_.note(text("stopped early after epoch ", state.epoch, ": the best was epoch ",
                          state.best_epoch));
    }
    if (experiment().evaluate_weights == EvaluateWeights::Best) take_best(state);
    Measures measures;
    measure_all(measures);
    if (stop_) return interrupted(state);
    measures_ = std::move(measures);  // kept, whatever comes
    observer_.note("writing codes and pictures");
    write_latents(folder_->latents(), *model_, *data_, latent_splits(experiment(), *model_, *data_),
                  [this](const std::string& split) { return columns_of_measures(split); });
    draw();
    draw_measures();
    if (shows_units()) write_units();
    write_result("completed", state);
    return {RunStatus::Completed, path_, record_.metrics};
  }

  /// Until it is told to stop. The measures share what they have fitted to the data.
  void measure_all(Measures& measures) {
    const Evaluation shared = evaluation();
    for (const config::Named& each : experiment().evaluate) {
      if (stop_) return;
      observer_.note(text("measuring ", each.name));
      try {
        made(each)->measure(shared, measures);
      } catch (const Error&) {
        throw;  // says what is wrong, and where
      } catch (const std::bad_alloc&) {
        throw;
      } catch (const std::exception& error) {
        throw Error(text("measure ", each.name, ": ", error.what()));
      }
    }
  }

  void take_best(const TrainingState& state) {
    try {
      read_weights(folder_->best(), *model_);
    } catch (const DataError& error) {
      throw DataError(text(error.what(), "; the weights of epoch ", state.best_epoch,
                           ", the best, were in it: put a whole copy of it back and go on with "
                           "--resume, or train again in another folder with --output; those of "
                           "the last epoch are in ",
                           folder_->last().string()));
    }
  }

  std::string weights_measured(const TrainingState& state) const {
    const bool best = experiment().evaluate_weights == EvaluateWeights::Best;
    return text("measures, codes and pictures are of the ", best ? "best" : "last", " checkpoint",
                best && state.best_epoch > 0
                    ? text(": epoch ", state.best_epoch, " of ", state.epoch)
                    : std::string());
  }

  /// The last row of metrics.csv, then every measure.
  NamedNumbers collected() const {
    NamedNumbers numbers = last_metrics(folder_->metrics());
    std::erase_if(numbers,
                  [](const auto& each) { return each.first == "epoch" || each.first == "step"; });
    for (const auto& [name, value] : measures_.numbers()) numbers.emplace_back(name, value);
    return numbers;
  }

  /// For a run that has failed already, whose fault counts.
  void try_to_write_result(const std::string& status, const TrainingState& state,
                           const std::string& message) {
    try {
      write_result(status, state, message);
    } catch (const std::exception& error) {
      observer_.warning(text(folder_->result().string(), ": not written: ", error.what()));
    }
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
    record_.protocol.emplace_back("weights", weights_measured(state));
    write_record(*folder_, record_);
  }

  const bool resume_;
  const Surroundings& surroundings_;
  RunObserver& observer_;
  const std::atomic<bool>& stop_;
  ResolvedExperiment resolved_;
  fs::path path_;
  std::unique_ptr<DataSet> data_;
  std::shared_ptr<const DataForm> form_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<RunFolder> folder_;
  FolderCheckpoints checkpoints_;  // found where a run is to be resumed
  RunRecord record_;
  Measures measures_;
};

}  // namespace

RunOutcome run_experiment(const RunRequest& request, const Surroundings& surroundings,
                          RunObserver& observer, const std::atomic<bool>& stop) {
  const ResolvedExperiment resolved =
      read_experiment(request.experiment, request.overrides, surroundings.vocabulary());
  return run_experiment(resolved, folder_for(request, resolved.experiment), request.resume,
                        surroundings, observer, stop);
}

RunOutcome run_experiment(const ResolvedExperiment& experiment, const fs::path& folder, bool resume,
                          const Surroundings& surroundings, RunObserver& observer,
                          const std::atomic<bool>& stop) {
  return Run(experiment, folder, resume, surroundings, observer, stop).run();
}

}  // namespace hourglass
