#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/find_runs.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/csv.hpp>

#include <glob.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace hourglass::compare {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRuns = 100'000;
constexpr std::uint64_t kMostPointsBytes = std::uint64_t{64} << 20;
constexpr std::size_t kMostKeys = 1000;
constexpr std::array<std::string_view, 3> kOwnColumns = {"id", "status", "seed"};

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

enum class Kind { Sweep, Run, Other, Unreadable };

/// What a folder is; `error` says what keeps us from knowing.
Kind kind_of(const fs::path& folder, std::error_code& error) {
  static constexpr std::array<std::pair<const char*, Kind>, 3> kFiles = {
      {{"points.csv", Kind::Sweep}, {"result.yaml", Kind::Run}, {"experiment.yaml", Kind::Run}}};
  for (const auto& [name, kind] : kFiles) {
    if (fs::exists(folder / name, error)) return kind;
    if (error) return Kind::Unreadable;
  }
  return Kind::Other;
}

std::string unreadable(const std::error_code& error) {
  return "cannot be read: " + error.message();
}

/// Files that stand for the run whose folder they lie in.
bool is_file_of_run(const fs::path& path) {
  static constexpr std::array<std::string_view, 6> kNames = {"result.yaml",      "experiment.yaml",
                                                             "environment.yaml", "metrics.csv",
                                                             "timing.csv",       "latents.h5"};
  return std::ranges::find(kNames, path.filename().string()) != kNames.end();
}

/// Whether a path within a folder is, or may be, a folder: of a link in a loop nobody knows.
bool may_be_folder(const fs::path& path) {
  std::error_code error;
  const bool there = fs::exists(path, error);
  return error || (there && is_folder(path));
}

/// Folders in `folder`, but hidden ones, by name.
std::vector<fs::path> folders_in(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (!hidden && may_be_folder(at->path())) found.push_back(at->path());
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
    std::error_code error;
    if (fs::exists(word, error)) return add_path(word);
    const std::vector<std::string> paths = matches(word);
    if (paths.empty()) {
      const bool pattern = word.find_first_of("*?[{") != word.npos;
      if (error && !pattern) return add_fault(word, unreadable(error));
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
    std::error_code error;
    if (!fs::exists(path, error)) {
      return add_fault(path, error ? unreadable(error) : "is a link to nothing");
    }
    if (!is_folder(path)) {
      if (!is_file_of_run(path)) return add_fault(path, "is a file, not a run's folder");
      path = path.has_parent_path() ? path.parent_path() : fs::path(".");
    }
    if (!add_as(kind_of(path, error), path, error)) add_folder_of_runs(path);
  }

  /// What a folder is told to be; false for one that may have others in it.
  bool add_as(Kind kind, const fs::path& path, const std::error_code& error) {
    switch (kind) {
      case Kind::Sweep: add_sweep(path); return true;
      case Kind::Run: add_run({.folder = path}); return true;
      case Kind::Unreadable: add_fault(path, unreadable(error)); return true;
      case Kind::Other: break;
    }
    return false;
  }

  void add_folder_of_runs(const fs::path& path) {
    std::error_code error;
    const std::vector<fs::path> folders = folders_in(path, error);
    if (error) return add_fault(path, unreadable(error));
    bool holds_runs = false;
    std::vector<fs::path> others;
    for (const fs::path& each : folders) {
      const Kind kind = kind_of(each, error);
      holds_runs = holds_runs || kind == Kind::Sweep || kind == Kind::Run;
      if (!add_as(kind, each, error)) others.push_back(each);
    }
    // Of a sweep that has lost its points, or a folder where `hourglass run` was called.
    const auto runs = std::ranges::find(others, path / "runs");
    if (runs != others.end()) {
      if (!seen_before(path / "runs")) add_folder_of_runs(path / "runs");
      others.erase(runs);
    } else if (!holds_runs) {
      return add_fault(path, "holds no run and no sweep");
    }
    if (!holds_runs) return;
    for (const fs::path& each : others) add_fault(each, "holds no run and no sweep");
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
    } catch (const Error& error) {
      std::string said = error.what();
      const std::string prefix = (folder / "points.csv").string() + ": ";
      if (said.starts_with(prefix)) said = said.substr(prefix.size());
      add_fault(folder / "points.csv", clean_text(said) + "; its runs are taken one by one");
      for (const fs::path& run : folders_of_sweep(folder)) add_run({.folder = run});
    }
  }

  /// None where no run of it has begun.
  std::vector<fs::path> folders_of_sweep(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder / "runs", error) && !error) return {};
    std::vector<fs::path> folders = folders_in(folder / "runs", error);
    if (error) add_fault(folder / "runs", unreadable(error));
    return folders;
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
    for (const fs::path& run : folders_of_sweep(folder)) {
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
