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

using RunList = std::vector<const Run*>;

/// The keys of experiment files that tell these runs apart, in the order of the files.
std::vector<std::string> differing_keys(const RunList& runs) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::pair<std::string_view, KeyUse>> uses;
  std::size_t with_settings = 0;
  std::map<std::string_view, std::size_t> variants;
  for (const Run* run : runs) {
    if (run->result.settings.empty()) continue;
    ++with_settings;
    ++variants[run->result.variant];
    for (const auto& [key, value] : run->result.settings) {
      if (is_beside_the_point(key)) continue;
      const auto [at, fresh] = places.emplace(key, uses.size());
      if (fresh) uses.emplace_back(key, KeyUse());
      uses[at->second].second.add(run->result.variant, value);
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

bool has_several_variants(const RunList& runs) {
  std::set<std::string_view> variants;
  for (const Run* run : runs) variants.insert(run->result.variant);
  variants.erase("");
  return variants.size() > 1;
}

void add_key(std::vector<std::string>& keys, const std::string& key) {
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

/// The swept keys of one sweep, and those in which runs differ that have these alike: the file may
/// have said something else when some of them ran.
std::vector<std::string> keys_of_sweep(const RunList& runs, std::vector<std::string> keys) {
  std::map<std::string, RunList> alike;
  for (const Run* run : runs) {
    if (!run->result.settings.empty()) alike[identity(point_of(*run, keys, ""))].push_back(run);
  }
  for (const auto& [point, members] : alike) {
    if (has_several_variants(members)) add_key(keys, "variant");
    for (const std::string& key : differing_keys(members)) add_key(keys, key);
  }
  return keys;
}

std::vector<std::string> keys_of_all(const RunList& runs, const FoundRuns& found) {
  std::vector<std::string> keys;
  if (has_several_variants(runs)) keys.emplace_back("variant");
  const std::vector<std::string> differing = differing_keys(runs);
  if (std::ranges::find(differing, "dataset.name") != differing.end()) {
    keys.emplace_back("dataset.name");
  }
  for (const std::string& key : found.swept_keys) add_key(keys, key);
  for (const std::string& key : differing) add_key(keys, key);
  return keys;
}

std::vector<std::string> keys_of_points(std::span<const Run> runs, const FoundRuns& found) {
  RunList all;
  for (const Run& run : runs) all.push_back(&run);
  const bool one_sweep = found.sweeps == 1 && !found.loose;
  std::vector<std::string> keys =
      one_sweep ? keys_of_sweep(all, found.swept_keys) : keys_of_all(all, found);
  if (keys.empty()) keys.emplace_back("variant");
  return keys;
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
    if (!run.sweep) return;
    add_place(swept_, run, run.swept, at->second);
    add_place(told_, run, run.told, at->second);
  }

  /// A run of a sweep without an experiment file joins the others of its point. One that counts
  /// does so only where these are one group: else nobody knows to which it belongs.
  void add_untold(std::size_t number) {
    const Run& run = runs_[number];
    const std::string point = identity_in_sweep(run, run.told);
    const bool counts = run.result.status == Status::Completed;
    for (const auto* places : {&swept_, &told_}) {
      const auto at = places->find(point);
      if (at == places->end()) continue;
      if (counts && at->second.several) break;
      grouped_.groups[at->second.first].runs.push_back(number);
      return;
    }
    add(number);
  }

  void leave_out(std::size_t number) { grouped_.ungrouped.push_back(number); }

  GroupedRuns take() { return std::move(grouped_); }

 private:
  /// The groups that a point of a sweep is in.
  struct Place {
    std::size_t first = 0;
    bool several = false;
  };
  using Places = std::unordered_map<std::string, Place>;

  static std::string identity_in_sweep(const Run& run, const Point& point) {
    return text(*run.sweep, '\3', identity(point));
  }

  static void add_place(Places& places, const Run& run, const Point& point, std::size_t group) {
    const auto [at, fresh] = places.emplace(identity_in_sweep(run, point), Place{.first = group});
    at->second.several = at->second.several || at->second.first != group;
  }

  std::span<const Run> runs_;
  std::string variant_;
  GroupedRuns grouped_;
  std::unordered_map<std::string, std::size_t> places_;
  Places swept_, told_;  // by the values of runs, and by those of points.csv
};

}  // namespace

GroupedRuns group_runs(std::span<const Run> runs, const FoundRuns& found) {
  Grouper grouper(runs, keys_of_points(runs, found));
  std::vector<std::size_t> untold;
  for (std::size_t number = 0; number < runs.size(); ++number) {
    const RunResult& run = runs[number].result;
    if (runs[number].sweep && run.settings.empty()) {
      untold.push_back(number);
    } else if (run.status == Status::Damaged && run.variant.empty()) {
      grouper.leave_out(number);
    } else {
      grouper.add(number);
    }
  }
  for (const std::size_t number : untold) grouper.add_untold(number);
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
