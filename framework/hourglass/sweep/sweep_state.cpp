#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/objective.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/sweep/sweep_state.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

constexpr double kWorst = std::numeric_limits<double>::infinity();

bool over(SweepStatus status) {
  return status == SweepStatus::Completed || status == SweepStatus::Diverged ||
         status == SweepStatus::Failed;
}

}  // namespace

SweepState::SweepState(Plan& plan, const SweepFolder& folder) : plan_(plan), folder_(folder) {
  decide();
  just_stopped_.clear();  // they were ended before
}

std::vector<RunAt> SweepState::end(const RunAt& at, const RunStanding& standing) {
  standings_[at.point][at.seed] = standing;
  share(at);
  decide();
  return std::exchange(just_stopped_, {});
}

SweepTally SweepState::tally() {
  SweepTally out;
  const bool comparable = is_comparable();
  for (std::size_t i = 0; i < standings_.size(); ++i) {
    for (std::size_t k = 0; k < standings_[i].size(); ++k) count({i, k}, out);
    if (comparable) consider_best(i, out);
  }
  return out;
}

/// Of points that are new in the plan, how far they are.
void SweepState::look_at_new_points() {
  for (std::size_t i = standings_.size(); i < plan_.points().size(); ++i) {
    std::vector<RunStanding>& states = standings_.emplace_back();
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
void SweepState::decide() {
  do {
    look_at_new_points();
    halve();
  } while (plan_.search(values()));
}

/// The mean over a point's seeds of the sweep's metric after `epoch`, less is better; nothing as
/// long as one has not come there. What fails is worst.
std::optional<double> SweepState::value_after(std::size_t point, std::int64_t epoch) {
  double sum = 0;
  for (std::size_t k = 0; k < standings_[point].size(); ++k) {
    const RunStanding& state = standings_[point][k];
    const bool failed =
        state.status == SweepStatus::Diverged || state.status == SweepStatus::Failed;
    if (!over(state.status) && state.epochs < epoch) return {};
    sum += failed ? kWorst : value_of({point, k}, epoch);
  }
  const double mean = sum / static_cast<double>(standings_[point].size());
  return std::isnan(mean) ? kWorst : mean;
}

/// What metrics.csv says of an epoch stays so; it is read once.
double SweepState::value_of(const RunAt& at, std::int64_t epoch) {
  const auto [known, fresh] = values_.try_emplace({run(at).id, epoch});
  if (fresh) known->second = read_value(at, epoch);
  return known->second;
}

double SweepState::read_value(const RunAt& at, std::int64_t epoch) const {
  const auto value = metric_after(folder_of(at), plan_.metric(), epoch);
  if (!value) {
    throw ConfigError(text(folder_.path().string(), ": halving goes by ", plan_.metric(),
                           ", which ", folder_of(at).string(),
                           "/metrics.csv does not have; choose another sweep.metric"));
  }
  return plan_.file().lower_is_better ? *value : -*value;
}

/// Successive halving: to which epoch each point may go.
void SweepState::halve() {
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
    for (RunStanding& state : standings_[i]) {
      const bool open =
          state.status == SweepStatus::Waiting || state.status == SweepStatus::Interrupted;
      if (stopped_at_[i] == 0 || !open || !state.ended) continue;
      state.status = SweepStatus::Stopped;
      just_stopped_.push_back({i, static_cast<std::size_t>(&state - standings_[i].data())});
    }
  }
}

/// What came of each point: of one that was ended, where it was ended.
SweepState::Values SweepState::values() {
  Values out(plan_.points().size());
  if (!plan_.file().tpe) return out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (stopped_at_[i] > 0) {
      out[i] = value_after(i, stopped_at_[i]);
    } else if (std::ranges::all_of(standings_[i],
                                   [](const auto& each) { return over(each.status); })) {
      out[i] = result_of_point(i);
    }
  }
  return out;
}

/// A run's metric as result.yaml has it, in its own direction.
std::optional<double> SweepState::result(const RunAt& at) const {
  std::error_code error;
  const fs::path result = folder_of(at) / "result.yaml";
  if (!fs::exists(result, error)) return {};
  const NamedNumbers numbers = recorded_metrics(read_written_yaml(result));
  const auto found = std::ranges::find(numbers, plan_.metric(), &NamedNumbers::value_type::first);
  if (found != numbers.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, value] : numbers) names.push_back(name);
  throw ConfigError(text("sweep.metric: ", result.string(), " has no ",
                         config::shown(plan_.metric()), config::suggestion(plan_.metric(), names)));
}

/// Of a point whose runs are all over; it is read once.
double SweepState::result_of_point(std::size_t point) {
  const auto [known, fresh] = means_.try_emplace(point);
  if (fresh) known->second = mean_of_results(point);
  return known->second;
}

double SweepState::mean_of_results(std::size_t point) const {
  double sum = 0;
  for (std::size_t k = 0; k < standings_[point].size(); ++k) {
    if (standings_[point][k].status != SweepStatus::Completed) return kWorst;
    sum += result({point, k}).value_or(kWorst);
  }
  const double mean = sum / static_cast<double>(standings_[point].size());
  if (std::isnan(mean)) return kWorst;
  return plan_.file().lower_is_better ? mean : -mean;
}

/// The first run that has something left to do, of those that are in no process.
std::optional<RunAt> SweepState::next(
    const std::function<bool(const std::string& id)>& running) const {
  for (std::size_t i = 0; i < plan_.points().size(); ++i) {
    for (std::size_t k = 0; k < standings_[i].size(); ++k) {
      const RunStanding& state = standings_[i][k];
      const bool open =
          state.status == SweepStatus::Waiting || state.status == SweepStatus::Interrupted;
      const std::int64_t whole = plan_.points()[i].runs[k].epochs();
      const bool paused = allowed_[i] < whole && state.epochs >= allowed_[i] && state.ended;
      if (!open || paused) continue;
      if (!running(run({i, k}).id)) return RunAt{i, k};
    }
  }
  return {};
}

/// What is known of a run is known of every point that is the same.
void SweepState::share(const RunAt& at) {
  if (!plan_.file().tpe) return;
  for (std::size_t i = 0; i < plan_.points().size(); ++i) {
    for (std::size_t k = 0; k < standings_[i].size(); ++k) {
      if (run({i, k}).id == run(at).id) standings_[i][k] = standing(at);
    }
  }
}

void SweepState::count(const RunAt& at, SweepTally& out) {
  const RunStanding& state = standing(at);
  switch (state.status) {
    case SweepStatus::Completed: ++out.completed; return;
    case SweepStatus::Stopped: ++out.stopped; return;
    case SweepStatus::Diverged:
    case SweepStatus::Failed: ++out.failed; return;
    default: break;
  }
  out.epochs_left += static_cast<double>(run(at).epochs() - state.epochs);
}

/// Of losses that stand for different things none is better than another.
bool SweepState::is_comparable() const {
  return !is_loss(plan_.metric()) || std::ranges::all_of(plan_.file().keys(), keeps_objective);
}

/// By the mean over seeds, once all of them are there.
void SweepState::consider_best(std::size_t point, SweepTally& out) {
  const bool whole = std::ranges::all_of(standings_[point], [](const RunStanding& state) {
    return state.status == SweepStatus::Completed;
  });
  if (!whole) return;
  const double value = result_of_point(point);
  const double sign = plan_.file().lower_is_better ? 1 : -1;
  if (out.best && sign * *out.best <= value) return;
  out.best = sign * value;
  out.best_point = point;
}

}  // namespace hourglass
