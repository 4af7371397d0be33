#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/sweep/run_sweep.hpp>
#include <hourglass/sweep/worker.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>

namespace hourglass {

namespace fs = std::filesystem;

SweepObserver::~SweepObserver() = default;

Sharing share(const Plan& plan, std::optional<int> jobs, int processors) {
  const std::size_t runs = plan.runs_at_a_time();
  const int most = std::min(processors, static_cast<int>(std::min<std::size_t>(runs, 1 << 20)));
  Sharing sharing;
  sharing.jobs = std::max(1, std::min(jobs.value_or(most), most));
  sharing.threads = std::max(1, processors / sharing.jobs);
  return sharing;
}

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWorst = std::numeric_limits<double>::infinity();
constexpr int kMillisecondsBetweenLooks = 200;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One run of a point, by their numbers.
struct RunAt {
  std::size_t point = 0;
  std::size_t seed = 0;
};

/// A process with the run that it is.
struct Job {
  RunAt at;
  std::int64_t epochs_before = 0;
  Clock::time_point start = Clock::now();
  std::unique_ptr<Worker> worker;
};

class Sweep {
 public:
  Sweep(Plan& plan, SweepFolder& folder, const Surroundings& surroundings, SweepObserver& observer,
        std::atomic<bool>& stop)
      : plan_(plan),
        folder_(folder),
        surroundings_(surroundings),
        observer_(observer),
        stop_(stop) {
    surroundings_.places.kept = std::make_shared<DataCache>();
    look_at_new_points();
  }

  SweepOutcome run(const Sharing& sharing) {
    bool asked = false;
    decide();
    just_stopped_.clear();  // they were ended before this process
    for (;;) {
      folder_.write_points(plan_, states_);
      while (!stop_ && jobs_.size() < static_cast<std::size_t>(sharing.jobs)) {
        const std::optional<RunAt> next = next_run();
        if (!next) break;
        start(*next, sharing.threads);
      }
      if (jobs_.empty()) break;
      if (stop_ && !asked) {
        for (const Job& job : jobs_) job.worker->stop();
        asked = true;
      }
      wait();
      collect();
      observer_.progress(progress());
    }
    folder_.write_points(plan_, states_);
    return outcome();
  }

 private:
  const SweepRun& run_of(const RunAt& at) const { return plan_.points()[at.point].runs[at.seed]; }
  RunStanding& state_of(const RunAt& at) { return states_[at.point][at.seed]; }
  fs::path folder_of(const RunAt& at) const { return folder_.run(run_of(at).id); }
  std::string label_of(const RunAt& at) const {
    return text(plan_.points()[at.point].label(), ", seed ", run_of(at).seed);
  }

  /// Of points that are new in the plan, how far they are.
  void look_at_new_points() {
    for (std::size_t i = states_.size(); i < plan_.points().size(); ++i) {
      std::vector<RunStanding>& states = states_.emplace_back();
      for (const SweepRun& run : plan_.points()[i].runs) {
        RunStanding state = read_standing(folder_.run(run.id), run.resolved);
        if (state.status == SweepStatus::Failed) state.status = SweepStatus::Waiting;  // once more
        states.push_back(std::move(state));
      }
      stopped_at_.push_back(0);
      allowed_.push_back(0);
    }
  }

  /// What follows from what is known: which points are ended, which a search adds.
  void decide() {
    do {
      look_at_new_points();
      halve();
    } while (plan_.search(values()));
  }

  bool over(SweepStatus status) const {
    return status == SweepStatus::Completed || status == SweepStatus::Diverged ||
           status == SweepStatus::Failed;
  }

  /// The mean over a point's seeds of the sweep's metric after `epoch`, less is better; nothing as
  /// long as one has not come there. What fails is worst.
  std::optional<double> value_after(std::size_t point, std::int64_t epoch) {
    double sum = 0;
    for (std::size_t k = 0; k < states_[point].size(); ++k) {
      const RunStanding& state = states_[point][k];
      const bool failed =
          state.status == SweepStatus::Diverged || state.status == SweepStatus::Failed;
      if (!over(state.status) && state.epochs < epoch) return {};
      sum += failed ? kWorst : value_of({point, k}, epoch);
    }
    const double mean = sum / static_cast<double>(states_[point].size());
    return std::isnan(mean) ? kWorst : mean;
  }

  /// What metrics.csv says of an epoch stays so; it is read once.
  double value_of(const RunAt& at, std::int64_t epoch) {
    const auto [known, fresh] = values_.try_emplace({run_of(at).id, epoch});
    if (fresh) known->second = read_value(at, epoch);
    return known->second;
  }

  double read_value(const RunAt& at, std::int64_t epoch) const {
    const auto value = metric_after(folder_of(at), plan_.metric(), epoch);
    if (!value) {
      throw ConfigError(text(folder_.path().string(), ": halving goes by ", plan_.metric(),
                             ", which ", folder_of(at).string(),
                             "/metrics.csv does not have; choose another sweep.metric"));
    }
    return plan_.file().lower_is_better ? *value : -*value;
  }

  /// Successive halving: to which epoch each point may go.
  void halve() {
    const auto& points = plan_.points();
    for (std::size_t i = 0; i < points.size(); ++i) {
      allowed_[i] = points[i].runs.front().epochs();
    }
    if (!plan_.file().halving) return;
    const HalvingOptions& options = *plan_.file().halving;
    std::int64_t longest = 0;
    for (const std::int64_t epochs : allowed_) longest = std::max(longest, epochs);
    std::ranges::fill(stopped_at_, 0);
    std::vector<bool> held(points.size(), false);  // waits at a rung before
    for (const std::int64_t rung : rungs(options, longest)) {
      std::vector<AtRung> at(points.size());
      for (std::size_t i = 0; i < points.size(); ++i) {
        at[i].absent = stopped_at_[i] > 0 || points[i].runs.front().epochs() <= rung;
        if (!at[i].absent && !held[i]) at[i].value = value_after(i, rung);
      }
      const auto decisions = go_on(at, options.factor);
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (at[i].absent || held[i]) continue;
        if (decisions[i] && *decisions[i]) continue;
        allowed_[i] = rung;
        if (decisions[i]) {
          stopped_at_[i] = rung;
        } else {
          held[i] = true;
        }
      }
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (RunStanding& state : states_[i]) {
        const bool open =
            state.status == SweepStatus::Waiting || state.status == SweepStatus::Interrupted;
        if (stopped_at_[i] == 0 || !open || !state.ended) continue;
        state.status = SweepStatus::Stopped;
        just_stopped_.push_back({i, static_cast<std::size_t>(&state - states_[i].data())});
      }
    }
  }

  /// What came of each point: of one that was ended, where it was ended.
  std::vector<std::optional<double>> values() {
    std::vector<std::optional<double>> out(plan_.points().size());
    if (!plan_.file().tpe) return out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (stopped_at_[i] > 0) {
        out[i] = value_after(i, stopped_at_[i]);
      } else if (std::ranges::all_of(states_[i],
                                     [this](const auto& each) { return over(each.status); })) {
        out[i] = result_of_point(i);
      }
    }
    return out;
  }

  /// A run's metric as result.yaml has it, in its own direction.
  std::optional<double> result_of(const RunAt& at) const {
    std::error_code error;
    const fs::path result = folder_of(at) / "result.yaml";
    if (!fs::exists(result, error)) return {};
    const NamedNumbers numbers = recorded_metrics(read_written_yaml(result));
    const auto found = std::ranges::find(numbers, plan_.metric(), &NamedNumbers::value_type::first);
    if (found != numbers.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, value] : numbers) names.push_back(name);
    throw ConfigError(text("sweep.metric: ", result.string(), " has no ",
                           config::shown(plan_.metric()),
                           config::suggestion(plan_.metric(), names)));
  }

  /// Of a point whose runs are all over; it is read once.
  double result_of_point(std::size_t point) {
    const auto [known, fresh] = means_.try_emplace(point);
    if (fresh) known->second = mean_of_results(point);
    return known->second;
  }

  double mean_of_results(std::size_t point) {
    double sum = 0;
    for (std::size_t k = 0; k < states_[point].size(); ++k) {
      if (states_[point][k].status != SweepStatus::Completed) return kWorst;
      sum += result_of({point, k}).value_or(kWorst);
    }
    const double mean = sum / static_cast<double>(states_[point].size());
    if (std::isnan(mean)) return kWorst;
    return plan_.file().lower_is_better ? mean : -mean;
  }

  /// The first run that has something left to do, of those that are in no process.
  std::optional<RunAt> next_run() {
    for (std::size_t i = 0; i < plan_.points().size(); ++i) {
      for (std::size_t k = 0; k < states_[i].size(); ++k) {
        const RunStanding& state = states_[i][k];
        const bool open =
            state.status == SweepStatus::Waiting || state.status == SweepStatus::Interrupted;
        const std::int64_t whole = plan_.points()[i].runs[k].epochs();
        const bool paused = allowed_[i] < whole && state.epochs >= allowed_[i] && state.ended;
        if (!open || paused) continue;
        if (!is_running(run_of({i, k}).id)) return RunAt{i, k};
      }
    }
    return {};
  }

  /// Of a search, two points may be the same run.
  bool is_running(const std::string& id) const {
    return std::ranges::any_of(jobs_, [&](const Job& job) { return run_of(job.at).id == id; });
  }

  /// Reads a run's data before its process begins, for all that have the same. What is wrong with
  /// them, the run will tell.
  void read_data(const SweepRun& run) {
    const Experiment& experiment = run.resolved.experiment;
    try {
      read_ahead(experiment.dataset.name, experiment.data_options(), surroundings_.places);
    } catch (const std::exception&) {
    }
  }

  void start(const RunAt& at, int threads) {
    read_data(run_of(at));
    const WorkerTask task{.run = run_of(at),
                          .folder = folder_of(at),
                          .threads = threads,
                          .until = allowed_[at.point],
                          .done = state_of(at).epochs,
                          .begin = [this] { folder_.leave_to_parent(); }};
    Job job{.at = at, .epochs_before = state_of(at).epochs, .worker = nullptr};
    job.worker = std::make_unique<Worker>(task, surroundings_, stop_);
    jobs_.push_back(std::move(job));
    state_of(at).status = SweepStatus::Running;
    folder_.write_points(plan_, states_);
  }

  /// Until a process tells something, or a moment has passed.
  void wait() const {
    std::vector<pollfd> files;
    for (const Job& job : jobs_) files.push_back({job.worker->descriptor(), POLLIN, 0});
    ::poll(files.data(), files.size(), kMillisecondsBetweenLooks);
  }

  void collect() {
    for (std::size_t i = 0; i < jobs_.size();) {
      if (jobs_[i].worker->read()) {
        const Job job = std::move(jobs_[i]);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
        end(job);
      } else {
        ++i;
      }
    }
  }

  void end(const Job& job) {
    const SweepStatus status = job.worker->status();
    RunStanding& state = state_of(job.at);
    if (status == SweepStatus::Failed) {
      write_failure(folder_of(job.at), run_of(job.at), job.worker->message());
    }
    state = read_standing(folder_of(job.at), run_of(job.at).resolved);
    if (over(status)) state.status = status;  // whatever it could not write
    if (status == SweepStatus::Failed || status == SweepStatus::Diverged) {
      state.message = job.worker->message();
    }
    epochs_done_ += static_cast<double>(state.epochs - job.epochs_before);
    share_state(job.at);
    decide();
    for (const RunAt& at : std::exchange(just_stopped_, {})) {
      observer_.run_ended({.label = label_of(at),
                           .status = SweepStatus::Stopped,
                           .message = "",
                           .value = {},
                           .seconds = 0},
                          progress());
    }
    const SweepStatus now = state_of(job.at).status;
    if (now == SweepStatus::Stopped) return;                // told
    if (now == SweepStatus::Interrupted && !stop_) return;  // at a rung: it may go on
    EndedRun ended{.label = label_of(job.at),
                   .status = state_of(job.at).status,
                   .message = state_of(job.at).message,
                   .value = {},
                   .seconds = seconds_since(job.start)};
    if (ended.status == SweepStatus::Completed) ended.value = result_of(job.at);
    observer_.run_ended(ended, progress());
  }

  /// What is known of a run is known of every point that is the same.
  void share_state(const RunAt& at) {
    if (!plan_.file().tpe) return;
    for (std::size_t i = 0; i < plan_.points().size(); ++i) {
      for (std::size_t k = 0; k < states_[i].size(); ++k) {
        if (run_of({i, k}).id == run_of(at).id) states_[i][k] = state_of(at);
      }
    }
  }

  SweepProgress progress() {
    SweepProgress out;
    out.runs = plan_.runs();
    out.seconds = seconds_since(start_);
    double under_way = 0;
    for (const Job& job : jobs_) {
      const TrainProgress& told = job.worker->progress();
      out.running.push_back({label_of(job.at), told.epoch, run_of(job.at).epochs(), told.loss});
      const double part =
          told.steps > 0 ? static_cast<double>(told.step) / static_cast<double>(told.steps) : 0;
      const double epochs = static_cast<double>(told.epoch - 1) + part;
      under_way += std::max(0.0, epochs - static_cast<double>(job.epochs_before));
    }
    double epochs_left = 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      for (std::size_t k = 0; k < states_[i].size(); ++k) count({i, k}, out, epochs_left);
    }
    const double known = static_cast<double>(states_.size() * plan_.seeds());
    if (known > 0 && !plan_.points().empty()) {  // points that a search has yet to choose
      epochs_left += (static_cast<double>(out.runs) - known) *
                     static_cast<double>(plan_.points().front().runs.front().epochs());
    }
    const double done = epochs_done_ + under_way;
    if (done > 0) out.seconds_left = out.seconds / done * std::max(0.0, epochs_left - under_way);
    return out;
  }

  void count(const RunAt& at, SweepProgress& out, double& epochs_left) {
    const RunStanding& state = state_of(at);
    switch (state.status) {
      case SweepStatus::Completed: {
        ++out.completed;
        const std::size_t last = states_[at.point].size() - 1;
        if (at.seed == last && is_comparable()) consider_best(at.point, out);
        return;
      }
      case SweepStatus::Stopped: ++out.stopped; return;
      case SweepStatus::Diverged:
      case SweepStatus::Failed: ++out.failed; return;
      default: break;
    }
    epochs_left += static_cast<double>(run_of(at).epochs() - state.epochs);
  }

  /// Variants minimise each its own loss, of which none is better than another's.
  bool is_comparable() const {
    const auto keys = plan_.file().keys();
    const bool varies = std::ranges::find(keys, "variant") != keys.end();
    return !varies || !plan_.metric().ends_with("/loss");
  }

  /// By the mean over seeds, once all of them are there.
  void consider_best(std::size_t point, SweepProgress& out) {
    const bool whole = std::ranges::all_of(states_[point], [](const RunStanding& state) {
      return state.status == SweepStatus::Completed;
    });
    if (!whole) return;
    const double value = result_of_point(point);
    const double sign = plan_.file().lower_is_better ? 1 : -1;
    if (out.best && sign * *out.best <= value) return;
    out.best = sign * value;
    out.best_label = plan_.points()[point].label();
  }

  SweepOutcome outcome() {
    SweepOutcome out{.folder = folder_.path(),
                     .metric = plan_.metric(),
                     .interrupted = false,
                     .end = progress(),
                     .failures = {}};
    out.interrupted = stop_ && out.end.waiting() > 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      for (std::size_t k = 0; k < states_[i].size(); ++k) {
        const RunStanding& state = states_[i][k];
        if (state.status != SweepStatus::Failed && state.status != SweepStatus::Diverged) continue;
        out.failures.push_back({label_of({i, k}), state.status, state.message, {}, 0});
      }
    }
    return out;
  }

  Plan& plan_;
  SweepFolder& folder_;
  Surroundings surroundings_;
  SweepObserver& observer_;
  std::atomic<bool>& stop_;
  std::vector<std::vector<RunStanding>> states_;  // by point and seed
  std::vector<std::int64_t> allowed_;             // by point: the epoch to which it may go
  std::vector<std::int64_t> stopped_at_;          // by point: the rung at which it was ended, or 0
  std::vector<RunAt> just_stopped_;               // and not told yet
  std::vector<Job> jobs_;
  std::map<std::pair<std::string, std::int64_t>, double> values_;  // by id and epoch
  std::map<std::size_t, double> means_;                            // by point; less is better
  double epochs_done_ = 0;                                         // in this process
  Clock::time_point start_ = Clock::now();
};

}  // namespace

SweepOutcome run_sweep(const SweepRequest& request, const Surroundings& surroundings,
                       SweepObserver& observer, std::atomic<bool>& stop) {
  config::Problems problems;
  SweepFile file = read_sweep(request.file, problems);
  problems.throw_if_any();
  const Vocabulary vocabulary = surroundings.vocabulary();
  Plan plan(std::move(file), vocabulary, problems);
  problems.throw_if_any();  // what cannot be is refused before a folder is made
  SweepFolder folder(request.output.value_or(fs::path("runs") / plan.file().name));
  plan.know(folder.known_ids());
  Sweep sweep(plan, folder, surroundings, observer, stop);
  write_file_atomically(folder.sweep(), config::emit(plan.file().node));
  const Sharing sharing = share(plan, request.jobs, processor_count());
  for (const std::string& note : plan.notes()) observer.note("note: " + note);
  observer.note(text(folder.path().string(), ": ", plan.runs(), " runs, ", sharing.jobs,
                     " at a time with ", sharing.threads,
                     sharing.threads == 1 ? " thread each" : " threads each"));
  return sweep.run(sharing);
}

}  // namespace hourglass
