#pragma once

#include <hourglass/core/api.hpp>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::csv {

/// A field as RFC 4180 writes it: in double quotes, doubled inside, when it holds a comma, a quote,
/// a line break or blanks at an end; else as it is.
HOURGLASS_API std::string field(std::string_view value);

/// A number that is not there, an empty cell: one NaN among many, which `is_absent` tells from
/// those that are results.
inline constexpr double kAbsent = std::bit_cast<double>(std::uint64_t{0x7ff80000000007a2});
inline bool is_absent(double value) {
  return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(kAbsent);
}

/// A number in its shortest form that reads back to the same value; `nan`, `inf` and `-inf`;
/// nothing for kAbsent.
HOURGLASS_API std::string field(double value);

/// Fields that are quoted already, joined by commas, with a line break.
HOURGLASS_API std::string row(std::span<const std::string> fields);

/// Adds whole rows (text that ends with a line break) to a file, made if it is missing, and flushes
/// it. A reader sees all of them or none; when the disk is full the file stays as it was.
/// Throws IoError.
HOURGLASS_API void append(const std::filesystem::path& path, std::string_view rows);

/// A table of numbers with named columns, such as metrics.csv.
struct HOURGLASS_API Table {
  std::vector<std::string> columns;
  /// As many values as columns in each; kAbsent where the cell is empty.
  std::vector<std::vector<double>> rows;

  /// The column's number, or -1.
  int find(std::string_view column) const;
  /// A column's values. Throws DataError when there is none of that name.
  std::vector<double> values(std::string_view column) const;
};

/// Reads a table of numbers with a header. A last line without its line break is one that is being
/// written, and is left out. Throws DataError, naming the line, for a cell that is no number and
/// for a row with another count of cells than the header.
HOURGLASS_API Table read(const std::filesystem::path& path);

/// A table of texts with named columns, such as a sweep's points.csv. A row may have more cells
/// than there are columns, or fewer: whoever reads it says what that means.
struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Reads a table of texts with a header; a last line needs no line break. Throws DataError for text
/// behind the quote that ends a cell, for an empty file, and for one larger than `max_bytes`. A
/// quote that is never closed ends the table before its row.
HOURGLASS_API TextTable read_texts(const std::filesystem::path& path,
                                   std::uint64_t max_bytes = std::uint64_t{64} << 20);

/// Cuts a table to its header and the rows whose `column` is at most `last`; the rows kept stay as
/// they are, byte for byte. A missing file stays missing, and one without a whole line goes. Throws
/// as `read`, and IoError.
HOURGLASS_API void cut(const std::filesystem::path& path, std::string_view column, double last);

}  // namespace hourglass::csv
