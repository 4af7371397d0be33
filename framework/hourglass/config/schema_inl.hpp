#pragma once

// The bodies of schema.hpp; include that one.
#include <hourglass/config/schema.hpp>

#include <algorithm>

namespace hourglass {

namespace config {

template <Described T>
struct Codec<T> {
  static std::string type() { return "options"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, T& value) {
    return schema_of<T>().read(node, path, problems, value);
  }
  static Node write(const T& value) { return schema_of<T>().write(value); }
};

/// Sets `value` to the alternative called `name`, read from `node`, and says whether all was well.
/// The alternative that is the default keeps its defaults.
template <Alternative... Ts>
bool read_alternative(const std::string& name, const Node& node, const std::string& path,
                      Problems& problems, std::variant<Ts...>& value) {
  bool good = true;
  const auto attempt = [&]<class T>(T fresh) {
    if (name != T::kName) return;
    if (const T* given = std::get_if<T>(&value)) fresh = *given;
    good = Codec<T>::read(node, join(path, name), problems, fresh);
    value = std::move(fresh);
  };
  (attempt(Ts()), ...);
  return good;
}

/// Ends the message about an option that stands beside the alternative it belongs to.
inline std::string braces(const std::string& alternative, const std::string& option) {
  return text("; it is an option of ", alternative, ", whose options have braces of their own: {",
              alternative, ": {", option, ": ...}}");
}

template <Alternative... Ts>
struct Codec<std::variant<Ts...>> {
  using Value = std::variant<Ts...>;

  static std::vector<std::string> names() { return {Ts::kName...}; }
  static std::string type() { return "one of " + joined(names()); }

  static bool read(const Node& node, const std::string& path, Problems& problems, Value& value) {
    if (node.is_scalar()) {
      return known(node.text(), node.place(), path, problems) &&
             read_alternative(node.text(), Node().at(node.place()), path, problems, value);
    }
    if (!node.is_map() || node.entries().empty()) return wrong(node, path, problems, type());
    const Node::Entry& first = node.entries().front();
    bool good = known(first.key, first.place, path, problems) &&
                read_alternative(first.key, first.value, path, problems, value);
    for (std::size_t i = 1; i < node.entries().size(); ++i) {
      const Node::Entry& more = node.entries()[i];
      problems.add(more.place, has_option(first.key, more.key)
                                   ? text("unknown key ", shown(more.key), " in ", path,
                                          braces(first.key, more.key))
                                   : text(path, " has ", shown(first.key), " already, got ",
                                          shown(more.key), " as well; keep one"));
      good = false;
    }
    return good;
  }

  /// Whether the alternative of that name has an option of that name.
  static bool has_option(const std::string& alternative, const std::string& option) {
    const auto has = [&]<class T>(std::type_identity<T>) {
      if (alternative != T::kName) return false;
      const std::vector<std::string> own = schema_of<T>().names();
      return std::find(own.begin(), own.end(), option) != own.end();
    };
    return (has(std::type_identity<Ts>()) || ...);
  }

  static Node write(const Value& value) {
    Node node = Node::map();
    std::visit([&]<class T>(const T& held) { node.set(T::kName, Codec<T>::write(held)); }, value);
    return node;
  }

 private:
  static bool known(const std::string& name, const Place& place, const std::string& path,
                    Problems& problems) {
    const std::vector<std::string> valid = names();
    if (std::find(valid.begin(), valid.end(), name) != valid.end()) return true;
    problems.add(place, text("unknown name ", shown(name), " for ", path, suggestion(name, valid)));
    return false;
  }
};

/// Appends the rows of one option: `row` says all but the default. Options of options follow, or
/// stand in its place.
template <class T>
void document(OptionRow row, const T& value, std::vector<OptionRow>& rows);

template <class T>
void document_nested(const std::string& name, const T& value, std::vector<OptionRow>& rows) {
  if constexpr (Described<T>) {
    for (OptionRow& row : schema_of<T>().document(name, value)) rows.push_back(std::move(row));
  }
}

template <Alternative... Ts>
void document_nested(const std::string& name, const std::variant<Ts...>& value,
                     std::vector<OptionRow>& rows) {
  const auto add = [&]<class T>(T fresh) {
    if (const T* given = std::get_if<T>(&value)) fresh = *given;
    document_nested(join(name, T::kName), fresh, rows);
  };
  (add(Ts()), ...);
}

template <class T>
void document_nested(const std::string& name, const std::optional<T>& value,
                     std::vector<OptionRow>& rows) {
  document_nested(name, value.value_or(T()), rows);
}

template <class T>
void document_nested(const std::string& name, const std::vector<T>&, std::vector<OptionRow>& rows) {
  document_nested(join(name, "N"), T(), rows);
}

template <class T>
void document(OptionRow row, const T& value, std::vector<OptionRow>& rows) {
  const std::string name = row.name;
  rows.push_back(std::move(row));
  document_nested(name, value, rows);
}

/// The names of a std::variant's alternatives; none for other types.
template <class T>
std::vector<std::string> alternative_names(std::type_identity<T>) {
  return {};
}
template <Alternative... Ts>
std::vector<std::string> alternative_names(std::type_identity<std::variant<Ts...>>) {
  return {Ts::kName...};
}

/// "adam" rather than all of Adam's options, which have rows of their own.
template <class T>
std::string standard_text(const T& value) {
  if constexpr (Described<T>) return "";
  return emit_in_line(Codec<T>::write(value));
}

template <Alternative... Ts>
std::string standard_text(const std::variant<Ts...>& value) {
  return std::visit([]<class T>(const T&) { return std::string(T::kName); }, value);
}

}  // namespace config

template <class Options>
template <class T, class Owner, std::same_as<Rule>... Rules>
Schema<Options>& Schema<Options>::add(std::string name, T Owner::*member, std::string meaning,
                                      Rules... rules) {
  Field field;
  field.name = std::move(name);
  field.meaning = std::move(meaning);
  const std::vector<Rule> all{rules...};
  field.read = [member, all](const Node& node, const std::string& path, Problems& problems,
                             Options& options) {
    T& value = options.*member;
    if (!config::Codec<T>::read(node, path, problems, value)) return false;
    bool good = true;
    for (const Rule& rule : all) {
      // One fault a value: a rule that builds on a broken one says nothing new.
      if constexpr (requires { config::check(rule, value, node, path, problems); }) {
        good = good && config::check(rule, value, node, path, problems);
      } else {
        static_assert(sizeof...(Rules) == 0, "no rule can be checked on this type");
      }
    }
    return good;
  };
  field.write = [member](const Options& options) {
    return config::Codec<T>::write(options.*member);
  };
  OptionRow row{field.name, config::Codec<T>::type(), "", "", field.meaning};
  row.choices = config::alternative_names(std::type_identity<T>());
  for (const Rule& rule : all) {
    row.range += (row.range.empty() ? "" : " and ") + rule.range;
    row.ends.insert(row.ends.end(), rule.ends.begin(), rule.ends.end());
    row.choices.insert(row.choices.end(), rule.choices.begin(), rule.choices.end());
  }
  field.document = [member, row](const std::string& prefix, const Options& defaults,
                                 std::vector<OptionRow>& rows) {
    const T& value = defaults.*member;
    OptionRow here = row;
    here.name = config::join(prefix, row.name);
    here.standard = config::standard_text(value);
    config::document(std::move(here), value, rows);
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class Options>
template <class T, class Owner, std::same_as<Rule>... Rules>
Schema<Options>& Schema<Options>::require(std::string name, T Owner::*member, std::string meaning,
                                          Rules... rules) {
  add(std::move(name), member, std::move(meaning), std::move(rules)...);
  Field& field = fields_.back();
  field.required = true;
  field.document = [inner = field.document](const std::string& prefix, const Options& defaults,
                                            std::vector<OptionRow>& rows) {
    const std::size_t first = rows.size();
    inner(prefix, defaults, rows);
    rows[first].standard.clear();
  };
  return *this;
}

template <class Options>
template <class Enum, class Owner>
requires std::is_enum_v<Enum> Schema<Options>
&Schema<Options>::add(std::string name, Enum Owner::*member, std::string meaning,
                      Names<Enum> names) {
  std::vector<std::string> choices;
  for (const auto& [text, value] : names) choices.push_back(text);
  const Rule rule = one_of(choices);
  const auto name_of = [names](Enum value) {
    for (const auto& [text, listed] : names) {
      if (listed == value) return text;
    }
    return std::string();
  };

  Field field;
  field.name = name;
  field.meaning = meaning;
  field.read = [=](const Node& node, const std::string& path, Problems& problems,
                   Options& options) {
    std::string read;
    if (!config::Codec<std::string>::read(node, path, problems, read) ||
        !config::check(rule, read, node, path, problems)) {
      return false;
    }
    for (const auto& [text, value] : names) {
      if (text == read) options.*member = value;
    }
    return true;
  };
  field.write = [=](const Options& options) { return Node::string(name_of(options.*member)); };
  field.document = [=, range = rule.range](const std::string& prefix, const Options& defaults,
                                           std::vector<OptionRow>& rows) {
    rows.push_back({config::join(prefix, name),
                    "name",
                    name_of(defaults.*member),
                    range,
                    meaning,
                    {},
                    choices});
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class Options>
template <Alternative... Ts, class Owner>
Schema<Options>& Schema<Options>::alternatives(std::variant<Ts...> Owner::*member,
                                               std::string meaning) {
  using Value = std::variant<Ts...>;
  Choice choice;
  choice.names = {Ts::kName...};
  choice.read = [member](const std::string& name, const Node& node, const std::string& path,
                         Problems& problems, Options& options) {
    return config::read_alternative(name, node, path, problems, options.*member);
  };
  choice.has_option = config::Codec<Value>::has_option;
  choice.write = [member](const Options& options, Node& node) {
    const Node written = config::Codec<Value>::write(options.*member);
    node.set(written.entries()[0].key, written.entries()[0].value);
  };
  choice.document = [member, meaning](const std::string& prefix, const Options& defaults,
                                      std::vector<OptionRow>& rows) {
    rows.push_back({prefix, config::Codec<Value>::type(), "", "", meaning, {}, {Ts::kName...}});
    config::document_nested(prefix, defaults.*member, rows);
  };
  choices_.push_back(std::move(choice));
  return *this;
}

template <class Options>
Schema<Options>& Schema<Options>::shorthand(std::string name) {
  shorthand_ = std::move(name);
  return *this;
}

template <class Options>
Schema<Options>& Schema<Options>::check(std::function<std::string(const Options&)> rule) {
  checks_.push_back(std::move(rule));
  return *this;
}

template <class Options>
Options Schema<Options>::read(const Node& node, Problems& problems, const std::string& path) const {
  Options options;
  read(node, path, problems, options);
  return options;
}

template <class Options>
bool Schema<Options>::read(const Node& node, const std::string& path, Problems& problems,
                           Options& value) const {
  bool good = true;
  if (node.is_scalar() && is_alternative(node.text())) {
    good = choices_[0].read(node.text(), Node().at(node.place()), path, problems, value);
  } else if (!node.is_map() && !node.is_null()) {
    const Field* field = find(shorthand_);
    if (!field && node.is_scalar() && !choices_.empty()) {  // an alternative's name, it seems
      problems.add(node.place(), text("unknown name ", config::shown(node.text()), " for ", path,
                                      config::suggestion(node.text(), choices_[0].names)));
      return false;
    }
    if (!field) return config::wrong(node, path, problems, "a map of options");
    good = field->read(node, config::join(path, shorthand_), problems, value);
  } else {
    good = read_entries(node, path, problems, value);
  }
  if (!good) return false;
  for (const auto& rule : checks_) {
    const std::string fault = rule(value);
    if (fault.empty()) continue;
    problems.add(node.place(), path.empty() ? fault : text(path, " ", fault));
    good = false;
  }
  return good;
}

template <class Options>
bool Schema<Options>::read_entries(const Node& node, const std::string& path, Problems& problems,
                                   Options& value) const {
  bool good = true;
  for (const Node::Entry& entry : node.entries()) {
    if (const Field* field = find(entry.key)) {
      good &= field->read(entry.value, config::join(path, entry.key), problems, value);
    } else if (!is_alternative(entry.key)) {
      problems.add(entry.place, text("unknown key ", config::shown(entry.key),
                                     path.empty() ? "" : " in ", path, remedy(node, entry.key)));
      good = false;
    }
  }
  for (const Field& field : fields_) {
    if (!field.required || node.find(field.name)) continue;
    problems.add(node.place(),
                 text(config::join(path, field.name), " is missing: ", field.meaning));
    good = false;
  }
  return good & read_choice(node, path, problems, value);
}

template <class Options>
std::string Schema<Options>::remedy(const Node& node, const std::string& key) const {
  for (const Node::Entry& entry : node.entries()) {
    if (is_alternative(entry.key) && choices_[0].has_option(entry.key, key)) {
      return config::braces(entry.key, key);
    }
  }
  return config::suggestion(key, names());
}

template <class Options>
bool Schema<Options>::read_choice(const Node& node, const std::string& path, Problems& problems,
                                  Options& value) const {
  if (choices_.empty()) return true;
  const Node::Entry* chosen = nullptr;
  bool good = true;
  for (const Node::Entry& entry : node.entries()) {
    if (!is_alternative(entry.key)) continue;
    if (chosen) {
      problems.add(entry.place, text(path, " has ", config::shown(chosen->key), " already, got ",
                                     config::shown(entry.key), " as well; keep one"));
      good = false;
      continue;
    }
    chosen = &entry;
    good &= choices_[0].read(entry.key, entry.value, path, problems, value);
  }
  if (chosen) return good;
  problems.add(node.place(), text(path, " needs one of ", config::joined(choices_[0].names)));
  return false;
}

template <class Options>
config::Node Schema<Options>::write(const Options& options) const {
  // What has one option only is written short, as people write it.
  if (fields_.size() == 1 && choices_.empty() && fields_[0].name == shorthand_) {
    return fields_[0].write(options);
  }
  Node node = Node::map();
  for (const Choice& choice : choices_) choice.write(options, node);
  for (const Field& field : fields_) node.set(field.name, field.write(options));
  return node;
}

template <class Options>
std::vector<OptionRow> Schema<Options>::document(const std::string& prefix,
                                                 const Options& defaults) const {
  std::vector<OptionRow> rows;
  for (const Choice& choice : choices_) choice.document(prefix, defaults, rows);
  for (const Field& field : fields_) field.document(prefix, defaults, rows);
  return rows;
}

template <class Options>
std::vector<std::string> Schema<Options>::names() const {
  std::vector<std::string> names;
  for (const Choice& choice : choices_) names = choice.names;
  for (const Field& field : fields_) names.push_back(field.name);
  return names;
}

template <class Options>
const typename Schema<Options>::Field* Schema<Options>::find(const std::string& name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

template <class Options>
bool Schema<Options>::is_alternative(const std::string& name) const {
  if (choices_.empty()) return false;
  const std::vector<std::string>& names = choices_[0].names;
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace hourglass
