#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/sweep/check_sweep.hpp>
#include <hourglass/sweep/estimate.hpp>
#include <hourglass/sweep/plan.hpp>
#include <hourglass/sweep/run_sweep.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace {

constexpr std::size_t kMostTried = 6;
constexpr std::size_t kMostShown = 200;

std::string list_of_points(const Plan& plan) {
  std::string out = "\n# points\n";
  const auto& points = plan.points();
  for (std::size_t i = 0; i < std::min(points.size(), kMostShown); ++i) {
    out += text("  ", points[i].runs.front().id, "  ", points[i].label(), "\n");
  }
  if (points.size() > kMostShown) out += text("  ... and ", points.size() - kMostShown, " more\n");
  if (plan.size() > points.size()) {
    out += text("  ... and ", plan.size() - points.size(),
                " that the search chooses by what these come to\n");
  }
  return out;
}

std::string mebibytes(std::uint64_t bytes) { return text((bytes + (1 << 20) - 1) >> 20, " MiB"); }

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 120) return text(whole, " s");
  if (whole < 7200) return text((whole + 30) / 60, " min");
  return text(std::round(static_cast<double>(whole) / 360) / 10, " h");
}

/// Some of the points, evenly over all of them.
std::vector<std::size_t> tried_points(std::size_t count) {
  std::vector<std::size_t> out;
  const std::size_t tried = std::min(count, kMostTried);
  for (std::size_t i = 0; i < tried; ++i) {
    out.push_back(tried == 1 ? 0 : i * (count - 1) / (tried - 1));
  }
  return out;
}

std::string estimate(const Plan& plan, const Surroundings& surroundings, std::atomic<bool>& stop) {
  const std::size_t runs = plan.runs();
  const Sharing sharing = share(plan, {}, processor_count());
  Surroundings shared = surroundings;
  shared.places.kept = std::make_shared<DataCache>();
  double seconds = 0;
  std::uint64_t memory = 0, own = 0;
  std::string faults;
  std::size_t tried = 0;
  for (const std::size_t i : tried_points(plan.points().size())) {
    const SweepRun& run = plan.points()[i].runs.front();
    const Experiment& experiment = run.resolved.experiment;
    try {  // once for all that have the same; what is wrong with them, the run tells
      read_ahead(experiment.dataset.name, experiment.data_options(), shared.places);
    } catch (const std::exception&) {
    }
    const RunCost cost = try_run(run, sharing.threads, shared, stop);
    if (stop) return "\n# estimate: interrupted\n";
    if (!cost.fault.empty()) {
      faults +=
          text(faults.empty() ? "" : "\n", cost.fault, "; in the point ", plan.points()[i].label());
      continue;
    }
    seconds += cost.seconds;
    memory = std::max(memory, cost.memory);
    own = std::max(own, cost.of_its_own);
    ++tried;
  }
  if (!faults.empty()) throw ConfigError(faults);
  const auto jobs = static_cast<std::uint64_t>(sharing.jobs);
  const double all = seconds / static_cast<double>(tried) * static_cast<double>(runs) /
                     static_cast<double>(sharing.jobs);
  return text("\n# estimate, from ", tried, tried == 1 ? " point" : " points",
              " that trained for a moment\n  time        about ", duration(all), " of training, ",
              sharing.jobs, " at a time with ", sharing.threads,
              sharing.threads == 1 ? " thread each" : " threads each",
              "; measures and pictures come on top\n  memory      about ",
              mebibytes(memory + (jobs - 1) * own), ": ", mebibytes(memory), " for one run, and ",
              mebibytes(own), " for each further one\n");
}

}  // namespace

std::string check_sweep(const std::filesystem::path& path, const Surroundings& surroundings,
                        std::atomic<bool>& stop) {
  config::Problems problems;
  SweepFile file = read_sweep(path, problems);
  problems.throw_if_any();
  const Vocabulary vocabulary = surroundings.vocabulary();
  const std::string resolved = config::emit(file.node);
  Plan plan(std::move(file), vocabulary, problems);
  problems.throw_if_any();
  plan.search({});
  const std::size_t points = plan.size(), runs = plan.runs();
  std::string out = resolved + list_of_points(plan);
  for (const std::string& note : plan.notes()) out += "  note: " + note + "\n";
  out += estimate(plan, surroundings, stop);
  return out + text("\n# summary: no errors\n  points      ", points, "\n  runs        ", runs,
                    ", ", plan.seeds(), plan.seeds() == 1 ? " seed" : " seeds",
                    " each\n  metric      ", plan.metric(), "\n");
}

}  // namespace hourglass
