#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/sweep/points.hpp>
#include <hourglass/sweep/sweep_folder.hpp>
#include <hourglass/train/run_folder.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace hourglass {

namespace fs = std::filesystem;
using config::Node;

namespace {

constexpr std::size_t kFixedColumns = 3;  // id, status, seed

std::string cell_of(const Node& value) {
  return value.is_scalar() ? value.text() : config::emit_in_line(value);
}

std::string cell_of(const Settings& settings, const std::string& key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? "" : cell_of(found->value);
}

std::string text_of(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node == nullptr ? "" : node->text();
}

SweepStatus status_of(std::string_view name) {
  for (const SweepStatus each : {SweepStatus::Completed, SweepStatus::Diverged, SweepStatus::Failed,
                                 SweepStatus::Interrupted}) {
    if (name == name_of(each)) return each;
  }
  return SweepStatus::Interrupted;
}

/// An id becomes the name of a folder, and a table may be a stranger's.
bool is_id(const std::string& id) {
  return !id.empty() && id.find_first_not_of("0123456789abcdef") == id.npos;
}

/// The epochs that a metrics.csv has rows of.
std::int64_t epochs_in(const fs::path& metrics) {
  try {
    const auto row = last_metrics(metrics);
    const auto epoch = std::ranges::find(row, "epoch", &NamedNumbers::value_type::first);
    return epoch == row.end() ? 0 : static_cast<std::int64_t>(epoch->second);
  } catch (const DataError&) {  // the run will tell
    return 0;
  }
}

/// Rows of the table as it was whose runs are there, but no longer in the plan, under the new
/// header.
std::string rows_left(const csv::TextTable& before, const std::vector<std::string>& header,
                      const std::set<std::string>& ids, const fs::path& runs) {
  std::string out;
  for (const std::vector<std::string>& old : before.rows) {
    std::error_code error;
    if (ids.contains(old[0])) continue;
    if (!is_id(old[0]) || !fs::is_directory(runs / old[0], error)) continue;
    std::vector<std::string> row;
    for (const std::string& column : header) {
      const auto found = std::ranges::find(before.columns, column);
      const auto at = static_cast<std::size_t>(found - before.columns.begin());
      row.push_back(found == before.columns.end() ? "" : csv::field(old[at]));
    }
    out += csv::row(row);
  }
  return out;
}

csv::TextTable read_points(const fs::path& path) {
  constexpr const char* kRemedy = "; remove it: it is made anew from what is in runs/";
  csv::TextTable table;
  try {
    table = csv::read_texts(path);
  } catch (const DataError& error) {
    throw DataError(error.what() + std::string(kRemedy));
  }
  const std::vector<std::string>& columns = table.columns;
  const bool known = columns.size() >= kFixedColumns && columns[0] == "id" &&
                     columns[2] == "seed" && std::ranges::all_of(table.rows, [&](const auto& row) {
                       return row.size() == columns.size();
                     });
  if (!known) throw DataError(text(path.string(), ": is no table of a sweep's points", kRemedy));
  return table;
}

}  // namespace

std::string_view name_of(SweepStatus status) {
  switch (status) {
    case SweepStatus::Waiting: return "waiting";
    case SweepStatus::Running: return "running";
    case SweepStatus::Interrupted: return "interrupted";
    case SweepStatus::Completed: return "completed";
    case SweepStatus::Stopped: return "stopped";
    case SweepStatus::Diverged: return "diverged";
    case SweepStatus::Failed: return "failed";
  }
  return "";
}

SweepFolder::SweepFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  for (const char* file : {"experiment.yaml", "metrics.csv", "checkpoints"}) {
    if (!fs::exists(path_ / file, error)) continue;
    throw ConfigError(
        text(path_.string(), ": there is a run in this folder; choose another one with --output"));
  }
  for (const fs::path& folder : {path_, runs()}) {
    fs::create_directories(folder, error);
    if (error) {
      throw IoError(text(folder.string(), ": cannot make the folder: ", error.message()));
    }
  }
  lock_.emplace(path_);
  remove_temporaries(path_);
  if (fs::exists(points(), error)) before_ = read_points(points());
}

KnownIds SweepFolder::known_ids() const {
  KnownIds known;
  for (const std::vector<std::string>& row : before_.rows) {
    std::error_code error;
    if (!is_id(row[0]) || !fs::is_directory(run(row[0]), error)) continue;
    Settings settings;
    for (std::size_t k = kFixedColumns; k < row.size(); ++k) {
      if (!row[k].empty()) settings.push_back({before_.columns[k], Node::scalar(row[k])});
    }
    known[text(label_of(settings), "; seed ", row[2])] = row[0];
  }
  return known;
}

void SweepFolder::write_points(const Plan& plan,
                               const std::vector<std::vector<RunStanding>>& states) {
  const std::vector<std::string> keys = plan.file().keys();
  std::vector<std::string> header{"id", "status", "seed"};
  header.insert(header.end(), keys.begin(), keys.end());
  std::vector<std::string> quoted;
  for (const std::string& each : header) quoted.push_back(csv::field(each));
  std::string out = csv::row(quoted);
  std::set<std::string> ids;  // of a search, two points may be one run
  for (std::size_t i = 0; i < plan.points().size(); ++i) {
    const SweepPoint& point = plan.points()[i];
    for (std::size_t k = 0; k < point.runs.size(); ++k) {
      const SweepRun& run = point.runs[k];
      if (!ids.insert(run.id).second) continue;
      std::vector<std::string> row{run.id, std::string(name_of(states[i][k].status)),
                                   text(run.seed)};
      for (const std::string& key : keys) row.push_back(csv::field(cell_of(point.settings, key)));
      out += csv::row(row);
    }
  }
  if (!before_.rows.empty()) out += rows_left(before_, header, ids, runs());
  if (out == written_) return;
  write_file_atomically(points(), out);
  written_ = std::move(out);
}

RunStanding read_standing(const fs::path& folder, const ResolvedExperiment& experiment) {
  RunStanding state;
  std::error_code error;
  const fs::path metrics = folder / "metrics.csv", result = folder / "result.yaml",
                 written = folder / "experiment.yaml";
  state.epochs = epochs_in(metrics);
  bool same = true;
  if (fs::exists(written, error)) {
    same = read_text_file(written) == config::emit(experiment.node);
    if (!same) {
      const Node before = read_written_yaml(written);
      std::string lines;
      for (const std::string& line : differences(before, experiment.node)) lines += "\n  " + line;
      if (!lines.empty()) {
        throw ConfigError(text(folder.string(),
                               ": the run in this folder is another experiment than the sweep "
                               "says now:",
                               lines, "\nset it back, or sweep into another folder with --output"));
      }
    }
  }
  if (fs::exists(folder / "checkpoints" / "last.h5", error))
    state.status = SweepStatus::Interrupted;
  if (!fs::exists(result, error)) return state;
  try {
    const Node root = read_written_yaml(result);
    const SweepStatus status = status_of(text_of(root, "status"));
    state.message = text_of(root, "message");
    const bool final =
        status == SweepStatus::Diverged || (status == SweepStatus::Completed && same);
    if (final || status == SweepStatus::Failed) state.status = status;
    state.ended = true;
  } catch (const DataError&) {  // it will be written anew
  }
  return state;
}

std::optional<double> metric_after(const fs::path& folder, const std::string& metric,
                                   std::int64_t epoch) {
  std::error_code error;
  if (!fs::exists(folder / "metrics.csv", error)) return {};
  const csv::Table table = csv::read(folder / "metrics.csv");
  const int epochs = table.find("epoch"), column = table.find(metric);
  if (epochs < 0 || column < 0) return {};
  std::optional<double> value;
  for (const auto& row : table.rows) {
    if (row[static_cast<std::size_t>(epochs)] > static_cast<double>(epoch)) break;
    value = row[static_cast<std::size_t>(column)];
  }
  return value;
}

void write_failure(const fs::path& folder, const SweepRun& run, const std::string& message) {
  const Experiment& experiment = run.resolved.experiment;
  Node root = Node::map();
  root.set("name", Node::string(experiment.name));
  root.set("variant", Node::string(experiment.variant));
  root.set("seed", Node::integer(run.seed));
  root.set("status", Node::string("failed"));
  root.set("message", Node::string(message));
  std::error_code error;
  if (!fs::exists(folder / "experiment.yaml", error)) {
    write_file_atomically(folder / "experiment.yaml", config::emit(run.resolved.node));
  }
  write_file_atomically(folder / "result.yaml", config::emit(root));
}

}  // namespace hourglass
