#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/experiment/objective.hpp>
#include <hourglass/sweep/sweep_file.hpp>

#include <algorithm>
#include <map>

namespace hourglass {

namespace fs = std::filesystem;
using config::Node;
using config::Problems;

namespace {

constexpr int kMostDraws = 100'000;

enum class Goal { ByName, Minimise, Maximise };

/// `sweep` as it is written; blocks whose keys are an experiment's are read by hand.
struct Section {
  Node grid, zip, random, sobol, tpe, when;
  std::optional<std::vector<std::int64_t>> seeds;
  std::int64_t seed = 1;
  std::optional<HalvingOptions> halving;
  std::string metric;
  Goal goal = Goal::ByName;

  static void describe(Schema<Section>& schema) {
    schema.add("grid", &Section::grid, "every combination of these keys' values");
    schema.add("zip", &Section::zip, "the first values of these keys, then the second, and so on");
    schema.add("random", &Section::random, "`count` draws of these keys");
    schema.add("sobol", &Section::sobol, "the same, spread evenly");
    schema.add("tpe", &Section::tpe, "the same, where earlier points were good");
    schema.add("seeds", &Section::seeds, "each point runs once with each; null: the base's",
               at_least(0), not_empty());
    schema.add("seed", &Section::seed, "of what is drawn", at_least(0));
    schema.add("when", &Section::when, "keys that are set only where others have certain values");
    schema.add("halving", &Section::halving, "ends hopeless points early; null: none");
    schema.add("metric", &Section::metric,
               "what searches and halving go by; empty: validation/loss, or without a validation "
               "split train/loss");
    schema.add(
        "goal", &Section::goal, "whether less of it is better; by_name: as its name tells",
        Names<Goal>{
            {"by_name", Goal::ByName}, {"minimise", Goal::Minimise}, {"maximise", Goal::Maximise}});
  }
};

struct Written {
  std::string name;
  Node base, set;
  Section sweep;

  static void describe(Schema<Written>& schema) {
    schema.require("name", &Written::name, "what the sweep is called", file_name());
    schema.require("base", &Written::base, "an experiment: the path of its file, or itself");
    schema.add("set", &Written::set, "keys of the experiment that are set for every run");
    schema.require("sweep", &Written::sweep, "what is varied");
  }
};

/// Whether a key may be set by a sweep; if not, why is told at its place.
bool check_key(const Node::Entry& entry, const std::string& path, Problems& problems) {
  if (entry.key == "seed") {
    problems.add(entry.place, text(path, ".seed: the seeds of runs are listed in sweep.seeds"));
    return false;
  }
  if (entry.key == "name") {
    problems.add(entry.place, text(path, ".name: runs have the name of their sweep"));
    return false;
  }
  return true;
}

std::vector<Axis> read_axes(const Node& node, const std::string& path, Problems& problems) {
  std::vector<Axis> axes;
  if (node.is_null()) return axes;
  if (!node.is_map()) {
    config::wrong(node, path, problems, "a map of keys, each with a list of values");
    return axes;
  }
  for (const Node::Entry& entry : node.entries()) {
    if (!check_key(entry, path, problems)) continue;
    if (!entry.value.is_list() || entry.value.items().empty()) {
      config::wrong(entry.value, config::join(path, entry.key), problems,
                    "a list of one value or more");
      continue;
    }
    axes.push_back({entry.key, entry.value.items()});
  }
  return axes;
}

void check_lengths(const std::vector<Axis>& zip, const Node& node, Problems& problems) {
  for (const Axis& axis : zip) {
    if (axis.values.size() == zip.front().values.size()) continue;
    problems.add(
        node.find(axis.key)->place(),
        text("sweep.zip: lists go together, and must be of one length; ", zip.front().key, " has ",
             zip.front().values.size(), " values, ", axis.key, " has ", axis.values.size()));
  }
}

/// Reads what is drawn; `more` reads the keys of the block that are none of the experiment's, and
/// says whether it knows the key.
template <class More>
std::optional<Draws> read_draws(const Node& node, const std::string& path, Problems& problems,
                                More&& more) {
  if (node.is_null()) return {};
  if (!node.is_map()) {
    config::wrong(node, path, problems, "a map: count, and keys with what they are drawn from");
    return {};
  }
  Draws draws;
  const auto whole = [&](const Node::Entry& entry, int least, int& value) {
    std::int64_t read = value;
    if (config::read_whole(entry.value, config::join(path, entry.key), problems, least, kMostDraws,
                           read)) {
      value = static_cast<int>(read);
    }
  };
  for (const Node::Entry& entry : node.entries()) {
    if (entry.key == "count") {
      whole(entry, 1, draws.count);
    } else if (more(entry, whole)) {
    } else if (check_key(entry, path, problems)) {
      auto from = Distribution::read(entry.value, config::join(path, entry.key), problems);
      if (from) draws.keys.emplace_back(entry.key, std::move(*from));
    }
  }
  if (node.find("count") == nullptr) {
    problems.add(node.place(), text(path, " needs count, the number of draws"));
  }
  if (draws.keys.empty() && problems.empty()) {
    problems.add(node.place(), text(path, " names no key that is drawn"));
  }
  return draws;
}

std::optional<Draws> read_draws(const Node& node, const std::string& path, Problems& problems) {
  return read_draws(node, path, problems, [](const auto&, const auto&) { return false; });
}

std::optional<Search> read_search(const Node& node, Problems& problems) {
  Search search;
  auto draws = read_draws(node, "sweep.tpe", problems, [&](const Node::Entry& entry, auto& whole) {
    if (entry.key == "start") return whole(entry, 2, search.start), true;
    if (entry.key == "parallel") return whole(entry, 1, search.parallel), true;
    return false;
  });
  if (!draws) return {};
  search.draws = std::move(*draws);
  return search;
}

std::vector<Condition> read_conditions(const Node& node, Problems& problems) {
  std::vector<Condition> conditions;
  if (node.is_null()) return conditions;
  if (!node.is_map()) {
    config::wrong(node, "sweep.when", problems, "a map, such as {model.beta: {variant: vae}}");
    return conditions;
  }
  for (const Node::Entry& entry : node.entries()) {
    const std::string path = config::join("sweep.when", entry.key);
    if (!entry.value.is_map() || entry.value.entries().empty()) {
      config::wrong(entry.value, path, problems, "a map, such as {variant: [vae, vanilla]}");
      continue;
    }
    for (const Node::Entry& other : entry.value.entries()) {
      const Node& value = other.value;
      conditions.push_back(
          {entry.key, other.key, value.is_list() ? value.items() : std::vector<Node>{value}});
    }
  }
  return conditions;
}

Settings read_settings(const Node& node, Problems& problems) {
  Settings settings;
  if (node.is_null()) return settings;
  if (!node.is_map()) {
    config::wrong(node, "set", problems, "a map of keys and their values");
    return settings;
  }
  for (const Node::Entry& entry : node.entries()) {
    if (check_key(entry, "set", problems)) settings.push_back({entry.key, entry.value});
  }
  return settings;
}

/// The base experiment itself.
Node read_base(const Node& base, const fs::path& sweep, Problems& problems) {
  if (base.is_map()) return base;
  if (!base.is_scalar() || base.text().empty()) {
    config::wrong(base, "base", problems, "the path of an experiment file, or an experiment");
    return {};
  }
  Node root = config::parse_file(sweep.parent_path() / base.text(), problems);
  if (root.is_map() && root.find("sweep") == nullptr) return root;
  problems.add(base.place(), text("base: ", base.text(),
                                  root.is_map() ? " is a sweep itself" : " is no experiment"));
  return {};
}

/// A key in two blocks would be set twice.
void refuse_repeated(const SweepFile& sweep, const Node& root, Problems& problems) {
  const std::vector<std::string> keys = sweep.keys();
  std::map<std::string, std::string> seen;
  const auto look = [&](const std::string& block, const Node* node) {
    if (node == nullptr) return;
    for (const Node::Entry& entry : node->entries()) {
      if (std::ranges::find(keys, entry.key) == keys.end()) continue;
      const auto [at, fresh] = seen.emplace(entry.key, block);
      if (fresh) continue;
      problems.add(entry.place,
                   text(entry.key, " is varied in ", at->second, " already, and again in ", block));
    }
  };
  const Node* section = root.find("sweep");
  for (const char* block : {"grid", "zip", "random", "sobol", "tpe"}) {
    look(text("sweep.", block), section->find(block));
  }
}

/// What a key may be in the points of a sweep; nothing where these are numbers that are drawn, or
/// the base leaves it to its default.
std::optional<std::vector<Node>> values_in(const SweepFile& sweep, const std::string& key) {
  for (const auto* axes : {&sweep.grid, &sweep.zip}) {
    const auto axis = std::ranges::find(*axes, key, &Axis::key);
    if (axis != axes->end()) return axis->values;
  }
  const auto keys = sweep.keys();
  if (std::ranges::find(keys, key) != keys.end()) return {};
  const auto set = std::ranges::find(sweep.set, key, &Setting::key);
  if (set != sweep.set.end()) return std::vector<Node>{set->value};
  const Node* written = config::value_at(sweep.base, key);
  return written == nullptr ? std::optional<std::vector<Node>>() : std::vector<Node>{*written};
}

/// A restricted key that nobody sets is a slip of the pen, and so is a name that no point has, but
/// for a letter or two. (Any other may be of points that were taken out of the sweep.)
void check_conditions(const SweepFile& sweep, const Node& when, Problems& problems) {
  const auto is_set = [&](const std::string& key) {
    const auto keys = sweep.keys();
    return std::ranges::find(keys, key) != keys.end() ||
           std::ranges::find(sweep.set, key, &Setting::key) != sweep.set.end();
  };
  for (const Node::Entry& entry : when.entries()) {
    if (is_set(entry.key)) continue;
    problems.add(entry.place, text("sweep.when restricts ", config::shown(entry.key),
                                   ", which neither sweep nor set gives a value"));
  }
  for (const Condition& condition : sweep.when) {
    const auto values = values_in(sweep, condition.other);
    if (!values || !is_set(condition.key)) continue;
    for (const Node& each : condition.values) {
      const auto same = [&](const Node& other) { return same_value(each, other); };
      if (std::ranges::any_of(*values, same)) continue;
      std::vector<std::string> there;
      for (const Node& other : *values) there.push_back(config::emit_in_line(other));
      const std::string wanted = config::emit_in_line(each);
      if (each.to_number() || config::nearest(wanted, there).empty()) continue;
      problems.add(each.place(), text("sweep.when: ", condition.other, " is ", wanted,
                                      " in no point", config::suggestion(wanted, there)));
    }
  }
}

/// Variants minimise each its own loss, of which none is better than another's.
void refuse_different_losses(const SweepFile& sweep, const Node& root, Problems& problems) {
  const auto keys = sweep.keys();
  if (std::ranges::find(keys, "variant") == keys.end()) return;
  const bool loss = sweep.metric.empty() || is_loss(sweep.metric);
  const bool searched =
      sweep.tpe && std::ranges::any_of(sweep.tpe->draws.keys,
                                       [](const auto& each) { return each.first == "variant"; });
  for (const auto& [is_asked, block] :
       {std::pair(searched, "tpe"), std::pair(sweep.halving.has_value(), "halving")}) {
    if (!is_asked || !loss) continue;
    problems.add(root.find("sweep")->find(block)->place(),
                 text("sweep.", block,
                      " would compare the losses of different variants, which are "
                      "different things; set sweep.metric to a measure, or do not vary variant"));
  }
}

std::string name_of_file(const fs::path& path) {
  std::string name = path.stem().string();
  return file_name().text(name) ? name : "sweep";
}

/// Everything with its default, and the base in its place.
Node resolved(const Written& written, const Node& base) {
  Written whole = written;
  whole.base = base;
  return schema_of<Written>().write(whole);
}

}  // namespace

bool same_value(const Node& a, const Node& b) {
  if (a.is_scalar() && b.is_scalar()) return a.text() == b.text();
  return a == b;
}

void HalvingOptions::describe(Schema<HalvingOptions>& schema) {
  schema.add("first", &HalvingOptions::first, "epochs before points are compared", at_least(1));
  schema.add("factor", &HalvingOptions::factor,
             "one in so many goes on, to so many times the epochs", at_least(2));
}

std::vector<std::string> SweepFile::keys() const {
  std::vector<std::string> out;
  const auto add = [&](const std::string& key) {
    if (std::ranges::find(out, key) == out.end()) out.push_back(key);
  };
  for (const auto* axes : {&grid, &zip}) {
    for (const Axis& axis : *axes) add(axis.key);
  }
  const auto add_draws = [&](const Draws& draws) {
    for (const auto& [key, from] : draws.keys) add(key);
  };
  if (random) add_draws(*random);
  if (sobol) add_draws(*sobol);
  if (tpe) add_draws(tpe->draws);
  return out;
}

bool is_sweep_file(const fs::path& path) {
  try {
    Problems problems;
    const Node root = config::parse_file(path, problems);
    return root.find("sweep") != nullptr;
  } catch (const Error&) {
    return false;
  }
}

SweepFile read_sweep(const fs::path& path, Problems& problems) {
  Node root = config::parse_file(path, problems);
  if (root.is_null()) root = Node::map(root.place());
  if (root.is_map() && !root.find("name")) root.set("name", Node::string(name_of_file(path)));
  if (root.is_map() && !root.find("base") && !root.find("sweep") && root.find("variant")) {
    problems.add(root.place(),
                 "this is one experiment, not a sweep of several; `hourglass run` runs it, "
                 "and a sweep names it as its base");
    return {};
  }
  const Written written = schema_of<Written>().read(root, problems);
  const Section& section = written.sweep;
  SweepFile sweep;
  sweep.name = written.name;
  if (!written.base.is_null()) sweep.base = read_base(written.base, path, problems);
  if (sweep.base.is_map()) write_out_dataset(sweep.base);
  sweep.set = read_settings(written.set, problems);
  sweep.grid = read_axes(section.grid, "sweep.grid", problems);
  sweep.zip = read_axes(section.zip, "sweep.zip", problems);
  if (!sweep.zip.empty()) check_lengths(sweep.zip, section.zip, problems);
  sweep.random = read_draws(section.random, "sweep.random", problems);
  sweep.sobol = read_draws(section.sobol, "sweep.sobol", problems);
  sweep.tpe = read_search(section.tpe, problems);
  if (section.seeds) sweep.seeds = *section.seeds;
  sweep.seed = static_cast<std::uint64_t>(section.seed);
  sweep.when = read_conditions(section.when, problems);
  sweep.halving = section.halving;
  sweep.metric = section.metric;
  if (!section.metric.empty()) sweep.metric_place = root.find("sweep")->find("metric")->place();
  const Direction direction = direction_of(section.metric.empty() ? "loss" : section.metric);
  if (section.goal == Goal::ByName && direction == Direction::Unknown) {
    const std::vector<std::string> losses = {"train/loss", "validation/loss", "test/loss"};
    const std::string meant = config::nearest(section.metric, losses);
    problems.add(sweep.metric_place,
                 meant.empty() ? text("sweep.metric: which way ", config::shown(section.metric),
                                      " is better is not known; say goal: minimise or maximise")
                               : text("unknown sweep.metric ", config::shown(section.metric),
                                      "; did you mean ", config::shown(meant), "?"));
  }
  sweep.lower_is_better = section.goal == Goal::Minimise ||
                          (section.goal == Goal::ByName && direction == Direction::Lower);
  if (root.find("sweep") != nullptr) refuse_repeated(sweep, root, problems);
  check_conditions(sweep, section.when, problems);
  refuse_different_losses(sweep, root, problems);
  std::vector<std::int64_t> once;
  for (const std::int64_t seed : sweep.seeds) {
    if (std::ranges::find(once, seed) == once.end()) once.push_back(seed);
  }
  if (once.size() < sweep.seeds.size()) {
    problems.add(root.find("sweep")->find("seeds")->place(), "sweep.seeds has a seed twice");
  }
  sweep.node = resolved(written, sweep.base);
  return sweep;
}

}  // namespace hourglass
