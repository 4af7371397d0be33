#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// How to read a table of text. What is not told is found in the file's first lines.
///
/// Columns are named by the header, or by `columns`, or else "1", "2", ...; where a column is asked
/// for, a number that is no name counts from 1, or from the end when negative (-1 is the last).
struct HOURGLASS_API TableOptions {
  /// "," ";" "tab" or "space" (runs of spaces and tabs); empty: the one that the first line has.
  std::string separator;
  /// Whether the first line names the columns; not told: when it holds no number, and the second
  /// does.
  std::optional<bool> header;
  /// Names of all columns of a file without a header.
  std::vector<std::string> columns;
  /// The column of the samples' classes; empty: none.
  std::string label;
  /// The column that tells when a row was, which is no feature; empty: none.
  std::string time;
  /// Columns that are neither features nor label.
  std::vector<std::string> leave_out;
  /// Columns of categories even where they look like numbers.
  std::vector<std::string> categories;
  /// Of further samples, what training's features are called. The file may then lack other columns
  /// that are named above: any of them where it has a header; without one all of them or none,
  /// since only its number of columns tells which they are.
  std::vector<std::string> features;

  static void describe(Schema<TableOptions>& schema);
};

/// One column: numbers, or texts counted by first appearance.
struct HOURGLASS_API Column {
  std::string name;
  bool is_text = false;
  std::vector<float> numbers;
  std::vector<std::uint32_t> codes;
  std::vector<std::string> texts;
};

/// A table as it stands in a file: features, and beside them the label.
struct HOURGLASS_API Table {
  std::string file;
  std::int64_t rows = 0;
  std::vector<Column> features;
  /// The label as integers, as texts, or (numbers with a fraction) as values; see `label_kind`.
  enum class LabelKind { None, Integers, Texts, Values };
  LabelKind label_kind = LabelKind::None;
  std::string label_name;
  std::vector<std::int64_t> label_integers;
  std::vector<float> label_values;
  Column label_texts;
  /// When each row was (time_of), where a column tells it; empty: none does.
  std::string time_name;
  std::vector<double> times;
};

/// Reads a table in one pass: quoted fields ("" stands for a quote), LF or CRLF, plain or gzip.
/// Whether a column holds numbers or texts is what its first row shows.
/// Throws DataError "file:line: column ..." for rows of another length, missing values (empty, ?,
/// NA, nan, null), numbers that are not finite, texts among numbers, and what is no time;
/// OptionError ("label", "leave_out.0", "columns", ...) for options that do not go with the file.
HOURGLASS_API Table read_table(const std::string& path, const TableOptions& options = {});

/// Turns tables into features: numbers as they are, each text column as one column per category
/// that the training rows have (in alphabetical order), which is 1 where the category is met.
class HOURGLASS_API TableEncoding {
 public:
  /// A feature column: its numbers, or one feature for each category, in alphabetical order.
  struct Feature {
    std::string name;
    bool is_text = false;
    std::vector<std::string> categories;

    bool operator==(const Feature&) const = default;
  };

  TableEncoding() = default;
  /// What was learnt before. Throws DataError when a column's categories are not in order, or too
  /// many.
  explicit TableEncoding(std::vector<Feature> features);
  /// Learns the categories from `rows` of `training` (all rows when empty). Throws DataError when a
  /// column has more than 10,000 categories.
  TableEncoding(const Table& training, std::span<const std::uint32_t> rows);

  const std::vector<Feature>& features() const { return features_; }
  /// One name a feature; a category is "column=category".
  std::vector<std::string> feature_names() const;
  /// [rows, features] f32. A category that training did not have leaves its columns zero, and adds
  /// a sentence to `notes`. Throws DataError when the columns differ from the training table's.
  Tensor encode(const Table& table, std::vector<std::string>& notes) const;

 private:
  void check_columns(const Table& table) const;

  std::string training_file_ = "the training data";
  std::vector<Feature> features_;
};

/// The tables' labels, one result a table. Texts become classes counted over all tables: those of
/// the first table in alphabetical order, then those that only later tables have.
HOURGLASS_API std::vector<Labels> table_labels(std::span<const Table* const> tables);

}  // namespace hourglass
