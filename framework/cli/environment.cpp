#include <cli/environment.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>

#include <algorithm>
#include <charconv>

namespace hourglass::cli {

namespace {

using config::Node;

std::vector<std::filesystem::path> paths_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

/// A map's value, or a list's item by its number; null when there is none.
const Node* child(const Node& node, std::string_view key) {
  if (!node.is_list()) return node.find(key);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size()) return nullptr;
  return index < node.items().size() ? &node.items()[index] : nullptr;
}

/// The node at a dotted path, or null when it was not written.
const Node* find(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (node != nullptr && !path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(key.size() + 1, path.size()));
    node = child(*node, key);
  }
  return node;
}

/// Where the value of a dotted path was written, or else the nearest thing around it.
config::Place place_of(const Node& root, std::string path) {
  for (;;) {
    if (const Node* node = find(root, path)) return node->place();
    const std::size_t dot = path.rfind('.');
    if (dot == path.npos) break;
    path.resize(dot);
  }
  const Node* variant = root.find("variant");
  return variant != nullptr ? variant->place() : root.place();
}

}  // namespace

Environment::Environment(const Arguments& arguments)
    : plugins_(paths_of(arguments.plugins)),
      surroundings_{plugins_, {data_root(arguments.data_root), descriptor_folders()}} {}

ConfigError located(const OptionError& error, const std::filesystem::path& experiment,
                    const std::vector<std::string>& overrides) {
  config::Problems ignored;  // the file was read before
  Node root = config::parse_file(experiment, ignored);
  config::apply_overrides(root, overrides, ignored);
  return ConfigError(place_of(root, error.option()).prefix() + error.what());
}

}  // namespace hourglass::cli
