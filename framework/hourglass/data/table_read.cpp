#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/bytes.hpp>
#include <hourglass/data/spans.hpp>
#include <hourglass/data/table.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace hourglass {
namespace {

constexpr std::size_t kTextChunk = std::size_t{1} << 18;
constexpr std::size_t kMostRecord = std::size_t{64} << 20;
constexpr std::size_t kMostColumns = std::size_t{1} << 20;
constexpr char kSpaces = ' ';  // as a separator: any run of spaces and tabs

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view word) {
  while (!word.empty() && is_blank(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_blank(word.back())) word.remove_suffix(1);
  return word;
}

bool is_missing(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower.empty() || lower == "?" || lower == "na" || lower == "n/a" || lower == "nan" ||
         lower == "null";
}

/// A number written wholly as such, infinite where it is too large for a double.
std::optional<double> number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (end != word.data() + word.size() || word.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small is as good as zero; "1e-999" and "0.00...01" have no other sign in common.
    const bool small = word.find("e-") != word.npos || word.find("E-") != word.npos ||
                       trimmed(word).find("0.0") <= 1;
    return small ? 0.0 : std::numeric_limits<double>::infinity();
  }
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// Lines of a text file, counted; line ends inside quotes belong to their line.
class LineReader {
 public:
  explicit LineReader(const std::string& path) : stream_(open_bytes(path)) {}

  /// The next record that is not blank. False at the end.
  bool next(std::string& record) {
    do {
      if (!next_record(record)) return false;
    } while (trimmed(record).empty());
    return true;
  }
  std::int64_t line() const { return record_line_; }

 private:
  bool next_record(std::string& record) {
    record.clear();
    record_line_ = line_ + 1;
    bool quoted = false;
    while (true) {
      if (at_ == end_ && !refill()) {
        if (quoted) fail("a quote is not closed before the end of the file");
        return !record.empty();
      }
      const char c = buffer_[at_++];
      if (c == '"') quoted = !quoted;
      if (c == '\n') {
        ++line_;
        if (!quoted) break;
      }
      if (c == '\0') fail("holds a zero byte, expected text");
      if (record.size() == kMostRecord) fail("is longer than 64 MiB, expected a row of a table");
      record += c;
    }
    if (record.ends_with('\r')) record.pop_back();
    return true;
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw DataError(text(stream_->name(), ":", record_line_, ": ", what));
  }
  bool refill() {
    const bool first = end_ == 0;
    end_ = stream_->read(std::as_writable_bytes(std::span(buffer_)));
    at_ = 0;
    if (first && std::string_view(buffer_.data(), end_).starts_with("\xEF\xBB\xBF")) at_ = 3;
    return at_ < end_;
  }

  std::unique_ptr<ByteStream> stream_;
  std::vector<char> buffer_ = std::vector<char>(kTextChunk);
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::int64_t line_ = 0;
  std::int64_t record_line_ = 0;
};

/// Splits a record, in place: the fields are views of it or, for quoted ones, of its own storage.
class Splitter {
 public:
  explicit Splitter(char separator) : separator_(separator) {}

  /// No more than one field beyond what a table may have.
  const std::vector<std::string>& split(std::string_view record) {
    count_ = 0;
    std::size_t at = 0;
    if (separator_ == kSpaces) record = trimmed(record);
    while (at != std::string_view::npos && count_ <= kMostColumns) at = field(record, at);
    fields_.resize(count_);
    return fields_;
  }

 private:
  bool separates(char c) const { return separator_ == kSpaces ? is_blank(c) : c == separator_; }

  // Reads one field from `at`; returns where the next begins, or npos after the last.
  std::size_t field(std::string_view record, std::size_t at) {
    if (count_ == fields_.size()) fields_.emplace_back();
    std::string& out = fields_[count_++];
    out.clear();
    const std::size_t first = skip_blanks(record, at);
    if (first < record.size() && record[first] == '"') {
      at = quoted(record, first + 1, out);
      while (at < record.size() && !separates(record[at])) out += record[at++];
    } else {
      std::size_t end = at;
      while (end < record.size() && !separates(record[end])) ++end;
      out = trimmed(record.substr(at, end - at));
      at = end;
    }
    if (at >= record.size()) return std::string_view::npos;
    return separator_ == kSpaces ? skip_blanks(record, at) : at + 1;
  }

  std::size_t skip_blanks(std::string_view record, std::size_t at) const {
    while (at < record.size() && is_blank(record[at]) &&
           !(separator_ == '\t' && record[at] == '\t'))
      ++at;
    return at;
  }

  static std::size_t quoted(std::string_view record, std::size_t at, std::string& out) {
    while (at < record.size()) {
      if (record[at] != '"') {
        out += record[at++];
      } else if (at + 1 < record.size() && record[at + 1] == '"') {
        out += '"';
        at += 2;
      } else {
        return at + 1;
      }
    }
    return at;
  }

  char separator_;
  std::vector<std::string> fields_;
  std::size_t count_ = 0;
};

char separator_of(const TableOptions& options, std::string_view first_record) {
  const std::string& told = options.separator;
  if (told == "space") return kSpaces;
  if (told == "tab") return '\t';
  if (told.size() == 1 && told[0] != '"') return told[0];
  if (!told.empty()) {
    throw OptionError("separator",
                      text("must be one character, \"tab\" or \"space\", got \"", told, "\""));
  }
  bool quoted = false;
  char found = kSpaces;
  for (const char c : first_record) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ',') return ',';
    if (c == ';' || (c == '\t' && found != ';')) found = c;
  }
  return found;
}

bool any_number(const std::vector<std::string>& fields) {
  return std::ranges::any_of(fields,
                             [](const std::string& field) { return number(field).has_value(); });
}

/// The position of a column that `option` names, if there is one.
std::optional<std::size_t> find_column(const std::string& wanted,
                                       const std::vector<std::string>& names) {
  const auto at = std::ranges::find(names, wanted);
  if (at != names.end()) return at - names.begin();
  std::int64_t position = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), position);
  const auto count = static_cast<std::int64_t>(names.size());
  if (error == std::errc{} && end == wanted.data() + wanted.size()) {
    if (position >= 1 && position <= count) return position - 1;
    if (position < 0 && position >= -count) return count + position;
  }
  return std::nullopt;
}

[[noreturn]] void refuse_column(const std::string& option, const std::string& wanted,
                                const std::vector<std::string>& names, const std::string& path) {
  std::string there;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 12); ++i) {
    there += text(i == 0 ? "" : ", ", names[i]);
  }
  const std::string meant = config::nearest(wanted, names);
  throw OptionError(option,
                    text("names the column \"", wanted, "\", which ", path, " does not have",
                         meant.empty() ? std::string() : text("; did you mean \"", meant, "\"?"),
                         meant.empty() ? "; its " : " Its ", names.size(), " columns are: ", there,
                         names.size() > 12 ? ", ..." : ""));
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return std::ranges::find(names, name) != names.end();
}

enum class Role { Feature, Label, Time, LeftOut };

/// Takes rows and sorts their fields into columns.
class TableBuilder {
 public:
  /// `may_miss`: whether columns other than features may.
  TableBuilder(const std::string& path, const TableOptions& options, std::vector<std::string> names,
               bool may_miss)
      : path_(path), names_(std::move(names)), roles_(names_.size(), Role::Feature) {
    table_.file = path;
    const auto find = [&](const std::string& option, const std::string& name) {
      auto at = find_column(name, names_);
      // A position means another column where the one that it meant is missing.
      if (at && is_among(names_[*at], options.features)) at.reset();
      if (!at && !may_miss) refuse_column(option, name, names_, path_);
      return at;
    };
    for (std::size_t i = 0; i < options.leave_out.size(); ++i) {
      const auto at = find(text("leave_out.", i), options.leave_out[i]);
      if (at) roles_[*at] = Role::LeftOut;
    }
    if (!options.label.empty()) {
      if (const auto at = find("label", options.label)) {
        label_ = *at;
        roles_[label_] = Role::Label;
        table_.label_name = names_[label_];
      }
    }
    if (!options.time.empty()) {
      if (const auto at = find("time", options.time)) {
        if (roles_[*at] == Role::Label) {
          throw OptionError("time", text("names the column \"", names_[*at],
                                         "\", which label names, too; give each its own"));
        }
        roles_[*at] = Role::Time;
        table_.time_name = names_[*at];
      }
    }
    told_text_.assign(names_.size(), false);
    for (std::size_t i = 0; i < options.categories.size(); ++i) {
      const auto at = find_column(options.categories[i], names_);
      if (at) told_text_[*at] = true;
      if (!at && options.features.empty()) {
        refuse_column(text("categories.", i), options.categories[i], names_, path_);
      }
    }
    columns_.resize(names_.size());
    code_of_.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      columns_[i].name = names_[i];
      columns_[i].is_text = told_text_[i];
    }
  }

  void add(const std::vector<std::string>& fields, std::int64_t line) {
    if (fields.size() != names_.size()) {
      throw DataError(text(path_, ":", line, ": the row has ", fields.size(), " columns, expected ",
                           names_.size(), " as in the rows above"));
    }
    line_ = line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (roles_[i] == Role::Feature) add_feature(i, fields[i]);
      if (roles_[i] == Role::Label) add_label(fields[i]);
      if (roles_[i] == Role::Time) add_time(i, fields[i]);
    }
    table_.rows += 1;
  }

  Table finish() {
    if (table_.rows == 0) throw DataError(text(path_, ": has no rows of data"));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (roles_[i] == Role::Feature) table_.features.push_back(std::move(columns_[i]));
    }
    if (table_.features.empty()) throw DataError(text(path_, ": has no feature columns"));
    if (!table_.label_name.empty()) finish_label();
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(std::size_t column, std::string_view what) const {
    const std::string& name = names_[column];
    const std::string position = text(column + 1);
    throw DataError(text(path_, ":", line_, ": column ", position,
                         name == position ? "" : text(" (\"", name, "\")"), ": ", what));
  }

  void add_feature(std::size_t i, const std::string& field) {
    Column& column = columns_[i];
    if (field.empty() || (!told_text_[i] && is_missing(field))) {
      fail(i, text("the value is missing", field.empty() ? "" : text(" (\"", field, "\")"),
                   "; fill it in, or take out the row or the column"));
    }
    const auto value = column.is_text ? std::nullopt : number(field);
    if (table_.rows == 0 && !value) column.is_text = true;
    if (column.is_text) {
      add_text(i, column, field);
    } else if (!value) {
      fail(i, text("\"", field,
                   "\" is not a number, as the column's first value is; name the column "
                   "in `categories` if it holds texts"));
    } else {
      const auto narrow = static_cast<float>(*value);
      if (!std::isfinite(narrow)) {
        fail(i, text("\"", field, "\" is not a finite number of 32 bits"));
      }
      column.numbers.push_back(narrow);
    }
  }

  void add_text(std::size_t i, Column& column, const std::string& field) {
    const auto [at, added] =
        code_of_[i].try_emplace(field, static_cast<std::uint32_t>(column.texts.size()));
    if (added) column.texts.push_back(field);
    column.codes.push_back(at->second);
  }

  void add_label(const std::string& field) {
    if (field.empty()) fail(label_, "the label is missing");
    if (label_numbers_good_) {
      const auto value = number(field);
      label_numbers_good_ = value && std::isfinite(*value) && !told_text_[label_];
      if (label_numbers_good_) label_numbers_.push_back(*value);
    }
    add_text(label_, columns_[label_], field);
  }

  void add_time(std::size_t i, const std::string& field) {
    const auto time = time_of(field);
    if (!time) {
      fail(i, text("\"", field,
                   "\" is no time, expected one such as 2013-12-02 21:15:00, or a number"));
    }
    table_.times.push_back(*time);
  }

  void finish_label() {
    const bool whole = std::ranges::all_of(label_numbers_, [](double value) {
      return value == std::floor(value) && std::abs(value) < 0x1p53;
    });
    if (!label_numbers_good_) {
      table_.label_kind = Table::LabelKind::Texts;
      table_.label_texts = std::move(columns_[label_]);
    } else if (whole) {
      table_.label_kind = Table::LabelKind::Integers;
      table_.label_integers.assign(label_numbers_.begin(), label_numbers_.end());
    } else {
      table_.label_kind = Table::LabelKind::Values;
      table_.label_values.assign(label_numbers_.begin(), label_numbers_.end());
    }
  }

  const std::string& path_;
  std::vector<std::string> names_;
  std::vector<Role> roles_;
  std::vector<bool> told_text_;
  std::vector<Column> columns_;
  std::vector<std::unordered_map<std::string, std::uint32_t>> code_of_;
  std::size_t label_ = 0;
  bool label_numbers_good_ = true;
  std::vector<double> label_numbers_;
  std::int64_t line_ = 0;
  Table table_;
};

std::vector<std::string> numbered_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(text(i));
  return names;
}

void check_names(const std::vector<std::string>& names, std::size_t columns,
                 const std::string& path) {
  if (names.size() != columns) {
    throw OptionError(
        "columns", text("has ", names.size(), " names, but ", path, " has ", columns, " columns"));
  }
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) {
    throw DataError(text(path, ": two columns are named \"", *twice, "\""));
  }
}

}  // namespace

void TableOptions::describe(Schema<TableOptions>& schema) {
  using Self = TableOptions;
  schema.add("separator", &Self::separator, "between columns; empty: found in the file",
             one_of({"", ",", ";", "tab", "space"}));
  schema.add("header", &Self::header, "whether the first line names the columns");
  schema.add("columns", &Self::columns, "names of the columns of a table without a header");
  schema.add("label", &Self::label, "the column of labels");
  schema.add("time", &Self::time, "the column that tells when a row was");
  schema.add("leave_out", &Self::leave_out, "columns that are not used");
  schema.add("categories", &Self::categories, "columns of categories that look like numbers");
}

Table read_table(const std::string& path, const TableOptions& options) {
  LineReader lines(path);
  std::string record;
  if (!lines.next(record)) throw DataError(text(path, ": is empty, expected a table"));
  Splitter splitter(separator_of(options, record));
  const std::vector<std::string> first = splitter.split(record);
  const std::int64_t first_line = lines.line();
  if (first.size() > kMostColumns) {
    throw DataError(text(path, ":", first_line, ": has more than ", kMostColumns,
                         " columns, too many to read"));
  }
  const bool more = lines.next(record);
  const bool header = options.header.value_or(
      more && options.columns.empty() && !any_number(first) && any_number(splitter.split(record)));
  std::vector<std::string> names = header ? first : numbered_names(first.size());
  if (!options.columns.empty()) names = options.columns;
  const bool features_only = !header && first.size() == options.features.size();
  if (features_only) names = options.features;
  check_names(names, first.size(), path);

  TableBuilder builder(path, options, std::move(names),
                       features_only || (header && !options.features.empty()));
  if (!header) builder.add(first, first_line);
  for (bool there = more; there; there = lines.next(record)) {
    builder.add(splitter.split(record), lines.line());
  }
  return builder.finish();
}

}  // namespace hourglass
