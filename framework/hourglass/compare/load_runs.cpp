#include <hourglass/compare/load_runs.hpp>
#include <hourglass/compare/swept_values.hpp>
#include <hourglass/core/parallel.hpp>

#include <filesystem>

namespace hourglass::compare {

namespace {

/// False where nobody can tell: reading it says why.
bool holds_nothing(const std::filesystem::path& folder) {
  const auto is_missing = [&](const char* name) {
    std::error_code error;
    return !std::filesystem::exists(folder / name, error) && !error;
  };
  return is_missing("result.yaml") && is_missing("experiment.yaml");
}

/// A point that the sweep has not begun, or whose folder is gone.
RunResult read_missing(const FoundRun& found) {
  RunResult run = read_run(found.folder, false);
  if (found.status == Status::Completed) {
    run.message = "completed by points.csv, but its folder holds no run";
  } else {
    run.status = *found.status;
    run.message.clear();
  }
  return run;
}

RunResult read_found(const FoundRun& found, std::span<const std::string> swept_keys) {
  const bool told = found.status.has_value();
  if (told && holds_nothing(found.folder)) return read_missing(found);
  RunResult run = read_run(found.folder, true, swept_keys);
  const bool sweep_knows_more =
      run.status == Status::Interrupted &&
      (found.status == Status::Diverged || found.status == Status::Failed);
  if (told && run.status != Status::Damaged &&
      (found.status == Status::Stopped || sweep_knows_more)) {
    run.status = *found.status;
    if (run.message.empty() && found.status == Status::Stopped) {
      run.message = "stopped early by the sweep";
    }
  }
  return run;
}

}  // namespace

std::vector<Run> load_runs(const FoundRuns& found) {
  std::vector<Run> runs(found.runs.size());
  parallel_for(
      static_cast<std::int64_t>(runs.size()), 2, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          runs[i].result = read_found(found.runs[i], found.swept_keys);
          runs[i].sweep = found.runs[i].sweep;
          runs[i].told = found.runs[i].point;
          runs[i].path = found.runs[i].folder;
          if (!runs[i].result.seed) runs[i].result.seed = found.runs[i].seed;
        }
      });
  set_swept_values(runs);
  return runs;
}

}  // namespace hourglass::compare
