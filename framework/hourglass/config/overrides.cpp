#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>

#include <charconv>
#include <optional>

namespace hourglass::config {

namespace {

constexpr std::size_t kMostSteps = 64;

std::vector<std::string> split(std::string_view key) {
  std::vector<std::string> parts;
  for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
    parts.emplace_back(key.substr(0, dot));
    key.remove_prefix(dot + 1);
  }
  parts.emplace_back(key);
  return parts;
}

bool is_good_key(const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (!is_plain(part) || part.find(' ') != std::string::npos) return false;
  }
  return parts.size() <= kMostSteps;
}

/// All of a value stands at the one place of its assignment.
void move_to(const Place& place, Node& node) {
  node.at(place);
  for (Node& item : node.items()) move_to(place, item);
  for (Node::Entry& entry : node.entries()) {
    entry.place = place;
    move_to(place, entry.value);
  }
}

std::optional<std::size_t> index_of(const std::string& part) {
  std::size_t index = 0;
  const char* const end = part.data() + part.size();
  const auto [stop, error] = std::from_chars(part.data(), end, index);
  if (error != std::errc() || stop != end) return std::nullopt;
  return index;
}

/// The node that `part` names within `node`, made when it is not there; null for a fault.
Node* step_into(Node& node, const std::string& path, const std::string& part, const Place& place,
                Problems& problems) {
  if (node.is_null()) node = Node::map(place);
  // A bare `adam` is short for `adam: {}`.
  if (node.is_scalar() && node.text() == part) {
    node = Node::map(place);
    node.set(part, Node().at(place), place);
  }
  if (node.is_list()) {
    const std::optional<std::size_t> index = index_of(part);
    if (index && *index < node.items().size()) return &node.items()[*index];
    problems.add(place, text(path, " is a list of ", node.items().size(), ", and has no item ",
                             shown(part), "; items count from 0"));
    return nullptr;
  }
  if (!node.is_map()) {
    problems.add(place, text(path, " is ", shown(node), ", and has no ", shown(part),
                             " to be set; set it whole: ", path, "={", part, ": ...}"));
    return nullptr;
  }
  if (Node* found = node.find(part)) return found;
  return &node.set(part, Node().at(place), place);
}

}  // namespace

void set_value(Node& root, const std::string& key, Node value, const Place& place,
               Problems& problems) {
  const std::vector<std::string> parts = split(key);
  if (!is_good_key(parts)) {
    problems.add(place, text(shown(key), " is not a key; write names joined by dots, as in ",
                             "train.epochs"));
    return;
  }
  Node* node = &root;
  std::string path;
  for (const std::string& part : parts) {
    node = step_into(*node, path.empty() ? "the file" : path, part, place, problems);
    if (!node) return;
    path += (path.empty() ? "" : ".") + part;
  }
  move_to(place, value);
  *node = std::move(value);
}

void apply_override(Node& root, const std::string& assignment, Problems& problems) {
  const Place place{std::make_shared<const std::string>("--set " + assignment)};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    problems.add(place, text("needs a value: write ", assignment, "=VALUE"));
    return;
  }
  if (!is_utf8(assignment)) {
    problems.add(place, "not text in UTF-8");
    return;
  }
  Problems faults;
  Node value;
  try {
    value = parse_text(std::string_view(assignment).substr(equals + 1), "value", faults);
  } catch (const ConfigError&) {
    // Lines and columns say nothing here: the messages alone go on.
  }
  for (const std::string& message : faults.messages()) problems.add(place, message);
  if (!faults.empty()) return;
  set_value(root, assignment.substr(0, equals), std::move(value), place, problems);
}

void apply_overrides(Node& root, std::span<const std::string> assignments, Problems& problems) {
  for (const std::string& assignment : assignments) apply_override(root, assignment, problems);
}

const Node* value_at(const Node& root, std::string_view key) {
  const Node* node = &root;
  for (const std::string& part : split(key)) {
    if (node->is_list()) {
      const std::optional<std::size_t> index = index_of(part);
      node = index && *index < node->items().size() ? &node->items()[*index] : nullptr;
    } else {
      node = node->find(part);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

}  // namespace hourglass::config
