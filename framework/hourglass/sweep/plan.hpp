#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/sweep/halving.hpp>
#include <hourglass/sweep/sweep_file.hpp>
#include <hourglass/sweep/tpe.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// One run of a sweep: a point with a seed.
struct HOURGLASS_API SweepRun {
  /// The name of its folder: a hash of what defines it (run_id).
  std::string id;
  std::int64_t seed = 1;
  ResolvedExperiment resolved;

  std::int64_t epochs() const { return resolved.experiment.train.epochs; }
};

/// One setting of the swept keys.
struct HOURGLASS_API SweepPoint {
  /// Those of the swept keys that apply to it, in the order of SweepFile::keys.
  Settings settings;
  std::vector<SweepRun> runs;  ///< one for each seed
  /// Of a search: its coordinates, and which search of several it belongs to.
  std::vector<double> coordinates;
  std::size_t search = 0;

  std::string label() const;
};

/// The first twelve digits of the SHA-256 sum of a resolved experiment, without its name and what
/// a run may change when it goes on (train.epochs, evaluate, evaluate_weights, latents), unless the
/// sweep varies it.
HOURGLASS_API std::string run_id(const ResolvedExperiment& resolved,
                                 const std::vector<std::string>& swept);

/// Ids that runs had before, by point and seed (identity_of): what a sweep knows by its settings
/// stays the same run, so that a changed base is found, and not run beside the old one.
using KnownIds = std::map<std::string, std::string>;
HOURGLASS_API std::string identity_of(const Settings& point, std::int64_t seed);

/// The points of a sweep, made as far as they are known: all at once or, where a search chooses
/// them, one after another.
class HOURGLASS_API Plan {
 public:
  /// Resolves every listed point; a search has none yet. Faults go to `problems`, each with the
  /// point that shows it.
  Plan(SweepFile file, const Vocabulary& vocabulary, config::Problems& problems);

  /// Runs that are known already, by their points and seeds, keep their ids.
  void know(KnownIds known);

  const SweepFile& file() const { return file_; }
  /// Those that are known so far. Points that come to the same experiment are one.
  const std::vector<SweepPoint>& points() const { return points_; }
  /// How many points there will be at the end, at most.
  std::size_t size() const;
  std::size_t seeds() const;
  std::size_t runs() const { return size() * seeds(); }
  /// How many runs there may be something to do for at a time.
  std::size_t runs_at_a_time() const;
  /// What a user should know, a sentence each.
  const std::vector<std::string>& notes() const { return notes_; }
  /// What searches and halving go by.
  const std::string& metric() const { return file_.metric; }

  /// Adds the points that a search can choose now. `values[i]` is what came of point i, less is
  /// better; nothing as long as it is not known. Returns whether there are new ones.
  bool search(const std::vector<std::optional<double>>& values);

 private:
  std::string id_of(const Settings& settings, const SweepRun& run) const;
  std::optional<SweepPoint> resolve(const Settings& settings, config::Problems& problems);
  /// Options of the base that are for its own variant: where a point has another one, which lacks
  /// them, and the sweep does not set them, they go, and a note says so.
  void leave_out_foreign(config::Node& root, const Settings& settings);
  void add(SweepPoint point);
  void settle(const Experiment& experiment);
  /// Tells of a metric that a point's runs will not have.
  void check_metric(const SweepPoint& point, config::Problems& problems) const;
  /// Notes where losses that may stand for different things are to choose.
  void note_objective();
  bool suggest_next(std::size_t search, const std::vector<std::optional<double>>& values);

  SweepFile file_;
  const Vocabulary& vocabulary_;
  KnownIds known_;
  std::vector<SweepPoint> points_;
  std::set<std::string> ids_;
  std::vector<std::string> notes_;
  std::vector<Settings> searches_;      // what each search leaves as it is
  std::vector<std::size_t> suggested_;  // how many points each has chosen
};

}  // namespace hourglass
