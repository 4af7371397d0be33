#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/sweep/run_sweep.hpp>
#include <hourglass/sweep/sweep_state.hpp>
#include <hourglass/sweep/worker.hpp>

#include <poll.h>

#include <algorithm>
#include <chrono>
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

constexpr int kMillisecondsBetweenLooks = 200;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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
        state_(plan, folder),
        surroundings_(surroundings),
        observer_(observer),
        stop_(stop) {
    surroundings_.places.kept = std::make_shared<DataCache>();
  }

  SweepOutcome run(const Sharing& sharing) {
    bool asked = false;
    for (;;) {
      folder_.write_points(plan_, state_.standings());
      while (!stop_ && jobs_.size() < static_cast<std::size_t>(sharing.jobs)) {
        const std::optional<RunAt> next =
            state_.next([this](const std::string& id) { return is_running(id); });
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
    folder_.write_points(plan_, state_.standings());
    return outcome();
  }

  /// How many runs need nothing any more.
  std::size_t runs_over() {
    const SweepTally tally = state_.tally();
    return tally.completed + tally.stopped + tally.failed;
  }

 private:
  fs::path folder_of(const RunAt& at) const { return folder_.run(state_.run(at).id); }
  std::string label_of(const RunAt& at) const {
    return text(plan_.points()[at.point].label(), ", seed ", state_.run(at).seed);
  }

  /// Of a search, two points may be the same run.
  bool is_running(const std::string& id) const {
    return std::ranges::any_of(jobs_, [&](const Job& job) { return state_.run(job.at).id == id; });
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
    read_data(state_.run(at));
    const WorkerTask task{.run = state_.run(at),
                          .folder = folder_of(at),
                          .threads = threads,
                          .until = state_.allowed(at.point),
                          .done = state_.standing(at).epochs,
                          .begin = [this] { folder_.leave_to_parent(); }};
    Job job{.at = at, .epochs_before = state_.standing(at).epochs, .worker = nullptr};
    job.worker = std::make_unique<Worker>(task, surroundings_, stop_);
    jobs_.push_back(std::move(job));
    state_.begin(at);
    folder_.write_points(plan_, state_.standings());
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
    if (status == SweepStatus::Failed) {
      write_failure(folder_of(job.at), state_.run(job.at), job.worker->message());
    }
    RunStanding now = read_standing(folder_of(job.at), state_.run(job.at).resolved);
    if (status == SweepStatus::Failed || status == SweepStatus::Diverged) {
      now.status = status;  // whatever it could not write
      now.message = job.worker->message();
    }
    epochs_done_ += static_cast<double>(now.epochs - job.epochs_before);
    for (const RunAt& at : state_.end(job.at, now)) {
      observer_.run_ended({.label = label_of(at),
                           .status = SweepStatus::Stopped,
                           .message = "",
                           .value = {},
                           .seconds = 0},
                          progress());
    }
    now = state_.standing(job.at);
    if (now.status == SweepStatus::Stopped) return;                // told
    if (now.status == SweepStatus::Interrupted && !stop_) return;  // at a rung: it may go on
    EndedRun ended{.label = label_of(job.at),
                   .status = now.status,
                   .message = now.message,
                   .value = {},
                   .seconds = seconds_since(job.start)};
    if (ended.status == SweepStatus::Completed) ended.value = state_.result(job.at);
    observer_.run_ended(ended, progress());
  }

  SweepProgress progress() {
    SweepProgress out;
    out.runs = plan_.runs();
    out.seconds = seconds_since(start_);
    double under_way = 0;
    for (const Job& job : jobs_) {
      const TrainProgress& told = job.worker->progress();
      out.running.push_back({label_of(job.at), told.epoch, state_.run(job.at).epochs(), told.loss});
      const double part =
          told.steps > 0 ? static_cast<double>(told.step) / static_cast<double>(told.steps) : 0;
      const double epochs = static_cast<double>(told.epoch - 1) + part;
      under_way += std::max(0.0, epochs - static_cast<double>(job.epochs_before));
    }
    const SweepTally tally = state_.tally();
    out.completed = tally.completed;
    out.stopped = tally.stopped;
    out.failed = tally.failed;
    out.metric = plan_.metric();
    out.best = tally.best;
    if (tally.best) out.best_label = plan_.points()[tally.best_point].label();
    double epochs_left = tally.epochs_left;
    const double known = static_cast<double>(plan_.points().size() * plan_.seeds());
    if (known > 0 && !plan_.points().empty()) {  // points that a search has yet to choose
      epochs_left += (static_cast<double>(out.runs) - known) *
                     static_cast<double>(plan_.points().front().runs.front().epochs());
    }
    const double done = epochs_done_ + under_way;
    if (done >= 1) out.seconds_left = out.seconds / done * std::max(0.0, epochs_left - under_way);
    return out;
  }

  SweepOutcome outcome() {
    SweepOutcome out{.folder = folder_.path(),
                     .metric = plan_.metric(),
                     .interrupted = false,
                     .end = progress(),
                     .failures = {}};
    out.interrupted = stop_ && out.end.waiting() > 0;
    for (std::size_t i = 0; i < state_.standings().size(); ++i) {
      for (std::size_t k = 0; k < state_.standings()[i].size(); ++k) {
        const RunStanding& each = state_.standing({i, k});
        if (each.status != SweepStatus::Failed && each.status != SweepStatus::Diverged) continue;
        out.failures.push_back({label_of({i, k}), each.status, each.message, {}, 0});
      }
    }
    return out;
  }

  Plan& plan_;
  SweepFolder& folder_;
  SweepState state_;
  Surroundings surroundings_;
  SweepObserver& observer_;
  std::atomic<bool>& stop_;
  std::vector<Job> jobs_;
  double epochs_done_ = 0;  // in this process
  Clock::time_point start_ = Clock::now();
};

/// What the sweep in a folder is called; empty where there is none, or its file is damaged: it is
/// written anew.
std::string name_in(const SweepFolder& folder) {
  std::error_code error;
  if (!fs::exists(folder.sweep(), error)) return "";
  try {
    const config::Node root = read_written_yaml(folder.sweep());
    const config::Node* name = root.find("name");
    return name == nullptr ? "" : name->text();
  } catch (const DataError&) {
    return "";
  }
}

/// One name is one sweep, whose file may change; two sweeps in a folder would be taken for one.
void refuse_other_sweep(const SweepFolder& folder, const std::string& name) {
  const std::string other = name_in(folder);
  if (other.empty() || other == name) return;
  throw ConfigError(text(folder.path().string(), ": the sweep ", config::shown(other),
                         " is in this folder, and this one is ", config::shown(name),
                         "; choose another folder with --output, or give it the same name"));
}

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
  refuse_other_sweep(folder, plan.file().name);
  plan.know(folder.known_ids());
  Sweep sweep(plan, folder, surroundings, observer, stop);
  write_file_atomically(folder.sweep(), config::emit(plan.file().node));
  const Sharing sharing = share(plan, request.jobs, processor_count());
  for (const std::string& note : plan.notes()) observer.note("note: " + note);
  observer.note(text(folder.path().string(), ": ", plan.runs(), " runs, ", sharing.jobs,
                     " at a time with ", sharing.threads,
                     sharing.threads == 1 ? " thread each" : " threads each"));
  const std::size_t over = sweep.runs_over();
  if (over > 0) observer.note(text(over, " of them are over already"));
  return sweep.run(sharing);
}

}  // namespace hourglass
