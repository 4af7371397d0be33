#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/find_runs.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/csv.hpp>

#include <glob.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace hourglass::compare {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRuns = 100'000;
constexpr std::uint64_t kMostPointsBytes = std::uint64_t{64} << 20;
constexpr std::size_t kMostKeys = 1000;
constexpr std::array<std::string_view, 3> kOwnColumns = {"id", "status", "seed"};

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_sweep(const fs::path& folder) { return is_there(folder / "points.csv"); }

bool is_run(const fs::path& folder) {
  return is_there(folder / "result.yaml") || is_there(folder / "experiment.yaml");
}

/// Files that stand for the run whose folder they lie in.
bool is_file_of_run(const fs::path& path) {
  static constexpr std::array<std::string_view, 6> kNames = {"result.yaml",      "experiment.yaml",
                                                             "environment.yaml", "metrics.csv",
                                                             "timing.csv",       "latents.h5"};
  return std::ranges::find(kNames, path.filename().string()) != kNames.end();
}

/// Folders in `folder`, but hidden ones, by name.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (!hidden && is_folder(at->path())) found.push_back(at->path());
    if (found.size() > kMostRuns) break;
  }
  std::ranges::sort(found);
  return found;
}

std::optional<std::int64_t> seed_in(const std::string& cell) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || stop != cell.data() + cell.size()) return std::nullopt;
  return value;
}

/// Paths that a pattern matches, in a shell's order.
std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

class Finder {
 public:
  void add_word(const std::string& word) {
    if (is_there(word)) return add_path(word);
    const std::vector<std::string> paths = matches(word);
    if (paths.empty()) {
      const bool pattern = word.find_first_of("*?[{") != word.npos;
      throw DataError(text(word, pattern ? ": matches nothing" : ": there is no such folder"));
    }
    for (const std::string& path : paths) add_path(path);
  }

  FoundRuns take() { return std::move(found_); }

 private:
  void add_path(fs::path path) {
    while (!path.has_filename() && path.has_parent_path() && path != path.root_path()) {
      path = path.parent_path();  // "runs/a/"
    }
    if (!is_folder(path)) {
      if (!is_file_of_run(path)) return add_fault(path, "is a file, not a run's folder");
      path = path.has_parent_path() ? path.parent_path() : fs::path(".");
    }
    if (is_sweep(path)) return add_sweep(path);
    if (is_run(path)) return add_run({.folder = path});
    const std::vector<fs::path> folders = folders_in(path);
    const bool holds_runs = std::ranges::any_of(
        folders, [](const fs::path& each) { return is_sweep(each) || is_run(each); });
    if (!holds_runs) {
      // Of a sweep that has lost its points, or a folder where `hourglass run` was called.
      if (is_folder(path / "runs")) return add_path(path / "runs");
      return add_fault(path, "holds no run and no sweep");
    }
    for (const fs::path& each : folders) {
      if (is_sweep(each)) {
        add_sweep(each);
      } else if (is_run(each)) {
        add_run({.folder = each});
      } else {
        add_fault(each, "holds no run and no sweep");
      }
    }
  }

  void add_run(FoundRun run) {
    if (!seen_before(run.folder)) {
      found_.loose = found_.loose || !run.sweep;
      found_.runs.push_back(std::move(run));
    }
    if (found_.runs.size() > kMostRuns) {
      throw ConfigError(text("more than ", kMostRuns, " runs; name fewer"));
    }
  }

  void add_fault(const fs::path& where, std::string what) {
    if (found_.faults.size() > kMostRuns) return;
    found_.faults.push_back({clean_text(where.string()), std::move(what)});
  }

  bool seen_before(const fs::path& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    return !seen_.insert(error ? path.string() : real.string()).second;
  }

  void add_sweep(const fs::path& folder) {
    if (seen_before(folder / "points.csv")) return;
    try {
      const csv::TextTable table = csv::read_texts(folder / "points.csv", kMostPointsBytes);
      for (const std::string_view column : {"id", "status", "seed"}) {
        if (std::ranges::find(table.columns, column) == table.columns.end()) {
          throw DataError(text("has no column \"", column, "\""));
        }
      }
      if (table.columns.size() > kMostKeys) throw DataError("has too many columns");
      ++found_.sweeps;
      add_points(folder, table);
    } catch (const DataError& error) {
      std::string said = error.what();
      const std::string prefix = (folder / "points.csv").string() + ": ";
      if (said.starts_with(prefix)) said = said.substr(prefix.size());
      add_fault(folder / "points.csv", clean_text(said) + "; its runs are taken one by one");
      for (const fs::path& run : folders_in(folder / "runs")) add_run({.folder = run});
    }
  }

  void add_points(const fs::path& folder, const csv::TextTable& table) {
    std::vector<std::string> keys;
    for (const std::string& column : table.columns) {
      keys.push_back(clean_text(column));
      const bool own = std::ranges::find(kOwnColumns, column) != kOwnColumns.end();
      const bool known =
          std::ranges::find(found_.swept_keys, keys.back()) != found_.swept_keys.end();
      if (!own && !known) found_.swept_keys.push_back(keys.back());
    }
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      const auto& cells = table.rows[row];
      const std::string where = text("points.csv:", row + 2);
      if (cells.size() != keys.size()) {
        add_fault(folder / where,
                  text("has ", cells.size(), " cells, the header has ", keys.size()));
        continue;
      }
      add_point(folder, where, keys, cells);
    }
    for (const fs::path& run : folders_in(folder / "runs")) {
      if (!seen_before(run)) add_fault(run, "is not in the sweep's points.csv");
    }
  }

  void add_point(const fs::path& folder, const std::string& where,
                 const std::vector<std::string>& keys, const std::vector<std::string>& cells) {
    FoundRun run{.sweep = found_.sweeps - 1};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == "id") {
        const bool plain = !cells[i].empty() && cells[i] != "." && cells[i] != ".." &&
                           cells[i].find('/') == std::string::npos && cells[i].size() < 256;
        if (!plain) return add_fault(folder / where, "its id is no folder's name");
        run.folder = folder / "runs" / cells[i];
      } else if (keys[i] == "status") {
        run.status = status_of(cells[i]);
        if (!run.status) {
          return add_fault(folder / where, text("status \"", clean_text(cells[i], 40),
                                                "\" is none that a run has"));
        }
      } else if (keys[i] == "seed") {
        run.seed = seed_in(cells[i]);
      } else if (!cells[i].empty() && find_value(run.point, keys[i]) == nullptr) {
        run.point.emplace_back(keys[i], point_value(cells[i]));
      }
    }
    add_run(std::move(run));
  }

  FoundRuns found_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

FoundRuns find_runs(std::span<const std::string> words) {
  Finder finder;
  for (const std::string& word : words) finder.add_word(word);
  return finder.take();
}

}  // namespace hourglass::compare
