#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/option_table.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>

namespace hourglass::config {
namespace {

const void* at(const void* options, std::size_t offset) {
  return static_cast<const std::byte*>(options) + offset;
}

void* at(void* options, std::size_t offset) { return static_cast<std::byte*>(options) + offset; }

const AlternativeType* alternative_named(const OneOfType& type, std::string_view name) {
  const auto found = std::ranges::find(type.alternatives, name, &AlternativeType::name);
  return found == type.alternatives.end() ? nullptr : &*found;
}

const AlternativeType& held(const OneOfType& type, const void* variant) {
  return type.alternatives[type.index(variant)];
}

bool has_option(const AlternativeType& alternative, const std::string& option) {
  return std::ranges::count(alternative.options(), option) > 0;
}

// Ends the message about an option that stands beside the alternative it belongs to.
std::string braces(std::string_view alternative, const std::string& option) {
  return text("; it is an option of ", alternative, ", whose options have braces of their own: {",
              alternative, ": {", option, ": ...}}");
}

void report_unknown_name(const OneOfType& type, const std::string& name, const Place& place,
                         const std::string& path, Problems& problems) {
  problems.add(place,
               text("unknown name ", shown(name), " for ", path, suggestion(name, names_of(type))));
}

std::string second_choice(const std::string& path, const std::string& first,
                          const std::string& second) {
  return text(path, " has ", shown(first), " already, got ", shown(second), " as well; keep one");
}

std::string name_of(const EnumType& type, const void* value) {
  const std::int64_t number = type.get(value);
  for (const auto& [name, listed] : type.names) {
    if (listed == number) return name;
  }
  return "";
}

bool read_enum(const EnumType& type, const Rule& rule, const Node& node, const std::string& path,
               Problems& problems, void* value) {
  std::string read;
  if (!Codec<std::string>::read(node, path, problems, read) ||
      !config::check(rule, read, node, path, problems)) {
    return false;
  }
  for (const auto& [name, number] : type.names) {
    if (name == read) type.set(value, number);
  }
  return true;
}

}  // namespace

std::vector<std::string> names_of(const OneOfType& type) {
  std::vector<std::string> names;
  for (const AlternativeType& each : type.alternatives) names.emplace_back(each.name);
  return names;
}

bool read_one_of(const OneOfType& type, const Node& node, const std::string& path,
                 Problems& problems, void* variant) {
  if (node.is_scalar()) {
    if (const AlternativeType* named = alternative_named(type, node.text())) {
      return named->read(Node().at(node.place()), join(path, named->name), problems, variant);
    }
    report_unknown_name(type, node.text(), node.place(), path, problems);
    return false;
  }
  if (!node.is_map() || node.entries().empty()) {
    return wrong(node, path, problems, "one of " + joined(names_of(type)));
  }
  const Node::Entry& first = node.entries().front();
  const AlternativeType* named = alternative_named(type, first.key);
  bool good = false;
  if (named != nullptr) {
    good = named->read(first.value, join(path, named->name), problems, variant);
  } else {
    report_unknown_name(type, first.key, first.place, path, problems);
  }
  for (std::size_t i = 1; i < node.entries().size(); ++i) {
    const Node::Entry& more = node.entries()[i];
    problems.add(more.place, named != nullptr && has_option(*named, more.key)
                                 ? text("unknown key ", shown(more.key), " in ", path,
                                        braces(first.key, more.key))
                                 : second_choice(path, first.key, more.key));
    good = false;
  }
  return good;
}

Node write_one_of(const OneOfType& type, const void* variant) {
  Node node = Node::map();
  node.set(std::string(held(type, variant).name), type.write(variant));
  return node;
}

void document_one_of(const OneOfType& type, const std::string& name, const void* variant,
                     std::vector<OptionRow>& rows) {
  for (const AlternativeType& each : type.alternatives) {
    each.document(join(name, each.name), variant, rows);
  }
}

bool OptionTable::Field::read(const Node& node, const std::string& path, Problems& problems,
                              void* options) const {
  void* value = at(options, offset);
  if (type == nullptr) return read_enum(names, rules[0], node, path, problems, value);
  // One fault a value: a rule that builds on a broken one says nothing new.
  return type->read(node, path, problems, value) &&
         std::ranges::all_of(rules, [&](const Rule& rule) {
           return type->check(rule, value, node, path, problems);
         });
}

Node OptionTable::Field::write(const void* options) const {
  const void* value = at(options, offset);
  return type == nullptr ? Node::string(name_of(names, value)) : type->write(value);
}

void OptionTable::Field::document(const std::string& prefix, const void* defaults,
                                  std::vector<OptionRow>& rows) const {
  const void* value = at(defaults, offset);
  OptionRow& here = rows.emplace_back(row);
  here.name = join(prefix, row.name);
  if (!required) {
    if (type == nullptr) {
      here.standard = name_of(names, value);
    } else {
      here.standard =
          type->standard != nullptr ? type->standard(value) : emit_in_line(type->write(value));
    }
  }
  if (type != nullptr && type->document != nullptr) {
    type->document(join(prefix, row.name), value, rows);
  }
}

void OptionTable::add(std::string_view name, std::size_t offset, const OptionType& type,
                      std::string_view meaning, std::vector<Rule> rules) {
  Field field{{std::string(name), type.name(), "", "", std::string(meaning)},
              offset,
              &type,
              std::move(rules),
              {}};
  if (type.choices != nullptr) field.row.choices = type.choices();
  for (const Rule& rule : field.rules) {
    field.row.range += (field.row.range.empty() ? "" : " and ") + rule.range;
    field.row.ends.insert(field.row.ends.end(), rule.ends.begin(), rule.ends.end());
    field.row.choices.insert(field.row.choices.end(), rule.choices.begin(), rule.choices.end());
  }
  fields_.push_back(std::move(field));
}

void OptionTable::add(std::string_view name, std::size_t offset, EnumType type,
                      std::string_view meaning) {
  std::vector<std::string> choices;
  for (const auto& [choice, number] : type.names) choices.push_back(choice);
  const Rule rule = one_of(choices);
  fields_.push_back({{std::string(name), "name", "", rule.range, std::string(meaning), {}, choices},
                     offset,
                     nullptr,
                     {rule},
                     std::move(type)});
}

void OptionTable::require_last() { fields_.back().required = true; }

void OptionTable::alternatives(std::size_t offset, const OneOfType& type,
                               std::string_view meaning) {
  choice_ = Choice{offset, &type, std::string(meaning)};
}

void OptionTable::shorthand(std::string_view name) { shorthand_ = name; }

void OptionTable::check(std::function<std::string(const void*)> rule) {
  checks_.push_back(std::move(rule));
}

bool OptionTable::read(const Node& node, const std::string& path, Problems& problems,
                       void* options) const {
  const AlternativeType* named = node.is_scalar() ? alternative(node.text()) : nullptr;
  bool good = true;
  if (named != nullptr) {
    good = named->read(Node().at(node.place()), join(path, named->name), problems,
                       at(options, choice_->offset));
  } else if (!node.is_map() && !node.is_null()) {
    const Field* field = find(shorthand_);
    if (!field && node.is_scalar() && choice_) {  // an alternative's name, it seems
      report_unknown_name(*choice_->type, node.text(), node.place(), path, problems);
      return false;
    }
    if (!field) return wrong(node, path, problems, "a map of options");
    good = field->read(node, join(path, shorthand_), problems, options);
  } else {
    good = read_entries(node, path, problems, options);
  }
  if (!good) return false;
  for (const auto& rule : checks_) {
    const std::string fault = rule(options);
    if (fault.empty()) continue;
    problems.add(node.place(), path.empty() ? fault : text(path, " ", fault));
    good = false;
  }
  return good;
}

bool OptionTable::read_entries(const Node& node, const std::string& path, Problems& problems,
                               void* options) const {
  bool good = true;
  for (const Node::Entry& entry : node.entries()) {
    if (const Field* field = find(entry.key)) {
      good &= field->read(entry.value, join(path, entry.key), problems, options);
    } else if (alternative(entry.key) == nullptr) {
      problems.add(entry.place, text("unknown key ", shown(entry.key), path.empty() ? "" : " in ",
                                     path, remedy(node, entry.key)));
      good = false;
    }
  }
  for (const Field& field : fields_) {
    if (!field.required || node.find(field.row.name)) continue;
    problems.add(node.place(),
                 text(join(path, field.row.name), " is missing: ", field.row.meaning));
    good = false;
  }
  return good & read_choice(node, path, problems, options);
}

std::string OptionTable::remedy(const Node& node, const std::string& key) const {
  for (const Node::Entry& entry : node.entries()) {
    const AlternativeType* named = alternative(entry.key);
    if (named != nullptr && has_option(*named, key)) return braces(entry.key, key);
  }
  return suggestion(key, names());
}

bool OptionTable::read_choice(const Node& node, const std::string& path, Problems& problems,
                              void* options) const {
  if (!choice_) return true;
  const Node::Entry* chosen = nullptr;
  bool good = true;
  for (const Node::Entry& entry : node.entries()) {
    const AlternativeType* named = alternative(entry.key);
    if (named == nullptr) continue;
    if (chosen) {
      problems.add(entry.place, second_choice(path, chosen->key, entry.key));
      good = false;
      continue;
    }
    chosen = &entry;
    good &= named->read(entry.value, join(path, entry.key), problems, at(options, choice_->offset));
  }
  if (chosen) return good;
  problems.add(node.place(), text(path, " needs one of ", joined(names_of(*choice_->type))));
  return false;
}

Node OptionTable::write(const void* options) const {
  // What has one option only is written short, as people write it.
  if (fields_.size() == 1 && !choice_ && fields_[0].row.name == shorthand_) {
    return fields_[0].write(options);
  }
  Node node = choice_ ? write_one_of(*choice_->type, at(options, choice_->offset)) : Node::map();
  for (const Field& field : fields_) node.set(field.row.name, field.write(options));
  return node;
}

std::vector<OptionRow> OptionTable::document(const std::string& prefix,
                                             const void* defaults) const {
  std::vector<OptionRow> rows;
  if (choice_) {
    const std::vector<std::string> choices = names_of(*choice_->type);
    rows.push_back({prefix, "one of " + joined(choices), "", "", choice_->meaning, {}, choices});
    document_one_of(*choice_->type, prefix, at(defaults, choice_->offset), rows);
  }
  for (const Field& field : fields_) field.document(prefix, defaults, rows);
  return rows;
}

std::vector<std::string> OptionTable::names() const {
  std::vector<std::string> names;
  if (choice_) names = names_of(*choice_->type);
  for (const Field& field : fields_) names.push_back(field.row.name);
  return names;
}

const OptionTable::Field* OptionTable::find(const std::string& name) const {
  const auto found =
      std::ranges::find_if(fields_, [&](const Field& field) { return field.row.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

const AlternativeType* OptionTable::alternative(const std::string& name) const {
  return choice_ ? alternative_named(*choice_->type, name) : nullptr;
}

}  // namespace hourglass::config
