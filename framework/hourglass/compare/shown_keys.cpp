#include <hourglass/compare/shown_keys.hpp>

#include <algorithm>
#include <map>

namespace hourglass::compare {

namespace {

/// Whether a key says nothing that the variant does not say already.
bool follows_from_variant(const Comparison& comparison, const std::string& key) {
  std::map<std::string, const PointValue*> by_variant;
  for (const GroupSummary& group : comparison.groups) {
    const PointValue* variant = find_value(group.group.point, "variant");
    if (variant == nullptr) return false;
    const PointValue* value = find_value(group.group.point, key);
    const auto [first, fresh] = by_variant.emplace(variant->text, value);
    const bool same = first->second == nullptr || value == nullptr ? first->second == value
                                                                   : *first->second == *value;
    if (!fresh && !same) return false;
  }
  return true;
}

}  // namespace

ShownKeys shown_keys(const Comparison& comparison) {
  ShownKeys keys;
  for (const std::string& key : comparison.keys) {
    const bool swept = std::ranges::find(comparison.swept_keys, key) != comparison.swept_keys.end();
    const bool kept = key == "variant" || key == "dataset.name" || swept ||
                      !follows_from_variant(comparison, key);
    (kept ? keys.shown : keys.left_out).push_back(key);
  }
  return keys;
}

std::string short_key(const std::string& key, const std::vector<std::string>& keys) {
  for (std::size_t at = key.rfind('.'); at != key.npos && at > 0; at = key.rfind('.', at - 1)) {
    const std::string ending = key.substr(at);
    const auto same = std::ranges::count_if(keys, [&](const std::string& other) {
      return other.ends_with(ending) || "." + other == ending;
    });
    if (same == 1) return ending.substr(1);
  }
  return key;
}

}  // namespace hourglass::compare
