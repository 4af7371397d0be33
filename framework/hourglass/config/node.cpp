#include <hourglass/config/emit.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace hourglass::config {

namespace {

/// Readers of YAML 1.1 take `1e-05` for text: a number needs its decimal point.
std::string with_point(std::string digits) {
  // YAML's words for what is no finite number.
  if (digits.find("nan") != std::string::npos) return ".nan";
  if (digits.ends_with("inf")) return digits.insert(digits.size() - 3, ".");
  if (digits.find('.') != std::string::npos) return digits;
  const std::size_t exponent = std::min(digits.find('e'), digits.size());
  return digits.insert(exponent, ".0");
}

}  // namespace

std::string Place::prefix() const {
  if (!source) return {};
  return line > 0 ? text(*source, ":", line, ":", column, ": ") : text(*source, ": ");
}

Node Node::scalar(std::string text, Place place) {
  Node node;
  node.kind_ = Kind::Scalar;
  node.text_ = std::move(text);
  node.place_ = std::move(place);
  return node;
}

Node Node::quoted(std::string text, Place place) {
  Node node = scalar(std::move(text), std::move(place));
  node.quoted_ = true;
  return node;
}

Node Node::string(std::string text) {
  const bool plain = is_plain(text) && !looks_typed(text);
  return plain ? scalar(std::move(text)) : quoted(std::move(text));
}

Node Node::boolean(bool value) { return scalar(value ? "true" : "false"); }
Node Node::integer(std::int64_t value) { return scalar(hourglass::text(value)); }
std::optional<double> Node::to_number() const {
  if (!is_scalar() || text_.empty()) return std::nullopt;
  if (text_ == ".nan") return std::numeric_limits<double>::quiet_NaN();
  if (text_ == ".inf") return std::numeric_limits<double>::infinity();
  if (text_ == "-.inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const char* end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(text_.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}
Node Node::number(double value) { return scalar(with_point(hourglass::text(value))); }
Node Node::number(float value) { return scalar(with_point(hourglass::text(value))); }

Node Node::list() { return list(std::vector<Node>()); }

Node Node::list(std::vector<Node> items, Place place) {
  Node node;
  node.kind_ = Kind::List;
  node.items_ = std::move(items);
  node.place_ = std::move(place);
  return node;
}

Node Node::map(Place place) {
  Node node;
  node.kind_ = Kind::Map;
  node.place_ = std::move(place);
  return node;
}

Node& Node::at(Place place) {
  place_ = std::move(place);
  return *this;
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(key));
}

Node& Node::set(std::string key, Node value, Place key_place) {
  for (Entry& entry : entries_) {
    if (entry.key != key) continue;
    entry.place = std::move(key_place);
    entry.value = std::move(value);
    return entry.value;
  }
  entries_.push_back({std::move(key), std::move(key_place), std::move(value)});
  return entries_.back().value;
}

bool operator==(const Node& a, const Node& b) {
  return a.kind_ == b.kind_ && a.quoted_ == b.quoted_ && a.text_ == b.text_ &&
         a.items_ == b.items_ && a.entries_ == b.entries_;
}

}  // namespace hourglass::config
