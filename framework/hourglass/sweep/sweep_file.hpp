#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/metric_direction.hpp>
#include <hourglass/sweep/distribution.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// A key of the experiment, dotted, and the value that it is given.
struct Setting {
  std::string key;
  config::Node value;
};
using Settings = std::vector<Setting>;

/// A key with the values that it takes one after another.
struct Axis {
  std::string key;
  std::vector<config::Node> values;
};

/// So many draws of several keys at once.
struct Draws {
  int count = 0;
  std::vector<std::pair<std::string, Distribution>> keys;
};

/// `tpe`: draws that a search chooses (tpe.hpp).
struct Search {
  Draws draws;
  int start = 10;    ///< how many of them are random
  int parallel = 2;  ///< a draw is chosen knowing all but the last so many before it
};

/// `when`: a key is set only where another one has one of these values.
struct Condition {
  std::string key;    ///< that is restricted
  std::string other;  ///< that decides
  std::vector<config::Node> values;
};

/// `halving`: which points are ended early (halving.hpp).
struct HOURGLASS_API HalvingOptions {
  int first = 1;  ///< epochs after which points are compared for the first time
  int factor =
      3;  ///< one in so many goes on; the next comparison is after so many times the epochs
  static void describe(Schema<HalvingOptions>& schema);
};

/// A sweep file, read and checked as far as it can be without its experiments.
struct HOURGLASS_API SweepFile {
  std::string name;
  /// The base experiment as it is written, a map.
  config::Node base;
  Settings set;
  std::vector<Axis> grid;
  std::vector<Axis> zip;
  std::optional<Draws> random;
  std::optional<Draws> sobol;
  std::optional<Search> tpe;
  std::vector<std::int64_t> seeds;
  std::uint64_t seed = 1;  ///< of what is drawn
  std::vector<Condition> when;
  std::optional<HalvingOptions> halving;
  /// What `tpe`, `halving` and the report of the best go by, and whether less of it is better.
  std::string metric;
  config::Place metric_place;  ///< where it is written; nowhere: the plan chooses
  bool lower_is_better = true;

  /// The file with its base in it and every default filled in: reading it again gives the same.
  config::Node node;

  /// The swept keys, in the order of the file.
  std::vector<std::string> keys() const;
};

/// Whether two values are the same, whatever quotes they have.
bool same_value(const config::Node& a, const config::Node& b);

/// Whether a file is a sweep: it has a key `sweep`. Damaged files are none.
HOURGLASS_API bool is_sweep_file(const std::filesystem::path& path);

/// Reads a sweep file and its base, whose path begins at the folder of the sweep file. Without a
/// `name` a sweep has that of its file. Faults go to `problems`; where there are any, what is
/// returned is of no use. Throws DataError when there is no such file.
HOURGLASS_API SweepFile read_sweep(const std::filesystem::path& path, config::Problems& problems);

}  // namespace hourglass
