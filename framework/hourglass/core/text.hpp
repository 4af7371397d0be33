#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>

namespace hourglass {

namespace detail {

inline void append(std::string& out, std::string_view part) { out += part; }
inline void append(std::string& out, char part) { out += part; }

template <class Number>
requires(std::is_arithmetic_v<Number> &&
         !std::is_same_v<Number, char>) void append(std::string& out, Number part) {
  if constexpr (std::is_same_v<Number, bool>) {
    out += part ? "true" : "false";
  } else {
    char buffer[64];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, part).ptr);
  }
}

}  // namespace detail

/// Joins its arguments into one string. Numbers are written in their shortest form that reads
/// back to the same value, and never depend on the locale.
///
///     text("got ", 3, " of ", 0.5f)   // "got 3 of 0.5"
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

/// `word` as a shell reads it back: in quotes where it needs them, for commands that messages show.
inline std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace hourglass
