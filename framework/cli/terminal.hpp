#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::cli {

/// Whether standard output (1) or standard error (2) is a terminal.
bool is_terminal(int descriptor);
/// The columns of the terminal behind a descriptor; 100 when there is none, or it does not say.
int terminal_width(int descriptor);

/// Text for standard output: results. Text for standard error: everything else, without control
/// characters other than line breaks.
void print(std::string_view text);
void print_message(std::string_view line);
/// Throws IoError when standard output could not be written (a full disk, a closed pipe).
void flush_output();

/// `text` without control characters, which a stranger's file could use to play with the terminal:
/// each becomes "?". At most `longest` characters, the last three dots where some were cut.
std::string harmless(std::string_view text, std::size_t longest = 200);
/// The columns that UTF-8 text takes, one a character.
std::size_t width_of(std::string_view text);

/// `text` broken between words into lines of at most `width` columns; longer words are broken where
/// the line ends.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Rows of cells as aligned columns, two blanks apart, together at most `width` wide: `limits[i]`
/// is the most that column i may take, and the last column gets what is left. Cells that are too
/// long go on in the next line. The first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<std::size_t>& limits, std::size_t width);

/// "60,000".
std::string grouped(std::int64_t count);
/// "1 epoch", "60,000 epochs".
std::string counted(std::int64_t count, const std::string& noun);
/// Four significant digits.
std::string short_number(double value);
/// "9.9 MB"; powers of 1000.
std::string byte_text(std::uint64_t bytes);
/// "0:07", "12:30", "1:02:03".
std::string clock_text(double seconds);

}  // namespace hourglass::cli
