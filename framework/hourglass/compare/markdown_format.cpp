#include <hourglass/compare/markdown_format.hpp>
#include <hourglass/compare/sheets.hpp>
#include <hourglass/core/text.hpp>

namespace hourglass::compare {

namespace {

constexpr std::size_t kMostRowsOfTable = 1000;

/// Text that Markdown takes for nothing else, in a table's cell or outside.
std::string escaped(std::string_view text) {
  static constexpr std::string_view kMeaning = "\\|`*<>~#!";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool link = text[i] == '(' && i > 0 && text[i - 1] == ']';
    // An underscore within a word is one.
    const bool emphasis = text[i] == '_' && (i == 0 || i + 1 == text.size() || text[i - 1] == ' ' ||
                                             text[i + 1] == ' ');
    if (kMeaning.find(text[i]) != kMeaning.npos || link || emphasis) out += '\\';
    out += text[i];
  }
  return out;
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += text(" ", escaped(cell), " |");
  return out + "\n";
}

}  // namespace

std::string to_markdown(const Comparison& comparison) {
  std::string out;
  for (const Sheet& sheet : sheets_of(comparison, kMostRowsOfTable)) {
    if (!out.empty()) out += "\n";
    if (!sheet.title.empty()) out += "### " + escaped(sheet.title) + "\n\n";
    for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
      out += table_row(sheet.rows[i]);
      if (i > 0) continue;
      out += "|";
      for (std::size_t column = 0; column < sheet.rows[0].size(); ++column) out += " --- |";
      out += "\n";
    }
    if (!sheet.rows.empty() && !sheet.notes.empty()) out += "\n";
    for (const std::string& note : sheet.notes) out += "- " + escaped(note) + "\n";
  }
  return out;
}

}  // namespace hourglass::compare
