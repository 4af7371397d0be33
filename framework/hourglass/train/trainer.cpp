#include <hourglass/core/error.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/train/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace hourglass {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr std::uint32_t kValidationSplit = 1, kTestSplit = 2;

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
        loader_(data.train(), loading(), state.epoch, state.batch) {
    if (state.batch >= loader_.batches_per_epoch()) {
      throw DataError(text(folder.last().string(), ": has done ", state.batch,
                           " batches of an epoch, which has ", loader_.batches_per_epoch()));
    }
    // The programs of both batch sizes are made before the first step, so that what they need is
    // known, and out of memory is met, before any work is lost.
    names_ = names_of(model_.train(first_batch()));
    model_.train(loader_.last_batch());
    state_.counts.resize(model_.train(first_batch()).size(), 0);
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
  std::int64_t first_batch() const {
    return std::min<std::int64_t>(setup_.options.batch, data_.train().size());
  }

  LoaderOptions loading() const { return {.batch = setup_.options.batch, .seed = setup_.seed}; }

  /// train/loss is the first step's objective, train/<step> another's, train/<part> the parts.
  static std::vector<std::string> names_of(const std::vector<TrainProgram>& programs) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      names.push_back(i == 0 ? "train/loss" : "train/" + programs[i].name);
      for (const std::string& part : programs[i].parts) names.push_back("train/" + part);
    }
    return names;
  }

  bool stopped_early() const {
    const auto& early = setup_.options.early_stopping;
    return early && state_.stale >= early->patience;
  }

  /// Trains on the batches that are left of the epoch. Returns whether it came to the end.
  bool train_epoch() {
    const std::int64_t batches = loader_.batches_per_epoch();
    epoch_began_ = Clock::now();
    epoch_samples_ = 0;
    for (; state_.batch < batches; ++state_.batch) {
      if (stop_) return false;
      const Batch& batch = loader_.next();
      train_batch(batch);
      epoch_samples_ += batch.size;
      report(batches, state_.batch + 1 == batches);
    }
    epoch_seconds_ = seconds_since(epoch_began_);
    return true;
  }

  void train_batch(const Batch& batch) {
    if (const auto bad = try_batch(batch)) diverged(*bad, batch);
  }

  /// What went wrong in a batch.
  struct Failure {
    std::size_t step;  // which train step
    double loss;
    const Variable* spoilt;  // by its update; nullptr when nothing was updated
  };

  /// Trains on a batch; stops at the first train step that goes wrong.
  std::optional<Failure> try_batch(const Batch& batch) {
    std::vector<TrainProgram>& programs = model_.train(batch.size);
    std::size_t number = 0;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      Program& program = programs[i].program;
      program.feed("input", batch.samples);
      const bool ran = program.run(state_of(i, batch));
      const Variable* spoilt = ran ? program.spoilt() : nullptr;
      if (!ran || spoilt != nullptr) return Failure{i, program.fetched(0)[0], spoilt};
      ++state_.counts[i];
      const std::size_t fetches = programs[i].parts.size() + 1;
      for (std::size_t k = 0; k < fetches; ++k) {
        state_.sums[number++] += static_cast<double>(program.fetched(static_cast<int>(k))[0]) *
                                 static_cast<double>(batch.size);
      }
    }
    state_.samples += batch.size;
    ++state_.step;
    return std::nullopt;
  }

  RunState state_of(std::size_t step, const Batch& batch) const {
    RunState run{.seed = setup_.seed, .step = state_.counts[step]};
    run.samples = batch.indices;
    return run;
  }

  [[noreturn]] void diverged(const Failure& failure, const Batch& batch) {
    const std::string name = model_.train(batch.size)[failure.step].name;
    const std::string loss = std::isnan(failure.loss) ? "nan" : text(failure.loss);
    std::string message = text("epoch ", state_.epoch + 1, ", step ", state_.step + 1,
                               ": the loss of \"", name, "\" is ", loss);
    if (std::isfinite(failure.loss)) {
      message += failure.spoilt == nullptr
                     ? ", but not all that it comes from is finite"
                     : text(", but the update of \"", failure.spoilt->path(), "\" is not finite");
    }
    if (failure.step == 0 && failure.spoilt == nullptr) {
      message += "; " + named(failure.step, batch);
      save_last();
    } else {
      const std::int64_t done = state_.batch;
      if (!return_to(done)) {
        throw DivergedError(text(message,
                                 ". The parameters before this step could not be computed "
                                 "again; ",
                                 folder_.last().string(), " is of step ", state_.step));
      }
      save_last();
      Loader again(data_.train(), loading(), state_.epoch, state_.batch);
      message += "; " + named_after_others(failure.step, again.next());
      read_last();
    }
    throw DivergedError(
        text(message, ". The parameters are those before this step; they are kept in ",
             folder_.last().string(), ". A lower learning rate or train.clip often helps"));
  }

  std::string named(std::size_t step, const Batch& batch) {
    const std::string where =
        model_.find_nonfinite(step, batch.size, batch.samples, state_of(step, batch));
    return where.empty() ? "no tensor of the unfused program is bad: the fused one overflowed"
                         : where;
  }

  /// The train steps before `step` have moved what it starts from.
  std::string named_after_others(std::size_t step, const Batch& batch) {
    std::vector<TrainProgram>& programs = model_.train(batch.size);
    for (std::size_t i = 0; i < step; ++i) {
      programs[i].program.feed("input", batch.samples);
      programs[i].program.run(state_of(i, batch));
    }
    return named(step, batch);
  }

  void read_last() {
    std::vector<std::string> notes;
    state_ = read_training(folder_.last(), model_, notes);
  }

  /// Goes back to the last checkpoint and from there, by the same steps, to where `batch` batches
  /// of its epoch are done. Returns whether it came there.
  bool return_to(std::int64_t batch) {
    const std::int64_t epoch = state_.epoch;
    read_last();
    if (state_.epoch != epoch || state_.batch > batch) return false;
    if (state_.batch < batch) {
      observer_.warning(text("repeating ", batch - state_.batch,
                             " steps from the last checkpoint, to the state before the one that "
                             "went wrong"));
    }
    Loader again(data_.train(), loading(), state_.epoch, state_.batch);
    for (; state_.batch < batch; ++state_.batch) {
      if (stop_ || try_batch(again.next())) {
        read_last();
        return false;
      }
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
    progress.loss = state_.samples > 0 ? state_.sums[0] / static_cast<double>(state_.samples) : 0;
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
    const TrainProgress last = progress(loader_.batches_per_epoch(), state_.batch);
    NamedNumbers row;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      row.emplace_back(names_[i], state_.sums[i] / static_cast<double>(state_.samples));
    }
    measure("validation", kValidationSplit, row);
    measure("test", kTestSplit, row);
    ++state_.epoch;
    state_.batch = 0;
    state_.samples = 0;
    std::ranges::fill(state_.sums, 0.0);
    append_metrics(folder_, state_.epoch, state_.step, row);
    append_timing(folder_, state_.epoch, epoch_seconds_,
                  static_cast<double>(epoch_samples_) / std::max(epoch_seconds_, 1e-9));
    save(improved(row));
    observer_.epoch_done(last, row);
    if (setup_.redraw && worth_redrawing()) setup_.redraw();
  }

  void measure(const std::string& split, std::uint32_t number, NamedNumbers& row) {
    const Source* source = data_.find(split);
    if (source == nullptr) return;
    std::string bad;
    for (const auto& [name, value] : model_.evaluate(*source, number)) {
      row.emplace_back(split + "/" + name, value);
      if (!std::isfinite(value)) bad += text(bad.empty() ? "" : ", ", split, "/", name);
    }
    if (bad.empty()) return;
    observer_.warning(text("epoch ", state_.epoch + 1, ": not finite: ", bad,
                           "; metrics.csv has it so, and training, whose own loss is finite, goes "
                           "on"));
  }

  /// Whether this epoch is the best so far, by the validation loss or else the training loss.
  bool improved(const NamedNumbers& row) {
    const auto find = [&](const char* name) {
      return std::ranges::find(row, name, &NamedNumbers::value_type::first);
    };
    auto found = find("validation/loss");
    if (found == row.end()) found = find("train/loss");
    const double loss = found->second;
    const auto& early = setup_.options.early_stopping;
    const double margin = early ? early->min_delta : 0;
    // Nothing is less than a loss that is not a number, which must not stay the best.
    const bool first = state_.best_epoch == 0 || std::isnan(state_.best);
    state_.stale = first || loss < state_.best - margin ? 0 : state_.stale + 1;
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
  Loader loader_;
  std::vector<std::string> names_;
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
