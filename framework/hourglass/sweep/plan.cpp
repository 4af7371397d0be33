#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/objective.hpp>
#include <hourglass/storage/sha256.hpp>
#include <hourglass/sweep/plan.hpp>
#include <hourglass/sweep/points.hpp>

#include <algorithm>
#include <limits>
#include <tuple>

namespace hourglass {

using config::Node;
using config::Problems;

namespace {

constexpr std::size_t kDigits = 12;

/// Faults that points have in common, each told once with the first point that shows it.
class PointProblems {
 public:
  void add(const Settings& point, const Problems& problems) {
    ++points_;
    for (const Problems::Problem& each : problems.all()) {
      const config::Place& place = each.place;
      auto& found =
          found_[{place.source ? *place.source : "", place.line, place.column, each.message}];
      if (found.count++ == 0) found = {place, label_of(point), 1};
    }
  }

  void tell(Problems& problems) const {
    for (const auto& [key, each] : found_) {
      const std::string& message = std::get<3>(key);
      if (each.count == points_) {
        problems.add(each.place, message);
        continue;
      }
      const int others = each.count - 1;
      const bool option =
          message.starts_with("unknown key") && message.find("in model") != message.npos;
      problems.add(
          each.place,
          text(message, option ? "; sweep.when sets a key for some variants only" : "",
               "; in the point ", each.point,
               others == 0 ? "" : text(" and ", others, others == 1 ? " other" : " others")));
    }
  }

 private:
  struct Found {
    config::Place place;
    std::string point;
    int count = 0;
  };
  std::map<std::tuple<std::string, int, int, std::string>, Found> found_;
  int points_ = 0;
};

void remove_key(Node& root, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view key = path.substr(0, dot);
  if (dot == path.npos) {
    std::erase_if(root.entries(), [&](const Node::Entry& entry) { return entry.key == key; });
  } else if (Node* inner = root.find(key)) {
    remove_key(*inner, path.substr(dot + 1));
  }
}

/// Whether the sweep varies a key, something in it, or something around it.
bool is_swept(std::string_view key, const std::vector<std::string>& swept) {
  return std::ranges::any_of(swept, [&](std::string_view each) {
    const auto [longer, shorter] =
        each.size() > key.size() ? std::pair(each, key) : std::pair(key, each);
    return longer == shorter || (longer.starts_with(shorter) && longer[shorter.size()] == '.');
  });
}

std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t slash = name.find('/');
    parts.emplace_back(name.substr(0, slash));
    if (slash == name.npos) return parts;
    name.remove_prefix(slash + 1);
  }
}

/// A search's point that shows what is wrong with what the search leaves as it is.
Settings with_middle(Settings settings, const Draws& draws) {
  const Settings some = settings_at(draws, std::vector<double>(draws.keys.size(), 0.5));
  settings.insert(settings.end(), some.begin(), some.end());
  return settings;
}

}  // namespace

std::string SweepPoint::label() const { return label_of(settings); }

std::string run_id(const ResolvedExperiment& resolved, const std::vector<std::string>& swept) {
  Node node = resolved.node;
  for (const char* key : {"name", "train.epochs", "evaluate", "evaluate_weights", "latents"}) {
    if (!is_swept(key, swept)) remove_key(node, key);
  }
  return sha256_of_text(config::emit(node)).substr(0, kDigits);
}

std::string identity_of(const Settings& point, std::int64_t seed) {
  return text(label_of(point), "; seed ", seed);
}

Plan::Plan(SweepFile file, const Vocabulary& vocabulary, Problems& problems)
    : file_(std::move(file)), vocabulary_(vocabulary) {
  if (!file_.base.is_map()) return;  // told already
  PointProblems faults;
  for (const Settings& settings : listed_points(file_)) {
    const Settings whole = file_.tpe ? with_middle(settings, file_.tpe->draws) : settings;
    Problems own;
    auto point = resolve(whole, own);
    if (point) {
      settle(point->runs.front().resolved.experiment);
      check_metric(*point, own);
    }
    faults.add(applicable(file_, whole), own);
    if (!point) continue;
    if (file_.tpe) {
      searches_.push_back(settings);
    } else {
      add(std::move(*point));
    }
  }
  faults.tell(problems);
  note_objective();
  suggested_.assign(searches_.size(), 0);
}

void Plan::know(KnownIds known) {
  known_ = std::move(known);
  for (SweepPoint& point : points_) {
    for (SweepRun& run : point.runs) run.id = id_of(point.settings, run);
  }
}

std::string Plan::id_of(const Settings& settings, const SweepRun& run) const {
  const auto before = known_.find(identity_of(settings, run.seed));
  return before == known_.end() ? run_id(run.resolved, file_.keys()) : before->second;
}

void Plan::settle(const Experiment& experiment) {
  if (file_.seeds.empty()) file_.seeds = {experiment.seed};
  if (file_.metric_place.source != nullptr) return;
  // A number that every point has.
  const bool validated = experiment.dataset.validation > 0 && file_.metric != "train/loss";
  file_.metric = validated ? "validation/loss" : "train/loss";
}

void Plan::check_metric(const SweepPoint& point, Problems& problems) const {
  const Experiment& experiment = point.runs.front().resolved.experiment;
  const auto tell = [&](const std::string& what) {
    problems.add(file_.metric_place,
                 text("sweep.metric: ", config::shown(file_.metric), " ", what));
  };
  const std::vector<std::string> parts = parts_of(file_.metric);
  const std::string split =
      parts.size() < 2 ? "" : parts[parts.size() - (parts.size() == 2 ? 2 : 3)];
  if (split != "train" && split != "validation" && split != "test") {
    const std::vector<std::string> known = {"train/loss", "validation/loss", "test/loss"};
    tell(
        text("is no number of a run; there are train/loss and its parts, and what measures give, "
             "such as "
             "test/reconstruction/psnr",
             config::suggestion(file_.metric, known)));
  } else if (split == "validation" && !(experiment.dataset.validation > 0)) {
    tell("needs a validation split, and dataset.validation is 0");
  } else if (parts.size() > 2 && file_.halving) {
    tell(
        "is known at the end of a run, and halving needs what metrics.csv has after each epoch, "
        "such as validation/loss");
  } else if (parts.size() > 2) {
    const std::string& measure = parts[parts.size() - 2];
    const auto& measured = experiment.evaluate;
    if (std::ranges::find(measured, measure, &config::Named::name) != measured.end()) return;
    std::vector<std::string> names;
    for (const config::Named& each : measured) names.push_back(each.name);
    tell(text("comes from the measure ", config::shown(measure), ", which evaluate does not have",
              config::suggestion(measure, names)));
  }
}

void Plan::note_objective() {
  if (!file_.tpe && !file_.halving) return;
  if (file_.metric.starts_with("test/")) {
    notes_.push_back(text(file_.metric,
                          " chooses by the test split, which makes its results too good; "
                          "set dataset.validation, and sweep.metric to a number of that split"));
  }
  if (!is_loss(file_.metric)) return;
  std::vector<std::string> keys;
  if (file_.halving) keys = file_.keys();
  if (!file_.halving) {
    for (const auto& [key, from] : file_.tpe->draws.keys) keys.push_back(key);
  }
  std::erase_if(keys, [](const std::string& key) { return keeps_objective(key); });
  for (const std::string& key : keys) {
    notes_.push_back(text(file_.metric, " judges points that may minimise different things, since ",
                          key, " differs; if so, set sweep.metric to a measure"));
  }
}

std::optional<SweepPoint> Plan::resolve(const Settings& settings, Problems& problems) {
  Node root = file_.base;
  root.set("name", Node::string(file_.name));
  SweepPoint point;
  const auto keys = file_.keys();
  for (const Setting& each : applicable(file_, settings)) {
    config::set_value(root, each.key, each.value, each.value.place(), problems);
    write_out_dataset(root);
    if (std::ranges::find(keys, each.key) == keys.end()) continue;
    std::erase_if(point.settings, [&](const Setting& one) { return one.key == each.key; });
    point.settings.push_back(each);
  }
  leave_out_foreign(root, settings);
  const ResolvedExperiment resolved = resolve_experiment(root, vocabulary_, problems);
  if (!problems.empty()) return {};
  std::vector<std::int64_t> seeds = file_.seeds;
  if (seeds.empty()) seeds.push_back(resolved.experiment.seed);
  for (const std::int64_t seed : seeds) {
    SweepRun run{.id = "", .seed = seed, .resolved = resolved};
    run.resolved.experiment.seed = seed;
    run.resolved.node.set("seed", Node::integer(seed));
    run.id = id_of(point.settings, run);
    point.runs.push_back(std::move(run));
  }
  return point;
}

void Plan::leave_out_foreign(Node& root, const Settings& settings) {
  const Node* variant = root.find("variant");
  const Node* own = file_.base.find("variant");
  const Node* written = file_.base.find("model");
  Node* model = root.find("model");
  if (variant == nullptr || own == nullptr || written == nullptr || model == nullptr) return;
  const auto& known = vocabulary_.variants;
  if (variant->text() == own->text() || std::ranges::find(known, variant->text()) == known.end()) {
    return;
  }
  const Settings set = applicable(file_, settings);
  Problems ignored;  // what is wrong with options is told when the experiment is resolved
  const Node options = vocabulary_.resolve_model(variant->text(), Node::map(), ignored);
  for (const Node::Entry& entry : written->entries()) {
    const std::string key = "model." + entry.key;
    const bool is_set = std::ranges::any_of(set, [&](const Setting& each) {
      return each.key == "model" || each.key == key || each.key.starts_with(key + ".");
    });
    if (is_set || options.find(entry.key) != nullptr) continue;
    remove_key(*model, entry.key);
    std::string note = text("the base's ", key, " is left out where variant is ", variant->text(),
                            ", which has no such option");
    if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(std::move(note));
  }
}

void Plan::add(SweepPoint point) {
  if (!ids_.insert(point.runs.front().id).second) return;
  points_.push_back(std::move(point));
}

std::size_t Plan::size() const {
  if (!file_.tpe) return points_.size();
  return searches_.size() * static_cast<std::size_t>(file_.tpe->draws.count);
}

std::size_t Plan::seeds() const { return file_.seeds.size(); }

std::size_t Plan::runs_at_a_time() const {
  if (!file_.tpe) return runs();
  return std::min(runs(), static_cast<std::size_t>(file_.tpe->parallel) * seeds());
}

bool Plan::search(const std::vector<std::optional<double>>& values) {
  bool more = false;
  for (std::size_t s = 0; s < searches_.size(); ++s) {
    while (suggest_next(s, values)) more = true;
    // One after another, so that the order of all points is the file's, and not the clock's.
    if (suggested_[s] < static_cast<std::size_t>(file_.tpe->draws.count)) break;
  }
  return more;
}

bool Plan::suggest_next(std::size_t s, const std::vector<std::optional<double>>& values) {
  const Search& search = *file_.tpe;
  const auto count = static_cast<std::size_t>(search.draws.count),
             start = static_cast<std::size_t>(search.start),
             parallel = static_cast<std::size_t>(search.parallel);
  const std::size_t number = suggested_[s];
  if (number == count) return false;
  // Not what is known at this moment, which the clock decides, but what must be known.
  const std::size_t needed = number < std::max(start, parallel) ? 0 : number + 1 - parallel;
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < points_.size() && trials.size() < needed; ++i) {
    if (points_[i].search != s) continue;
    if (i >= values.size() || !values[i]) return false;
    trials.push_back({points_[i].coordinates, *values[i]});
  }
  std::vector<std::size_t> choices;
  for (const auto& [key, from] : search.draws.keys) choices.push_back(from.choices());
  std::vector<double> at = Tpe(choices, search.start, file_.seed).suggest(number, trials);
  for (std::size_t k = 0; k < at.size(); ++k) at[k] = search.draws.keys[k].second.centre(at[k]);
  Settings settings = searches_[s];
  const Settings chosen = settings_at(search.draws, at);
  settings.insert(settings.end(), chosen.begin(), chosen.end());
  Problems problems;
  auto point = resolve(settings, problems);
  problems.throw_if_any();
  point->coordinates = std::move(at);
  point->search = s;
  points_.push_back(std::move(*point));  // the same again is a trial all the same
  ++suggested_[s];
  return true;
}

}  // namespace hourglass
