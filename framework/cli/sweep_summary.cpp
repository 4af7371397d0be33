#include <cli/sweep_summary.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/csv.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace hourglass::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFixedColumns = 3;  // id, status, seed

std::size_t column_of(const csv::TextTable& table, const fs::path& path, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name);
  if (found != table.columns.end()) {
    return static_cast<std::size_t>(found - table.columns.begin());
  }
  throw DataError(text(path.string(), ": has no column ", name));
}

}  // namespace

bool is_sweep_folder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "points.csv", error) && !fs::exists(folder / "experiment.yaml", error);
}

std::string sweep_summary(const fs::path& folder) {
  const fs::path path = folder / "points.csv";
  const csv::TextTable table = csv::read_texts(path);
  const std::size_t status = column_of(table, path, "status"), id = column_of(table, path, "id");
  std::vector<std::pair<std::string, int>> counts;  // in the order in which they are first seen
  std::string failures;
  for (const std::vector<std::string>& row : table.rows) {
    if (row.size() != table.columns.size()) continue;
    const auto at = std::ranges::find(counts, row[status], &std::pair<std::string, int>::first);
    if (at == counts.end()) {
      counts.emplace_back(row[status], 1);
    } else {
      ++at->second;
    }
    if (row[status] != "failed" && row[status] != "diverged") continue;
    failures += text("  ", harmless(row[status]), ": ",
                     shell_word((folder / "runs" / harmless(row[id])).string()), "\n");
  }
  std::string out = text(folder.string(), ": a sweep of ", table.rows.size(), " runs");
  for (const auto& [name, count] : counts) out += text(", ", count, " ", harmless(name));
  out += "\n";
  for (std::size_t i = kFixedColumns; i < table.columns.size(); ++i) {
    out += text(i == kFixedColumns ? "varied: " : ", ", harmless(table.columns[i]));
  }
  if (table.columns.size() > kFixedColumns) out += "\n";
  return out + failures + text("to compare: hourglass compare ", shell_word(folder.string()), "\n");
}

}  // namespace hourglass::cli
