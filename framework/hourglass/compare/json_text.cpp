#include <hourglass/compare/json_text.hpp>
#include <hourglass/core/text.hpp>

#include <cmath>

namespace hourglass::compare {

std::string json_text(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_number(double value) { return std::isfinite(value) ? text(value) : "null"; }

std::string json_object(const std::vector<JsonMember>& members) {
  std::string out;
  for (const auto& [key, value] : members) {
    out += text(out.empty() ? "" : ", ", json_text(key), ": ", value);
  }
  return "{" + out + "}";
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return "[" + out + "]";
}

std::string json_lines(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "\n  " : ",\n  ") + item;
  return out.empty() ? "[]" : "[" + out + "\n]";
}

std::string point_json(const Point& point) {
  std::vector<JsonMember> members;
  for (const auto& [key, value] : point) {
    members.emplace_back(key,
                         value.kind == PointValue::Kind::Text ? json_text(value.text) : value.text);
  }
  return json_object(members);
}

}  // namespace hourglass::compare
