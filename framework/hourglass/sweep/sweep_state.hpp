#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/sweep/sweep_folder.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// One run of a plan, by the numbers of its point and seed.
struct RunAt {
  std::size_t point = 0;
  std::size_t seed = 0;
};

/// How many runs are how far, and which point is best.
struct HOURGLASS_API SweepTally {
  std::size_t completed = 0;
  std::size_t stopped = 0;
  std::size_t failed = 0;           ///< diverged ones included
  double epochs_left = 0;           ///< of the points that are known
  std::optional<double> best = {};  ///< of the sweep's metric; not where losses differ
  std::size_t best_point = 0;
};

/// What is known of a sweep's runs, and what follows from it: to which epoch each point may go,
/// which points a search adds, which run is next. It knows of no processes. All of it is a function
/// of the plan and of what the runs' folders hold, so whoever looks again comes to the same.
class HOURGLASS_API SweepState {
 public:
  /// Looks at every run of the plan. Throws as read_standing.
  SweepState(Plan& plan, const SweepFolder& folder);

  const SweepRun& run(const RunAt& at) const { return plan_.points()[at.point].runs[at.seed]; }
  const RunStanding& standing(const RunAt& at) const { return standings_[at.point][at.seed]; }
  const std::vector<std::vector<RunStanding>>& standings() const { return standings_; }
  /// The epoch to which a point may go: its last, or a rung of halving.
  std::int64_t allowed(std::size_t point) const { return allowed_[point]; }

  /// The first run that has something left to do, of those that are not `running`, by id.
  std::optional<RunAt> next(const std::function<bool(const std::string& id)>& running) const;
  void begin(const RunAt& at) { standings_[at.point][at.seed].status = SweepStatus::Running; }
  /// A run's process has ended; `standing` is what came of it. Returns the runs that are ended
  /// early for it, or for another's sake. Throws ConfigError where the sweep's metric is not to be
  /// had.
  std::vector<RunAt> end(const RunAt& at, const RunStanding& standing);

  /// A completed run's metric as its result.yaml has it. Throws ConfigError where it has none.
  std::optional<double> result(const RunAt& at) const;
  SweepTally tally();

 private:
  using Values = std::vector<std::optional<double>>;

  std::filesystem::path folder_of(const RunAt& at) const { return folder_.run(run(at).id); }
  void look_at_new_points();
  void decide();
  void halve();
  std::optional<double> value_after(std::size_t point, std::int64_t epoch);
  double value_of(const RunAt& at, std::int64_t epoch);
  double read_value(const RunAt& at, std::int64_t epoch) const;
  Values values();
  double result_of_point(std::size_t point);
  double mean_of_results(std::size_t point) const;
  void share(const RunAt& at);
  void count(const RunAt& at, SweepTally& tally);
  bool is_comparable() const;
  void consider_best(std::size_t point, SweepTally& tally);

  Plan& plan_;
  const SweepFolder& folder_;
  std::vector<std::vector<RunStanding>> standings_;  // by point and seed
  std::vector<std::int64_t> allowed_;                // by point
  std::vector<std::int64_t> stopped_at_;  // by point: the rung at which it was ended, or 0
  std::vector<RunAt> just_stopped_;       // and not told yet
  std::map<std::pair<std::string, std::int64_t>, double> values_;  // by id and epoch
  std::map<std::size_t, double> means_;                            // by point; less is better
};

}  // namespace hourglass
