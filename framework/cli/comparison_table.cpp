#include <cli/comparison_table.hpp>
#include <cli/terminal.hpp>
#include <hourglass/compare/sheets.hpp>

#include <algorithm>

namespace hourglass::cli {

namespace {

constexpr std::size_t kMostRows = 40;
constexpr std::size_t kLongestColumn = 32;
constexpr std::size_t kIndent = 2;

std::string indented(const std::string& lines) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at) + 1;
    out += std::string(kIndent, ' ') + lines.substr(at, end - at);
    at = end;
  }
  return out;
}

}  // namespace

std::string comparison_table(const compare::Comparison& comparison, std::size_t width) {
  std::string out;
  const std::size_t inside = std::max<std::size_t>(width, 40) - kIndent;
  for (const compare::Sheet& sheet : compare::sheets_of(comparison, kMostRows)) {
    if (!out.empty()) out += "\n";
    if (!sheet.title.empty()) out += sheet.title + "\n\n";
    if (!sheet.rows.empty()) {
      const std::vector<std::size_t> limits(sheet.rows[0].size(), kLongestColumn);
      out += indented(table(sheet.rows, limits, inside));
    }
    for (const std::string& note : sheet.notes) {
      for (const std::string& line : wrapped(note, inside)) out += indented(line + "\n");
    }
  }
  return out;
}

}  // namespace hourglass::cli
