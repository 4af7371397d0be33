#pragma once

#include <hourglass/compare/point.hpp>
#include <hourglass/core/api.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hourglass::compare {

/// What became of a run. `Stopped`: a sweep has ended it early, as hopeless. `Damaged`: its files
/// cannot be read, or say what cannot be.
enum class Status {
  Completed,
  Waiting,
  Running,
  Interrupted,
  Stopped,
  Diverged,
  Failed,
  Damaged,
};
inline constexpr std::size_t kStatusCount = 8;

/// "completed".
HOURGLASS_API std::string_view name_of(Status status);
HOURGLASS_API std::optional<Status> status_of(std::string_view name);

/// One run, as its folder tells.
struct RunResult {
  std::string folder;  ///< as a user would write it; clean_text
  std::string variant;
  std::optional<std::int64_t> seed;
  Status status = Status::Damaged;
  std::string message;  ///< why it is not completed, or what is wrong with its files
  /// The metrics of result.yaml in its order, then parameters, seconds and the like. What is not
  /// finite is among them.
  std::vector<std::pair<std::string, double>> numbers;
  /// Unit and manner of a metric.
  std::vector<std::pair<std::string, std::string>> protocol;
  /// Of experiment.yaml; empty where that was not asked for, or is missing.
  Point settings;
  Point settings_at_swept;  ///< of experiment.yaml too: what it has at the swept keys
};

/// Numbers about a run that are no measures of its model, by the names of result.yaml, in this
/// order: parameters, seconds, samples_per_second, peak_memory_mib, code_size, compression_ratio,
/// epochs, steps.
HOURGLASS_API std::vector<std::string> resource_names();

/// Reads a run's folder, which may be unfinished, damaged or a stranger's: whatever is wrong is
/// told by status and message, never thrown. `with_settings`: reads experiment.yaml too, which is
/// also looked up for `swept_keys`.
HOURGLASS_API RunResult read_run(const std::filesystem::path& folder, bool with_settings,
                                 std::span<const std::string> swept_keys = {});

}  // namespace hourglass::compare
