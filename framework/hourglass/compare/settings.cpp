#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/settings.hpp>
#include <hourglass/config/emit.hpp>

namespace hourglass::compare {

namespace {

constexpr std::size_t kMostSettings = 5000;

PointValue value_of(const config::Node& node) {
  if (node.is_null()) return {};
  if (!node.is_scalar()) return text_value(config::emit_in_line(node));
  return node.is_quoted() ? text_value(node.text()) : point_value(node.text());
}

/// As deep as the parser lets a file nest.
void add_settings(const config::Node& node, const std::string& path, Point& settings) {
  if (!node.is_map() || node.entries().empty()) {
    if (settings.size() < kMostSettings) settings.emplace_back(path, value_of(node));
    return;
  }
  for (const config::Node::Entry& entry : node.entries()) {
    const std::string key = clean_text(entry.key);
    add_settings(entry.value, path.empty() ? key : path + "." + key, settings);
  }
}

}  // namespace

Point settings_of(const config::Node& experiment) {
  Point settings;
  if (experiment.is_map()) add_settings(experiment, "", settings);
  return settings;
}

}  // namespace hourglass::compare
