#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

namespace hourglass::csv {
namespace {

struct Line {
  int number = 0;
  std::string_view raw;  // with its line break
  std::vector<std::string> cells;
};

// Splits a file into whole rows, one at a time; quoted cells may hold commas and line breaks.
class Parser {
 public:
  Parser(const std::filesystem::path& path, std::string_view content)
      : path_(path.string()), content_(content) {}

  // False at the end, and before a row whose line break is not there yet.
  bool next(Line& line) {
    line.number = number_;
    line.cells.clear();
    const std::size_t begin = position_;
    while (read_cell(line)) {
      if (position_ == content_.size()) return false;
      const char separator = content_[position_++];
      if (separator == ',') continue;
      if (separator == '\r' && position_ < content_.size() && content_[position_] == '\n') {
        ++position_;
      }
      ++number_;
      line.raw = content_.substr(begin, position_ - begin);
      return true;
    }
    return false;
  }

 private:
  // False when the content ends inside of a quoted cell.
  bool read_cell(Line& line) {
    const bool quoted = position_ < content_.size() && content_[position_] == '"';
    if (quoted) return read_quoted(line);
    const std::size_t end = std::min(content_.find_first_of(",\r\n", position_), content_.size());
    line.cells.emplace_back(content_.substr(position_, end - position_));
    position_ = end;
    return true;
  }

  bool read_quoted(Line& line) {
    std::string cell;
    for (++position_; position_ < content_.size(); ++position_) {
      const char c = content_[position_];
      if (c == '\n') ++number_;
      if (c == '"') {
        if (position_ + 1 == content_.size() || content_[position_ + 1] != '"') break;
        ++position_;
      }
      cell += c;
    }
    if (position_ == content_.size()) return false;
    ++position_;
    if (position_ < content_.size() &&
        std::string_view(",\r\n").find(content_[position_]) == std::string_view::npos) {
      throw DataError(text(path_, ":", number_, ": text follows the quote that ends a cell"));
    }
    line.cells.push_back(std::move(cell));
    return true;
  }

  std::string path_;
  std::string_view content_;
  std::size_t position_ = 0;
  int number_ = 1;
};

double number_in(const std::string& cell, const std::filesystem::path& path, const Line& line,
                 const std::string& column) {
  if (cell.empty()) return kAbsent;
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc{} || stop != end) {
    throw DataError(text(path.string(), ":", line.number, ": column \"", column,
                         "\" must hold numbers, got \"", cell, "\""));
  }
  return value;
}

// Calls visit(raw, values) for each row; returns the header.
template <class Visit>
std::vector<std::string> scan(const std::filesystem::path& path, std::string_view content,
                              std::string_view& header, Visit&& visit) {
  Parser parser(path, content);
  Line line;
  if (!parser.next(line)) throw DataError(text(path.string(), ": has no header line"));
  const std::vector<std::string> columns = line.cells;
  header = line.raw;
  while (parser.next(line)) {
    if (line.cells.size() != columns.size()) {
      throw DataError(text(path.string(), ":", line.number, ": has ", line.cells.size(),
                           " cells, the header has ", columns.size()));
    }
    std::vector<double> values(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values[i] = number_in(line.cells[i], path, line, columns[i]);
    }
    visit(columns, line.raw, std::move(values));
  }
  return columns;
}

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw IoError(text(path.string(), ": cannot append: ", std::strerror(errno)));
}

}  // namespace

std::string field(std::string_view value) {
  const bool plain = value.find_first_of(",\"\r\n") == std::string_view::npos &&
                     (value.empty() || (value.front() != ' ' && value.back() != ' '));
  if (plain) return std::string(value);
  std::string out = "\"";
  for (char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string field(double value) {
  if (is_absent(value)) return {};
  return std::isnan(value) ? "nan" : text(value);
}

std::string row(std::span<const std::string> fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    out += fields[i];
  }
  return out + '\n';
}

void append(const std::filesystem::path& path, std::string_view rows) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) fail(path);
  struct stat before {};
  const bool known = ::fstat(file, &before) == 0;
  // One write for all rows: a kill in between leaves none or all of them.
  const ssize_t written = known ? ::write(file, rows.data(), rows.size()) : -1;
  const bool whole = written == static_cast<ssize_t>(rows.size());
  const bool flushed = whole && ::fsync(file) == 0;
  int reason = errno;
  if (!whole) {
    if (written >= 0) reason = ENOSPC;
    if (written > 0 && ::ftruncate(file, before.st_size) != 0) reason = errno;
  }
  ::close(file);
  errno = reason;
  if (!flushed) fail(path);
}

int Table::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column);
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

std::vector<double> Table::values(std::string_view column) const {
  const int index = find(column);
  if (index < 0) throw DataError(text("the table has no column \"", column, "\""));
  std::vector<double> result;
  result.reserve(rows.size());
  for (const auto& row : rows) result.push_back(row[static_cast<std::size_t>(index)]);
  return result;
}

Table read(const std::filesystem::path& path) {
  const std::string content = read_text_file(path);
  Table table;
  std::string_view header;
  table.columns =
      scan(path, content, header, [&](const auto&, std::string_view, std::vector<double> values) {
        table.rows.push_back(std::move(values));
      });
  return table;
}

TextTable read_texts(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::string content = read_text_file(path, max_bytes);
  if (!content.empty() && content.back() != '\n') content += '\n';
  Parser parser(path, content);
  Line line;
  if (!parser.next(line)) throw DataError(text(path.string(), ": has no header line"));
  TextTable table{.columns = std::move(line.cells), .rows = {}};
  while (parser.next(line)) table.rows.push_back(std::move(line.cells));
  return table;
}

void cut(const std::filesystem::path& path, std::string_view column, double last) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  const std::string content = read_text_file(path);
  if (content.find('\n') == content.npos) {  // whoever began it was killed before its first line
    std::filesystem::remove(path);
    return;
  }
  std::string kept;
  std::string_view header;
  const auto columns =
      scan(path, content, header,
           [&](const auto& names, std::string_view raw, std::vector<double> values) {
             const auto found = std::ranges::find(names, column);
             if (found != names.end() &&
                 values[static_cast<std::size_t>(found - names.begin())] <= last) {
               kept += raw;
             }
           });
  if (std::ranges::find(columns, column) == columns.end()) {
    throw DataError(text(path.string(), ": has no column \"", column, "\""));
  }
  kept.insert(0, header);
  if (kept != content) write_file_atomically(path, kept);
}

}  // namespace hourglass::csv
