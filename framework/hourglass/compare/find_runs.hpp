#pragma once

#include <hourglass/compare/point.hpp>
#include <hourglass/compare/run_result.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass::compare {

/// Something that was found where runs were looked for, and is none.
struct Fault {
  std::string where;
  std::string what;
};

/// A run's folder, which may not be there yet, and what its sweep says of it.
struct FoundRun {
  std::filesystem::path folder = {};
  std::optional<std::size_t> sweep = {};  ///< its number; none: a loose run
  Point point = {};                       ///< of a sweep: the swept keys that apply
  std::optional<std::int64_t> seed = {};
  std::optional<Status> status = {};
};

struct FoundRuns {
  std::vector<FoundRun> runs;
  std::vector<Fault> faults;
  std::vector<std::string> swept_keys;  ///< of all sweeps, in the order found
  std::size_t sweeps = 0;
  bool loose = false;  ///< whether some run belongs to no sweep
};

/// The runs that words of a command line name: a run's folder, or a file in it that runs write; a
/// sweep's folder; a folder that has such folders in it, in its folder `runs`, or in both; or a
/// shell's pattern for any of these, given in quotes. A run that several words name is found once.
/// A folder that is none of this is a fault, as are one that cannot be looked into, with the
/// system's reason, and a row of a sweep's points.csv that cannot be read. Throws DataError for a
/// word that names nothing, ConfigError beyond 100,000 runs.
HOURGLASS_API FoundRuns find_runs(std::span<const std::string> words);

}  // namespace hourglass::compare
