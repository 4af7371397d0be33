#include <hourglass/compare/swept_values.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace hourglass::compare {

namespace {

using config::Node;

/// Whether a value as a user writes it may come to this one, which is written out: a name stands
/// for a map that has it as its key, a number for one that begins with it, and what is left out
/// may be anything.
bool agree(const Node& written, const Node& resolved) {
  if (resolved.is_map()) {
    if (resolved.entries().empty()) return written.is_map() && written.entries().empty();
    if (written.is_map()) {
      return std::ranges::all_of(written.entries(), [&](const Node::Entry& entry) {
        const Node* of = resolved.find(entry.key);
        return of != nullptr && agree(entry.value, *of);
      });
    }
    const bool is_name = written.is_scalar() && resolved.find(written.text()) != nullptr;
    return is_name || agree(written, resolved.entries().front().value);
  }
  if (resolved.is_list()) {
    return written.is_list() &&
           std::ranges::equal(written.items(), resolved.items(),
                              [](const Node& a, const Node& b) { return agree(a, b); });
  }
  return written.kind() == resolved.kind() &&
         point_value(written.text()) == point_value(resolved.text());
}

bool is_list_or_map(const PointValue& value) {
  return value.kind == PointValue::Kind::Text &&
         (value.text.starts_with('{') || value.text.starts_with('['));
}

bool agree(const PointValue& told, const PointValue& resolved) {
  try {
    return agree(config::parse_text(told.text, "points.csv"),
                 config::parse_text(resolved.text, "experiment.yaml"));
  } catch (const Error&) {  // a stranger's, or cut off
    return false;
  }
}

/// What sweeps call lists and maps, by key and value.
class Names {
 public:
  void learn(const std::string& key, const PointValue& told, const PointValue& resolved) {
    if (!is_list_or_map(resolved)) return;
    std::pair place(key, resolved.text);
    if (names_.contains(place) || !asked_.emplace(place, told.text).second) return;
    if (agree(told, resolved)) names_.emplace(std::move(place), told);
  }

  const PointValue& name_of(const std::string& key, const PointValue& resolved) const {
    const auto name = names_.find({key, resolved.text});
    return name == names_.end() ? resolved : name->second;
  }

 private:
  using Place = std::pair<std::string, std::string>;
  std::map<Place, PointValue> names_;
  std::set<std::pair<Place, std::string>> asked_;
};

}  // namespace

void set_swept_values(std::span<Run> runs) {
  Names names;
  for (const Run& run : runs) {
    for (const auto& [key, resolved] : run.result.settings_at_swept) {
      const PointValue* told = find_value(run.told, key);
      if (told != nullptr) names.learn(key, *told, resolved);
    }
  }
  for (Run& run : runs) {
    run.swept = run.result.settings.empty() ? run.told : run.result.settings_at_swept;
    for (auto& [key, value] : run.swept) value = names.name_of(key, value);
  }
}

}  // namespace hourglass::compare
