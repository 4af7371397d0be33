#include <cli/terminal.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace hourglass::cli {

namespace {

constexpr int kUsualWidth = 100;
constexpr std::size_t kGap = 2;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// `text` with "?" for control characters, C1 (U+0080 to U+009F) among them, other than those
/// `kept`, and for bytes that continue no character.
std::string without_controls(std::string_view text, std::string_view kept = {}) {
  std::string out;
  int more = 0;  // bytes of a character that are still to come
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = !begins_character(c);
    const bool stray = continues && more == 0;
    const bool ascii_control = (byte < 0x20 && kept.find(c) == kept.npos) || byte == 0x7F;
    if (continues && !stray && byte < 0xA0 && out.ends_with('\xC2')) {
      out.back() = '?';
    } else {
      out += stray || ascii_control ? '?' : c;
    }
    more = continues ? std::max(more - 1, 0) : byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0;
  }
  return out;
}

/// The first `columns` characters of `text`.
std::string_view head(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t seen = 0;
  for (; end < text.size(); ++end) {
    if (begins_character(text[end]) && seen++ == columns) break;
  }
  return text.substr(0, end);
}

std::string number_with(const char* format, double value) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, format, value);
  return std::string(buffer, static_cast<std::size_t>(length));
}

/// How wide each column must be, and may be.
std::vector<std::size_t> column_widths(const std::vector<std::vector<std::string>>& rows,
                                       const std::vector<std::size_t>& limits, std::size_t width) {
  std::vector<std::size_t> widths(limits.size(), 0);
  std::size_t used = 0;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    for (const auto& row : rows) widths[i] = std::max(widths[i], width_of(row[i]));
    if (i + 1 < limits.size()) {
      widths[i] = std::min(widths[i], limits[i]);
      used += widths[i] + kGap;
    }
  }
  const std::size_t left = width > used ? width - used : 0;
  widths.back() = std::max<std::size_t>(std::min(widths.back(), left), 16);
  return widths;
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

int terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_message(std::string_view line) {
  std::fflush(stdout);  // keeps the order where both go to one place
  const std::string shown = without_controls(line, "\n\t");  // of a stranger's file, perhaps
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  std::fputc('\n', stderr);
}

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw IoError(text("standard output cannot be written: ", std::strerror(errno)));
}

std::string harmless(std::string_view text, std::size_t longest) {
  std::string out(head(text, longest));
  if (out.size() < text.size()) out = std::string(head(text, longest - 3)) + "...";
  return without_controls(out);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) {
      lines.emplace_back();
    }
    while (width_of(word) > width) {
      lines.back() = head(word, width);
      word.remove_prefix(lines.back().size());
      lines.emplace_back();
    }
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<std::size_t>& limits, std::size_t width) {
  const std::vector<std::size_t> widths = column_widths(rows, limits, width);
  std::string out;
  for (const auto& row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      cells.push_back(wrapped(row[i], widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      std::string whole;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::string cell = line < cells[i].size() ? cells[i][line] : "";
        whole += cell + std::string(widths[i] - width_of(cell) + kGap, ' ');
      }
      whole.erase(whole.find_last_not_of(' ') + 1);
      out += whole + '\n';
    }
  }
  return out;
}

std::string grouped(std::int64_t count) {
  std::string digits = text(count);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return text(grouped(count), " ", noun, count == 1 ? "" : "s");
}

std::string short_number(double value) { return number_with("%.4g", value); }

std::string byte_text(std::uint64_t bytes) {
  if (bytes < 1000) return text(bytes, " B");
  static constexpr std::array<const char*, 4> kUnits = {" kB", " MB", " GB", " TB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return number_with(value < 9.95 ? "%.1f" : "%.0f", value) + kUnits[unit];
}

std::string clock_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "?";
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  const auto two = [](std::int64_t value) { return text(value < 10 ? "0" : "", value); };
  const std::string rest = two(whole % 60);
  if (whole < 3600) return text(whole / 60, ":", rest);
  return text(whole / 3600, ":", two(whole / 60 % 60), ":", rest);
}

}  // namespace hourglass::cli
