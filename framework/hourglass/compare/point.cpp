#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/point.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::compare {

namespace {

constexpr double kLargestWhole = 9007199254740992;  // 2^53: from there on whole numbers have gaps

std::string number_as_text(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < kLargestWhole;
  return whole ? text(static_cast<std::int64_t>(value)) : text(value);
}

bool is_whole_number(std::string_view digits) {
  if (digits.starts_with('-')) digits.remove_prefix(1);
  return !digits.empty() && (digits[0] != '0' || digits.size() == 1) &&
         digits.find_first_not_of("0123456789") == digits.npos;
}

}  // namespace

PointValue text_value(std::string_view text) { return {PointValue::Kind::Text, clean_text(text)}; }

PointValue point_value(std::string_view text) {
  if (text == "null" || text == "~") return {};
  if (text == "true" || text == "false") return {PointValue::Kind::Boolean, std::string(text)};
  // As it is, since a double would not keep all digits of a long one.
  if (is_whole_number(text) && text != "-0" && text.size() < 100) {
    return {PointValue::Kind::Number, std::string(text)};
  }
  const auto number = config::Node::scalar(std::string(text)).to_number();
  if (number && std::isfinite(*number)) {
    return {PointValue::Kind::Number, number_as_text(*number)};
  }
  return text_value(text);
}

const PointValue* find_value(const Point& point, std::string_view key) {
  const auto found = std::ranges::find(point, key, &Point::value_type::first);
  return found == point.end() ? nullptr : &found->second;
}

std::string point_text(const Point& point) {
  std::string out;
  for (const auto& [key, value] : point) {
    out += text(out.empty() ? "" : ", ", key, " ", value.text);
  }
  return out;
}

}  // namespace hourglass::compare
