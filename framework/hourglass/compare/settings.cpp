#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/settings.hpp>
#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>

#include <algorithm>

namespace hourglass::compare {

namespace {

using config::Node;

constexpr std::size_t kMostSettings = 5000;
/// Longer than other texts may be: lists that are cut off alike would be one value.
constexpr std::size_t kLongestList = 10'000;

/// `{bernoulli: {}}`: what was chosen has no options.
bool is_bare_choice(const Node& node) {
  if (!node.is_map() || node.entries().size() != 1) return false;
  const Node& options = node.entries().front().value;
  return options.is_map() && options.entries().empty();
}

PointValue value_of(const Node& node) {
  if (node.is_null()) return {};
  if (is_bare_choice(node)) return text_value(node.entries().front().key);
  if (!node.is_scalar()) {
    return {PointValue::Kind::Text, clean_text(config::emit_in_line(node), kLongestList)};
  }
  return node.is_quoted() ? text_value(node.text()) : point_value(node.text());
}

/// As deep as the parser lets a file nest.
void add_settings(const Node& node, const std::string& path, Point& settings) {
  const bool bare = !path.empty() && is_bare_choice(node);
  if (!node.is_map() || node.entries().empty() || bare) {
    if (settings.size() < kMostSettings) settings.emplace_back(path, value_of(node));
    return;
  }
  for (const Node::Entry& entry : node.entries()) {
    const std::string key = clean_text(entry.key);
    add_settings(entry.value, path.empty() ? key : path + "." + key, settings);
  }
}

}  // namespace

Point settings_at(const Node& experiment, std::span<const std::string> paths) {
  Point settings;
  for (const std::string& path : paths) {
    const Node* node = config::value_at(experiment, path);
    if (node != nullptr) settings.emplace_back(path, value_of(*node));
  }
  return settings;
}

Point settings_of(const Node& experiment) {
  Point settings;
  if (experiment.is_map()) add_settings(experiment, "", settings);
  return settings;
}

}  // namespace hourglass::compare
