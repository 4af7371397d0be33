#include <hourglass/config/emit.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace hourglass::config {

namespace {

constexpr std::size_t kLineWidth = 96;
constexpr std::size_t kLongestShown = 80;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string in_quotes(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_c1 =
        c == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c) || is_c1) {
      // The second byte of U+0080 to U+009F in UTF-8 is the code point.
      const unsigned code = static_cast<unsigned char>(is_c1 ? text[++i] : c);
      out += "\\x";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string key_text(const std::string& key) { return is_plain(key) ? key : in_quotes(key); }

std::string scalar_text(const Node& node) {
  return node.is_quoted() || !is_plain(node.text()) ? in_quotes(node.text()) : node.text();
}

void append_in_line(const Node& node, std::string& out) {
  const char* separator = "";
  switch (node.kind()) {
    case Node::Kind::Null: out += "null"; break;
    case Node::Kind::Scalar: out += scalar_text(node); break;
    case Node::Kind::List:
      out += '[';
      for (const Node& item : node.items()) {
        out += std::exchange(separator, ", ");
        append_in_line(item, out);
      }
      out += ']';
      break;
    case Node::Kind::Map:
      out += '{';
      for (const Node::Entry& entry : node.entries()) {
        out += std::exchange(separator, ", ");
        out += key_text(entry.key) + ": ";
        append_in_line(entry.value, out);
      }
      out += '}';
      break;
  }
}

bool fits_in_line(const Node& node, std::size_t used) {
  if (node.is_map()) return node.entries().empty();
  if (!node.is_list()) return true;
  const auto is_single = [](const Node& item) { return item.is_scalar() || item.is_null(); };
  return std::all_of(node.items().begin(), node.items().end(), is_single) &&
         used + emit_in_line(node).size() <= kLineWidth;
}

void append_block(const Node& node, std::size_t indent, std::string& out);

/// What follows `key:` or `-`: on the same line, or as a block of its own below.
void append_value(const Node& node, std::size_t indent, std::size_t used, std::string& out) {
  if (fits_in_line(node, used)) {
    out += ' ' + emit_in_line(node) + '\n';
  } else {
    out += '\n';
    append_block(node, indent, out);
  }
}

void append_block(const Node& node, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  for (const Node::Entry& entry : node.entries()) {
    const std::string key = margin + key_text(entry.key) + ':';
    out += key;
    append_value(entry.value, indent + 2, key.size(), out);
  }
  for (const Node& item : node.items()) {
    if (item.is_map() && !item.entries().empty()) {
      // The first key stands beside the dash.
      const std::size_t start = out.size();
      append_block(item, indent + 2, out);
      out[start + indent] = '-';
    } else {
      out += margin + '-';
      append_value(item, indent + 2, indent + 1, out);
    }
  }
}

bool is_number(std::string_view text) {
  // Anything that begins like a number is best kept apart from text.
  const std::size_t sign = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const std::size_t point = text.size() > sign && text[sign] == '.' ? 1 : 0;
  return text.size() > sign + point && std::isdigit(static_cast<unsigned char>(text[sign + point]));
}

std::string shortened(std::string out) {
  if (out.size() <= kLongestShown) return out;
  std::size_t end = kLongestShown - 3;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  return out.substr(0, end) + "...";
}

}  // namespace

std::string emit_in_line(const Node& node) {
  std::string out;
  append_in_line(node, out);
  return out;
}

std::string emit(const Node& node) {
  if (fits_in_line(node, 0)) return emit_in_line(node) + '\n';
  std::string out;
  append_block(node, 0, out);
  return out;
}

std::string shown(const Node& node) {
  if (node.is_null()) return "nothing";
  if (!node.is_scalar()) return shortened(emit_in_line(node));
  const bool bare = !node.is_quoted() && is_plain(node.text()) && is_number(node.text());
  return bare ? shortened(node.text()) : shown(node.text());
}

std::string shown(std::string_view text) {
  // Cut before quoting: an escape must not be cut in half, and a hostile text is long.
  return in_quotes(shortened(std::string(text.substr(0, 2 * kLongestShown))));
}

bool is_plain(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kNulls{"null", "Null", "NULL", "~"};
  if (text.empty() || std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end()) return false;
  if (text == "-" || text.starts_with("---") || text.starts_with("...")) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.starts_with("- ")) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_./+-~() ").find(c) != std::string_view::npos;
  });
}

bool looks_typed(std::string_view text) {
  static constexpr std::array<std::string_view, 13> kWords{
      "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view unsigned_part =
      lower.starts_with('-') || lower.starts_with('+') ? std::string_view(lower).substr(1) : lower;
  return is_number(text) || std::find(kWords.begin(), kWords.end(), unsigned_part) != kWords.end();
}

}  // namespace hourglass::config
