#include <hourglass/compare/group_runs.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

namespace hourglass::compare {

namespace {

constexpr std::size_t kMostNotes = 20;

/// Settings that change no result.
bool is_beside_the_point(std::string_view key) {
  static constexpr std::array<std::string_view, 3> kPrefixes = {"evaluate", "latents",
                                                                "train.checkpoint"};
  const auto within = [&](std::string_view prefix) {
    return key == prefix || (key.starts_with(prefix) && key[prefix.size()] == '.');
  };
  return key == "seed" || key == "name" || key == "variant" ||
         std::ranges::any_of(kPrefixes, within);
}

/// How one key's values differ among runs.
struct KeyUse {
  std::size_t runs = 0;
  const PointValue* first = nullptr;
  bool differs = false;
  std::map<std::string_view, std::size_t> runs_by_variant;
  std::map<std::string_view, const PointValue*> first_by_variant;
  bool differs_within = false;

  void add(std::string_view variant, const PointValue& value) {
    ++runs;
    if (first == nullptr) first = &value;
    differs = differs || !(*first == value);
    ++runs_by_variant[variant];
    const PointValue*& of_variant = first_by_variant[variant];
    if (of_variant == nullptr) of_variant = &value;
    differs_within = differs_within || !(*of_variant == value);
  }
};

/// The keys of experiment files that tell these runs apart, in the order of the files.
std::vector<std::string> differing_keys(std::span<const Run> runs) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::pair<std::string_view, KeyUse>> uses;
  std::size_t with_settings = 0;
  std::map<std::string_view, std::size_t> variants;
  for (const Run& run : runs) {
    if (run.result.settings.empty()) continue;
    ++with_settings;
    ++variants[run.result.variant];
    for (const auto& [key, value] : run.result.settings) {
      if (is_beside_the_point(key)) continue;
      const auto [at, fresh] = places.emplace(key, uses.size());
      if (fresh) uses.emplace_back(key, KeyUse());
      uses[at->second].second.add(run.result.variant, value);
    }
  }
  std::vector<std::string> keys;
  for (const auto& [key, use] : uses) {
    // Runs of a variant that do not have a key disagree with those that do.
    const bool missing_within = std::ranges::any_of(
        use.runs_by_variant, [&](const auto& each) { return each.second < variants[each.first]; });
    const bool all_differ = use.differs && use.runs == with_settings;
    if (use.differs_within || missing_within || all_differ) keys.emplace_back(key);
  }
  return keys;
}

std::vector<std::string> keys_of_points(std::span<const Run> runs, const FoundRuns& found) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& key) {
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  };
  const bool one_sweep = found.sweeps == 1 && !found.loose;
  if (!one_sweep) {
    std::set<std::string_view> variants;
    for (const Run& run : runs) {
      if (!run.result.variant.empty()) variants.insert(run.result.variant);
    }
    if (variants.size() > 1) add("variant");
    const std::vector<std::string> differing = differing_keys(runs);
    if (std::ranges::find(differing, "dataset.name") != differing.end()) add("dataset.name");
    for (const std::string& key : found.swept_keys) add(key);
    for (const std::string& key : differing) add(key);
  } else {
    keys = found.swept_keys;
  }
  if (keys.empty()) keys.push_back("variant");
  return keys;
}

/// The variant of all runs, where they have one.
std::string only_variant(std::span<const Run> runs) {
  std::set<std::string> variants;
  for (const Run& run : runs) variants.insert(run.result.variant);
  variants.erase("");
  return variants.size() == 1 ? *variants.begin() : std::string();
}

Point point_of(const Run& run, const std::vector<std::string>& keys, const std::string& variant) {
  Point point;
  for (const std::string& key : keys) {
    const PointValue* value = find_value(run.swept, key);
    if (value == nullptr) value = find_value(run.result.settings, key);
    const std::string& own = run.result.variant.empty() ? variant : run.result.variant;
    if (value != nullptr) {
      point.emplace_back(key, *value);
    } else if (key == "variant" && !own.empty()) {
      point.emplace_back(key, text_value(own));
    }
  }
  return point;
}

/// Different for different points: no text has control characters.
std::string identity(const Point& point) {
  std::string out;
  for (const auto& [key, value] : point) {
    out += text(key, '\1', static_cast<int>(value.kind), value.text, '\2');
  }
  return out;
}

/// Chooses the runs that count, and notes those that repeat a seed.
void count_runs(RunGroup& group, std::span<const Run> runs, std::vector<std::string>& notes) {
  std::map<std::int64_t, std::size_t> seeds;
  for (const std::size_t number : group.runs) {
    const RunResult& run = runs[number].result;
    ++group.statuses[static_cast<std::size_t>(run.status)];
    if (run.status != Status::Completed) continue;
    if (run.seed) {
      const auto [first, fresh] = seeds.emplace(*run.seed, number);
      if (!fresh) {
        notes.push_back(text(run.folder, " repeats seed ", *run.seed, " of ",
                             runs[first->second].result.folder, " and is not counted again"));
        continue;
      }
    }
    group.counted.push_back(number);
  }
}

/// Puts runs into groups, one after the other.
class Grouper {
 public:
  Grouper(std::span<const Run> runs, std::vector<std::string> keys)
      : runs_(runs), variant_(only_variant(runs)) {
    grouped_.keys = std::move(keys);
  }

  void add(std::size_t number) {
    const Run& run = runs_[number];
    Point point = point_of(run, grouped_.keys, variant_);
    const auto [at, fresh] = places_.emplace(identity(point), grouped_.groups.size());
    if (fresh) grouped_.groups.push_back({.point = std::move(point)});
    grouped_.groups[at->second].runs.push_back(number);
    if (run.sweep) places_in_sweep_.emplace(identity_in_sweep(run), at->second);
  }

  /// A point of a sweep that has no experiment file yet joins the others of its sweep.
  void add_not_begun(std::size_t number) {
    const auto at = places_in_sweep_.find(identity_in_sweep(runs_[number]));
    if (at == places_in_sweep_.end()) return add(number);
    grouped_.groups[at->second].runs.push_back(number);
  }

  void leave_out(std::size_t number) { grouped_.ungrouped.push_back(number); }

  GroupedRuns take() { return std::move(grouped_); }

 private:
  static std::string identity_in_sweep(const Run& run) {
    return text(*run.sweep, '\3', identity(run.swept));
  }

  std::span<const Run> runs_;
  std::string variant_;
  GroupedRuns grouped_;
  std::unordered_map<std::string, std::size_t> places_;
  std::unordered_map<std::string, std::size_t> places_in_sweep_;
};

}  // namespace

GroupedRuns group_runs(std::span<const Run> runs, const FoundRuns& found) {
  Grouper grouper(runs, keys_of_points(runs, found));
  std::vector<std::size_t> not_begun;
  for (std::size_t number = 0; number < runs.size(); ++number) {
    const RunResult& run = runs[number].result;
    if (runs[number].sweep && run.settings.empty()) {
      not_begun.push_back(number);
    } else if (run.status == Status::Damaged && run.variant.empty()) {
      grouper.leave_out(number);
    } else {
      grouper.add(number);
    }
  }
  for (const std::size_t number : not_begun) grouper.add_not_begun(number);
  GroupedRuns grouped = grouper.take();
  for (RunGroup& group : grouped.groups) count_runs(group, runs, grouped.notes);
  if (grouped.notes.size() > kMostNotes) {
    const std::size_t more = grouped.notes.size() - kMostNotes;
    grouped.notes.resize(kMostNotes);
    grouped.notes.push_back(text("and ", more, " more runs that repeat a seed"));
  }
  return grouped;
}

}  // namespace hourglass::compare
