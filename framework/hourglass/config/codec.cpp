#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>

#include <charconv>
#include <cmath>
#include <limits>

namespace hourglass::config {

namespace {

/// Texts that other readers of YAML take for a boolean.
bool is_yes_or_no(std::string_view text, bool& yes) {
  for (const std::string_view word :
       {"yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE", "y", "1"}) {
    if (text == word) return yes = true;
  }
  for (const std::string_view word :
       {"no", "No", "NO", "off", "Off", "OFF", "False", "FALSE", "n", "0"}) {
    if (text == word) return !(yes = false);
  }
  return false;
}

/// The text of a number; from_chars reads no leading plus sign.
std::string_view digits_of(const Node& node) {
  std::string_view digits = node.text();
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  return digits;
}

/// Whether a node is a plain scalar; a quoted number gets advice.
bool is_unquoted(const Node& node, const std::string& path, Problems& problems,
                 std::string_view wanted) {
  if (!node.is_scalar()) return wrong(node, path, problems, wanted);
  if (node.is_quoted()) return wrong(node, path, problems, wanted, " in quotes");
  return true;
}

/// Whether all of `digits` is a number, finite or not.
bool parse_number(std::string_view digits, double& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too small is 0; too large is infinite. The exponent's sign tells them apart.
    value =
        digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos
            ? 0.0
            : HUGE_VAL;
    return end == digits.data() + digits.size();
  }
  return error == std::errc() && end == digits.data() + digits.size();
}

bool is_infinite_or_nan(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  for (const std::string_view word : {"inf", "Inf", "INF", "infinity", "nan", "NaN", "NAN"}) {
    if (text == word) return true;
  }
  return false;
}

}  // namespace

bool wrong(const Node& node, const std::string& path, Problems& problems, std::string_view wanted,
           std::string_view advice) {
  problems.add(node.place(), text(path.empty() ? "the file" : path, " must be ", wanted, ", got ",
                                  shown(node), advice));
  return false;
}

std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : text(path, ".", key);
}

bool read_number(const Node& node, const std::string& path, Problems& problems, double& value) {
  if (!is_unquoted(node, path, problems, "a number")) return false;
  double read = 0;
  if (is_infinite_or_nan(node.text())) return wrong(node, path, problems, "a finite number");
  if (!parse_number(digits_of(node), read)) return wrong(node, path, problems, "a number");
  if (!std::isfinite(read)) return wrong(node, path, problems, "a finite number");
  value = read;
  return true;
}

bool read_whole(const Node& node, const std::string& path, Problems& problems, std::int64_t least,
                std::int64_t greatest, std::int64_t& value) {
  if (!is_unquoted(node, path, problems, "a whole number")) return false;
  const std::string_view digits = digits_of(node);
  const char* const end = digits.data() + digits.size();
  std::int64_t read = 0;
  const auto whole = std::from_chars(digits.data(), end, read);
  bool in_range = whole.ec == std::errc();
  if (whole.ptr != end || whole.ec == std::errc::invalid_argument) {
    // 1e4 is a whole number too, as far as a double counts exactly.
    constexpr double kExact = 9007199254740992.0;
    double number = 0;
    if (!parse_number(digits, number) || number != std::floor(number)) {
      return wrong(node, path, problems, "a whole number");
    }
    in_range = std::fabs(number) <= kExact;
    if (in_range) read = static_cast<std::int64_t>(number);
  }
  if (!in_range || read < least || read > greatest) {
    return wrong(node, path, problems, text("a whole number in [", least, ", ", greatest, "]"));
  }
  value = read;
  return true;
}

bool read_list(const Node& node, const std::string& path, Problems& problems) {
  if (node.is_list()) return true;
  const bool single = node.is_scalar();
  return wrong(node, path, problems, "a list",
               single ? text("; write [", emit_in_line(node), "]") : std::string());
}

bool Codec<bool>::read(const Node& node, const std::string& path, Problems& problems, bool& value) {
  constexpr std::string_view kWanted = "true or false";
  if (!is_unquoted(node, path, problems, kWanted)) return false;
  if (node.text() == "true" || node.text() == "false") {
    value = node.text() == "true";
    return true;
  }
  bool yes = false;
  if (!is_yes_or_no(node.text(), yes)) return wrong(node, path, problems, kWanted);
  return wrong(node, path, problems, kWanted, yes ? "; write true" : "; write false");
}

bool Codec<int>::read(const Node& node, const std::string& path, Problems& problems, int& value) {
  using Limits = std::numeric_limits<int>;
  std::int64_t whole = 0;
  if (!read_whole(node, path, problems, Limits::min(), Limits::max(), whole)) return false;
  value = static_cast<int>(whole);
  return true;
}

bool Codec<std::int64_t>::read(const Node& node, const std::string& path, Problems& problems,
                               std::int64_t& value) {
  using Limits = std::numeric_limits<std::int64_t>;
  return read_whole(node, path, problems, Limits::min(), Limits::max(), value);
}

bool Codec<float>::read(const Node& node, const std::string& path, Problems& problems,
                        float& value) {
  double number = 0;
  if (!read_number(node, path, problems, number)) return false;
  if (std::fabs(number) > std::numeric_limits<float>::max()) {
    return wrong(node, path, problems, "a number that fits single precision");
  }
  value = static_cast<float>(number);
  return true;
}

bool Codec<std::string>::read(const Node& node, const std::string& path, Problems& problems,
                              std::string& value) {
  if (!node.is_scalar()) return wrong(node, path, problems, "text");
  value = node.text();
  return true;
}

bool Codec<Named>::read(const Node& node, const std::string& path, Problems& problems,
                        Named& value) {
  if (node.is_scalar()) {
    value = {node.text(), node.place(), Node::map(node.place())};
    return true;
  }
  if (!node.is_map() || node.entries().size() != 1) {
    return wrong(node, path, problems, "a name or {name: options}");
  }
  const Node::Entry& entry = node.entries().front();
  Node options = entry.value.is_null() ? Node::map(entry.place) : entry.value;
  if (!options.is_map()) {
    return wrong(options, join(path, entry.key), problems, "a map of options");
  }
  value = {entry.key, entry.place, std::move(options)};
  return true;
}

Node Codec<Named>::write(const Named& value) {
  if (value.options.entries().empty()) return Node::string(value.name);
  Node node = Node::map();
  node.set(value.name, value.options);
  return node;
}

bool check(const Rule& rule, double value, const Node& node, const std::string& path,
           Problems& problems) {
  return !rule.number || rule.number(value) || wrong(node, path, problems, rule.range);
}

bool check(const Rule& rule, const std::string& value, const Node& node, const std::string& path,
           Problems& problems) {
  if (!rule.text || rule.text(value)) return true;
  const std::string meant = nearest(value, rule.choices);
  return wrong(node, path, problems, rule.range,
               meant.empty() ? std::string() : text("; did you mean \"", meant, "\"?"));
}

bool check(const Rule& rule, const Schedule& value, const Node& node, const std::string& path,
           Problems& problems) {
  // What decays towards 0 never reaches it: a rule > 0 admits it.
  const auto reached = [&](double bound) {
    const bool is_limit = bound == 0 && value.from() != 0 && value.factor() < 1;
    return is_limit ? std::copysign(std::numeric_limits<double>::min(), value.from()) : bound;
  };
  const bool obeyed = !rule.number || (rule.number(reached(value.least())) &&
                                       rule.number(reached(value.greatest())));
  return obeyed || wrong(node, path, problems, rule.range);
}

}  // namespace hourglass::config
