#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>

#include <algorithm>
#include <array>

namespace hourglass::config {

namespace {

using Kind = Schedule::Kind;
using Unit = Schedule::Unit;

const std::vector<std::string> kKinds{"constant", "linear", "cosine",
                                      "cyclic",   "step",   "exponential"};

bool ends_somewhere(Kind kind) {
  return kind == Kind::Linear || kind == Kind::Cosine || kind == Kind::Cyclic;
}
bool has_factor(Kind kind) { return kind == Kind::Step || kind == Kind::Exponential; }

Kind kind_of(const std::string& name) {
  static constexpr std::array<Kind, 6> kOrder{Kind::Constant, Kind::Linear, Kind::Cosine,
                                              Kind::Cyclic,   Kind::Step,   Kind::Exponential};
  return kOrder[static_cast<std::size_t>(std::find(kKinds.begin(), kKinds.end(), name) -
                                         kKinds.begin())];
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::Constant: return "constant";
    case Kind::Linear: return "linear";
    case Kind::Cosine: return "cosine";
    case Kind::Cyclic: return "cyclic";
    case Kind::Step: return "step";
    case Kind::Exponential: break;
  }
  return "exponential";
}

const char* name_of(Unit unit) { return unit == Unit::Epochs ? "epochs" : "steps"; }

/// A schedule as a map, key by key; every fault is reported.
class Reader {
 public:
  Reader(const Node& node, const std::string& path, Problems& problems)
      : node_(node), path_(path), problems_(problems) {}

  bool read(Schedule& value) {
    const Node::Entry* kind_entry = find_kind();
    if (!kind_entry) return false;
    const Kind kind = kind_of(kind_entry->key);
    check_keys(kind, kind_entry->key);
    read_values(kind, *kind_entry);
    const double factor = has_factor(kind) ? positive("factor", true) : 1;
    const auto [over, unit] = length("", kind != Kind::Constant);
    const auto [warmup, warmup_unit] = length("warmup_", false);
    if (!good_) return false;
    value = made(kind, factor, over, unit);
    if (warmup > 0) value = value.warmed_up(warmup, warmup_unit);
    return true;
  }

 private:
  void fault(const Place& place, std::string message) {
    problems_.add(place, std::move(message));
    good_ = false;
  }

  const Node::Entry* find_kind() {
    const Node::Entry* found = nullptr;
    for (const Node::Entry& entry : node_.entries()) {
      if (std::find(kKinds.begin(), kKinds.end(), entry.key) == kKinds.end()) continue;
      if (found) {
        fault(entry.place,
              text(path_, " is ", found->key, " already, got ", entry.key, " as well; keep one"));
      } else {
        found = &entry;
      }
    }
    if (!found) {
      std::string meant;
      for (const Node::Entry& entry : node_.entries()) {
        if (meant.empty()) meant = nearest(entry.key, kKinds);
      }
      fault(node_.place(),
            text(path_, " must be a number or one of the schedules ", joined(kKinds), ", got ",
                 shown(node_), meant.empty() ? "" : text("; did you mean \"", meant, "\"?")));
    }
    return found;
  }

  void check_keys(Kind kind, const std::string& kind_name) {
    std::vector<std::string> valid{kind_name};
    if (has_factor(kind)) valid.push_back("factor");
    if (kind != Kind::Constant) valid.insert(valid.end(), {"epochs", "steps"});
    valid.insert(valid.end(), {"warmup_epochs", "warmup_steps"});
    for (const Node::Entry& entry : node_.entries()) {
      const bool is_kind = std::find(kKinds.begin(), kKinds.end(), entry.key) != kKinds.end();
      if (is_kind || std::find(valid.begin(), valid.end(), entry.key) != valid.end()) continue;
      fault(entry.place,
            text("unknown key ", shown(entry.key), " in ", path_, suggestion(entry.key, valid)));
    }
  }

  void read_values(Kind kind, const Node::Entry& entry) {
    const std::string path = join(path_, entry.key);
    if (!ends_somewhere(kind)) {
      good_ &= read_number(entry.value, path, problems_, from_);
      return;
    }
    if (!entry.value.is_list() || entry.value.items().size() != 2) {
      good_ = wrong(entry.value, path, problems_, "[from, to]");
      return;
    }
    good_ &= read_number(entry.value.items()[0], join(path, "0"), problems_, from_);
    good_ &= read_number(entry.value.items()[1], join(path, "1"), problems_, to_);
  }

  /// A number > 0; 0 when the key is left out.
  double positive(const std::string& key, bool required) {
    double value = 0;
    const Node* node = node_.find(key);
    if (!node) {
      if (required) fault(node_.place(), text(path_, " needs ", key, ": a number > 0"));
      return value;
    }
    const std::string path = join(path_, key);
    good_ &= read_number(*node, path, problems_, value) &&
             check(greater_than(0), value, *node, path, problems_);
    return value;
  }

  /// A length in epochs or steps.
  std::pair<double, Unit> length(const std::string& prefix, bool required) {
    const std::string epochs = prefix + "epochs";
    const std::string steps = prefix + "steps";
    if (node_.find(epochs) && node_.find(steps)) {
      fault(node_.place(), text(path_, " has both ", epochs, " and ", steps, "; keep one"));
    } else if (required && !node_.find(epochs) && !node_.find(steps)) {
      fault(node_.place(), text(path_, " needs a length: ", epochs, " or ", steps));
    }
    const Unit unit = node_.find(epochs) ? Unit::Epochs : Unit::Steps;
    return {positive(prefix + name_of(unit), false), unit};
  }

  Schedule made(Kind kind, double factor, double over, Unit unit) const {
    switch (kind) {
      case Kind::Constant: break;
      case Kind::Linear: return Schedule::linear(from_, to_, over, unit);
      case Kind::Cosine: return Schedule::cosine(from_, to_, over, unit);
      case Kind::Cyclic: return Schedule::cyclic(from_, to_, over, unit);
      case Kind::Step: return Schedule::step(from_, factor, over, unit);
      case Kind::Exponential: return Schedule::exponential(from_, factor, over, unit);
    }
    return Schedule(from_);
  }

  const Node& node_;
  const std::string& path_;
  Problems& problems_;
  bool good_ = true;
  double from_ = 0;
  double to_ = 0;
};

}  // namespace

bool Codec<Schedule>::read(const Node& node, const std::string& path, Problems& problems,
                           Schedule& value) {
  if (node.is_map()) return Reader(node, path, problems).read(value);
  if (!node.is_scalar()) return wrong(node, path, problems, "a number or a schedule");
  double number = 0;
  if (!read_number(node, path, problems, number)) return false;
  value = Schedule(number);
  return true;
}

Node Codec<Schedule>::write(const Schedule& value) {
  if (value.is_constant()) return Node::number(value.from());
  Node node = Node::map();
  const Node from = Node::number(value.from());
  const bool range = ends_somewhere(value.kind());
  node.set(name_of(value.kind()), range ? Node::list({from, Node::number(value.to())}) : from);
  if (has_factor(value.kind())) node.set("factor", Node::number(value.factor()));
  if (value.kind() != Kind::Constant) node.set(name_of(value.unit()), Node::number(value.over()));
  if (value.warmup() > 0) {
    node.set(text("warmup_", name_of(value.warmup_unit())), Node::number(value.warmup()));
  }
  return node;
}

}  // namespace hourglass::config
