#include <hourglass/core/error.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/train/batch_streams.hpp>
#include <hourglass/train/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>
#include <optional>

namespace hourglass {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Trainer {
 public:
  Trainer(Model& model, const DataSet& data, RunFolder& folder, const TrainerSetup& setup,
          TrainingState& state, TrainObserver& observer, const std::atomic<bool>& stop)
      : model_(model),
        data_(data),
        folder_(folder),
        setup_(setup),
        state_(state),
        observer_(observer),
        stop_(stop),
        steps_(model.steps()),
        streams_(std::in_place, model, data, setup.options.batch, setup.seed, state) {
    if (state.batch >= streams_->batches_per_epoch()) {
      throw DataError(text(folder.last().string(), ": has done ", state.batch,
                           " batches of an epoch, which has ", streams_->batches_per_epoch()));
    }
    if (state.passed >= std::ssize(steps_)) {
      throw DataError(text(folder.last().string(), ": has done ", state.passed,
                           " train steps of a batch, which has ", steps_.size()));
    }
    compile_training(model, data, setup.options.batch);  // before any work can be lost
    name_numbers();
    state_.counts.resize(steps_.size(), 0);
    state_.step_samples.resize(steps_.size(), 0);
    state_.sums.resize(names_.size(), 0.0);
  }

  TrainEnd run() {
    const std::int64_t epochs = setup_.options.epochs;
    if (state_.step == 0 && epochs > 0) save_last();  // a state to return to
    while (state_.epoch < epochs && !stopped_early()) {
      if (!train_epoch()) {
        save_last();
        return TrainEnd::Interrupted;
      }
      finish_epoch();
      if (stop_ && state_.epoch < epochs) return TrainEnd::Interrupted;
    }
    return TrainEnd::Completed;
  }

 private:
  /// train/loss is the first step's objective, train/<step> another's, train/<part> the parts.
  void name_numbers() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      first_number_.push_back(names_.size());
      names_.push_back(i == 0 ? "train/loss" : "train/" + steps_[i].name);
      for (const std::string& part : steps_[i].parts) names_.push_back("train/" + part);
    }
  }

  bool stopped_early() const {
    const auto& early = setup_.options.early_stopping;
    return early && state_.stale >= early->patience;
  }

  /// Trains on the batches that are left of the epoch. Returns whether it came to the end.
  bool train_epoch() {
    const std::int64_t batches = streams_->batches_per_epoch();
    epoch_began_ = Clock::now();
    epoch_samples_ = 0;
    for (; state_.batch < batches; ++state_.batch) {
      if (stop_) return false;
      train_batch();
      epoch_samples_ += streams_->size(state_.batch);
      report(batches, state_.batch + 1 == batches);
    }
    epoch_seconds_ = seconds_since(epoch_began_);
    return true;
  }

  /// What went wrong in a batch.
  struct Failure {
    std::size_t step;  // which train step
    double loss;
    const Variable* spoilt;  // by its update; nullptr when nothing was updated
  };

  void train_batch() {
    if (const auto failure = try_batch()) diverged(*failure);
  }

  /// Runs the train steps that are due, one after another, and stops at the first that goes wrong.
  /// How many have passed is part of the state, so that one that fails leaves a state from which a
  /// resumed run comes to the same end.
  std::optional<Failure> try_batch() {
    for (; state_.passed < std::ssize(steps_); ++state_.passed) {
      const auto number = static_cast<std::size_t>(state_.passed);
      if (!is_due(steps_[number], state_.step)) continue;
      if (const auto failure = run_step(number)) return failure;
    }
    state_.samples += streams_->size(state_.batch);
    streams_->advance(state_);
    state_.passed = 0;
    ++state_.step;
    return std::nullopt;
  }

  std::optional<Failure> run_step(std::size_t number) {
    const TrainStepTraits& step = steps_[number];
    const Batch& batch = streams_->current(step.stream);
    std::vector<TrainProgram>& programs = model_.train(batch.size, step.stream);
    Program& program = std::ranges::find(programs, number, &TrainProgram::step)->program;
    program.feed("input", batch.samples);
    if (step.reads_labels) program.feed(ModelBuilder::kLabels, batch.labels);
    const bool ran = program.run(state_of(number, batch));
    const Variable* spoilt = ran ? program.spoilt() : nullptr;
    if (!ran || spoilt != nullptr) return Failure{number, program.fetched(0)[0], spoilt};
    ++state_.counts[number];
    state_.step_samples[number] += batch.size;
    for (std::size_t k = 0; k <= step.parts.size(); ++k) {
      state_.sums[first_number_[number] + k] +=
          static_cast<double>(program.fetched(static_cast<int>(k))[0]) *
          static_cast<double>(batch.size);
    }
    return std::nullopt;
  }

  RunState state_of(std::size_t step, const Batch& batch) const {
    RunState run{.seed = setup_.seed, .step = state_.counts[step]};
    run.samples = batch.indices;
    return run;
  }

  [[noreturn]] void diverged(const Failure& failure) {
    std::string message = text("epoch ", state_.epoch + 1, ", step ", state_.step + 1,
                               ": the loss of \"", steps_[failure.step].name, "\" is ",
                               std::isnan(failure.loss) ? "nan" : text(failure.loss));
    if (std::isfinite(failure.loss)) {
      message += failure.spoilt == nullptr
                     ? ", but not all that it comes from is finite"
                     : text(", but the update of \"", failure.spoilt->path(), "\" is not finite");
    }
    if (failure.spoilt != nullptr) return_or_throw(message);
    save_last();  // first: finding the tensor may ask for more memory than there is
    message += "; " + name_of_bad(failure.step);
    // No learning rate has had a part in what goes wrong before the first update.
    const bool is_first = state_.step == 0 && failure.step == 0;
    throw DivergedError(text(message, ". The parameters are those before this ",
                             failure.step == 0 ? "" : "train ", "step", done_before(failure.step),
                             "; they are kept in ", folder_.last().string(),
                             is_first ? "" : ". A lower learning rate or train.clip often helps"));
  }

  /// Goes back to before the train step that went wrong, whose message this is.
  void return_or_throw(const std::string& message) {
    std::string reason;
    try {
      if (return_to(state_.batch, state_.passed)) return;
      reason = text("; ", folder_.last().string(), " is of step ", state_.step);
    } catch (const std::exception& error) {
      reason = text(": ", error.what());
    }
    throw DivergedError(
        text(message, ". The parameters before this step could not be computed again", reason));
  }

  std::string name_of_bad(std::size_t step) {
    try {
      const Batch& batch = streams_->current(steps_[step].stream);
      const std::string where = model_.find_nonfinite(step, batch.size, batch.samples,
                                                      state_of(step, batch), batch.labels);
      return where.empty() ? "no tensor of the unfused program is bad: the fused one overflowed"
                           : where;
    } catch (const std::bad_alloc&) {
      return "which tensor could not be found: there is not enough memory to keep every value";
    } catch (const std::exception& error) {
      return text("which tensor could not be found: ", error.what());
    }
  }

  /// Which train steps of the same batch have moved parameters already.
  std::string done_before(std::size_t number) const {
    std::string names;
    for (std::size_t i = 0; i < number; ++i) {
      if (!is_due(steps_[i], state_.step)) continue;
      names += text(names.empty() ? "" : ", ", "\"", steps_[i].name, "\"");
    }
    return names.empty() ? "" : text(" and after ", names, " of the same batch");
  }

  void read_last() {
    std::vector<std::string> notes;
    state_ = read_training(folder_.last(), model_, notes);
    streams_.emplace(model_, data_, setup_.options.batch, setup_.seed, state_);
  }

  /// Goes back to the last checkpoint and from there, by the same steps, to where `batch` batches
  /// of its epoch are done and `passed` train steps of the next. Returns whether it came there.
  bool return_to(std::int64_t batch, std::int64_t passed) {
    const std::int64_t epoch = state_.epoch;
    read_last();
    if (state_.epoch != epoch || state_.batch > batch) return false;
    if (state_.batch < batch) {
      observer_.warning(text("repeating ", batch - state_.batch,
                             " steps from the last checkpoint, to the state before the one that "
                             "went wrong"));
    }
    for (; state_.batch < batch; ++state_.batch) {
      if (stop_ || try_batch()) {
        read_last();
        return false;
      }
    }
    for (; state_.passed < passed; ++state_.passed) {
      const auto number = static_cast<std::size_t>(state_.passed);
      if (!is_due(steps_[number], state_.step) || !run_step(number)) continue;
      read_last();
      return false;
    }
    return true;
  }

  void report(std::int64_t batches, bool last) {
    const auto now = Clock::now();
    if (!last && now - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = now;
    observer_.progress(progress(batches, state_.batch + 1));
  }

  TrainProgress progress(std::int64_t batches, std::int64_t done) const {
    TrainProgress progress;
    progress.epoch = state_.epoch + 1;
    progress.epochs = setup_.options.epochs;
    progress.step = done;
    progress.steps = batches;
    progress.loss = state_.step_samples[0] > 0 ? mean_number(0, 0) : 0;
    const double elapsed = std::max(seconds_since(epoch_began_), 1e-9);
    progress.samples_per_second = static_cast<double>(epoch_samples_) / elapsed;
    const double left = static_cast<double>(data_.train().size()) *
                            static_cast<double>(progress.epochs - state_.epoch) -
                        static_cast<double>(state_.samples);
    progress.seconds_left =
        progress.samples_per_second > 0 ? std::max(left, 0.0) / progress.samples_per_second : 0;
    return progress;
  }

  void finish_epoch() {
    const TrainProgress last = progress(streams_->batches_per_epoch(), state_.batch);
    NamedNumbers row;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (std::size_t k = 0; k <= steps_[i].parts.size(); ++k) {
        row.emplace_back(names_[first_number_[i] + k], mean_number(i, k));
      }
    }
    model_.set_counts(state_.counts);
    measure("validation", row);
    measure("test", row);
    ++state_.epoch;
    state_.batch = 0;
    state_.samples = 0;
    std::ranges::fill(state_.sums, 0.0);
    std::ranges::fill(state_.step_samples, 0);
    append_metrics(folder_, state_.epoch, state_.step, row);
    append_timing(folder_, state_.epoch, epoch_seconds_,
                  static_cast<double>(epoch_samples_) / std::max(epoch_seconds_, 1e-9));
    save(improved(row));
    observer_.epoch_done(last, row);
    if (setup_.redraw && worth_redrawing()) setup_.redraw();
  }

  /// The mean of a train step's objective (k = 0) or part over what it has read this epoch; not a
  /// number where it has not run.
  double mean_number(std::size_t step, std::size_t k) const {
    const std::int64_t samples = state_.step_samples[step];
    if (samples == 0) return csv::kAbsent;
    return state_.sums[first_number_[step] + k] / static_cast<double>(samples);
  }

  void measure(const std::string& split, NamedNumbers& row) {
    const Source* source = data_.find(split);
    if (source == nullptr) return;
    std::string bad;
    for (const auto& [name, value] : model_.evaluate(*source, split_number(split))) {
      row.emplace_back(split + "/" + name, value);
      if (!std::isfinite(value)) bad += text(bad.empty() ? "" : ", ", split, "/", name);
    }
    if (bad.empty()) return;
    observer_.warning(text("epoch ", state_.epoch + 1, ": not finite: ", bad,
                           "; metrics.csv has it so, and training, whose own loss is finite, goes "
                           "on"));
  }

  /// Whether this epoch is the best so far, by the validation loss or else the training loss, or
  /// what the variant names in its place.
  bool improved(const NamedNumbers& row) {
    const auto find = [&](const std::string& split) {
      return std::ranges::find(row, text(split, "/", model_.traits().best_by),
                               &NamedNumbers::value_type::first);
    };
    auto found = find("validation");
    if (found == row.end()) found = find("train");
    const double loss = found->second;
    const auto& early = setup_.options.early_stopping;
    const double margin = early ? early->min_delta : 0;
    // Nothing is less than a loss that is not a number, which must not stay the best.
    const bool first = state_.best_epoch == 0 || std::isnan(state_.best);
    // Small improvements add up to one that counts.
    const bool counts = first || loss < state_.reference - margin;
    if (counts) state_.reference = loss;
    state_.stale = counts ? 0 : state_.stale + 1;
    if (!first && !(loss < state_.best)) return false;
    state_.best = loss;
    state_.best_epoch = state_.epoch;
    return true;
  }

  /// `last` is written after the others: whoever is killed in between starts from the old one and
  /// writes them again.
  void save(bool best) {
    const auto& kept = setup_.options.checkpoint;
    const bool due = state_.epoch % kept.every == 0 && kept.keep > 0;
    const std::filesystem::path first = best  ? folder_.best()
                                        : due ? folder_.epoch(state_.epoch)
                                              : folder_.last();
    write_checkpoint(first, model_, setup_.identity, state_);
    if (best && due) copy_file_atomically(first, folder_.epoch(state_.epoch));
    if (first != folder_.last()) copy_file_atomically(first, folder_.last());
    folder_.prune(state_.epoch, kept.keep);
  }

  void save_last() { write_checkpoint(folder_.last(), model_, setup_.identity, state_); }

  /// After the first epoch, and then every few seconds.
  bool worth_redrawing() {
    if (state_.epoch >= setup_.options.epochs) return false;
    if (redrawn_ != Clock::time_point() && seconds_since(redrawn_) < 10) return false;
    redrawn_ = Clock::now();
    return true;
  }

  Model& model_;
  const DataSet& data_;
  RunFolder& folder_;
  const TrainerSetup& setup_;
  TrainingState& state_;
  TrainObserver& observer_;
  const std::atomic<bool>& stop_;
  const std::vector<TrainStepTraits>& steps_;
  std::optional<BatchStreams> streams_;    // made anew when training goes back
  std::vector<std::string> names_;         // of the numbers in a row of metrics
  std::vector<std::size_t> first_number_;  // by train step: its objective's place among these
  Clock::time_point epoch_began_, reported_, redrawn_;
  std::int64_t epoch_samples_ = 0;
  double epoch_seconds_ = 0;
};

}  // namespace

TrainObserver::~TrainObserver() = default;

TrainEnd train(Model& model, const DataSet& data, RunFolder& folder, const TrainerSetup& setup,
               TrainingState& progress, TrainObserver& observer, const std::atomic<bool>& stop) {
  return Trainer(model, data, folder, setup, progress, observer, stop).run();
}

}  // namespace hourglass
