#pragma once

#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/option_table.hpp>
#include <hourglass/config/rule.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace hourglass {

template <class Options>
class Schema;

/// Options that describe themselves:  static void describe(Schema<T>& schema);
template <class T>
concept Described = requires(Schema<T>& schema) {
  T::describe(schema);
};

/// One of several kinds of thing, each with options of its own, in a std::variant:
///     struct Adam {
///       static constexpr const char* kName = "adam";
///       double learning_rate = 1e-3;
///       static void describe(Schema<Adam>& schema);
///     };
template <class T>
concept Alternative = Described<T> && requires {
  { T::kName } -> std::convertible_to<std::string_view>;
};

/// The names of an enumeration's values.
template <class Enum>
using Names = std::vector<std::pair<std::string, Enum>>;

/// A declaration of options, in one place that reads, checks, documents and writes them. Defaults
/// are those of a default-constructed `Options`.
///
///     struct Options { int latent = 20; Schedule beta = 1.0; };
///     static void describe(Schema<Options>& schema) {
///       schema.add("latent", &Options::latent, "size of the code", at_least(1));
///       schema.add("beta", &Options::beta, "weight of the KL term", at_least(0));
///     }
///
/// Types: bool, int, std::int64_t, float, double, std::string, Schedule, another described struct,
/// std::variant of alternatives (`adam`, or `adam: {learning_rate: 1.0e-3}`), std::optional,
/// std::vector and std::map<std::string, ...> of all these, an enumeration with its names, and
/// config::Node for what is checked later.
template <class Options>
class Schema {
 public:
  using Node = config::Node;
  using Problems = config::Problems;

  /// An option with its meaning and what its value must be.
  template <class T, class Owner, std::same_as<Rule>... Rules>
  Schema& add(std::string_view name, T Owner::*member, std::string_view meaning, Rules... rules);
  /// The same for an option without a default.
  template <class T, class Owner, std::same_as<Rule>... Rules>
  Schema& require(std::string_view name, T Owner::*member, std::string_view meaning,
                  Rules... rules);
  /// An enumeration.
  template <class Enum, class Owner>
  requires std::is_enum_v<Enum> Schema& add(std::string_view name, Enum Owner::*member,
                                            std::string_view meaning, Names<Enum> names);
  /// Alternatives whose names stand among the other keys: `{dense: 400, activation: relu}`.
  /// Exactly one must be there; a bare `flatten` is the alternative with its defaults.
  template <Alternative... Ts, class Owner>
  Schema& alternatives(std::variant<Ts...> Owner::*member, std::string_view meaning);
  /// A value that is not a map stands for this option: `dense: 400` for `dense: {width: 400}`.
  Schema& shorthand(std::string_view name);
  /// A rule on several options at once: it returns what is wrong, or nothing. The text follows the
  /// path: "needs momentum > 0 for nesterov".
  template <class Check>
  requires std::is_invocable_r_v<std::string, const Check&, const Options&> Schema& check(
      Check rule);

  /// Reads options, with the defaults for what is left out. Every fault is reported, at its place.
  Options read(const Node& node, Problems& problems, const std::string& path = "") const;
  /// The same, from given defaults. Returns whether there was no fault.
  bool read(const Node& node, const std::string& path, Problems& problems, Options& value) const {
    return table_.read(node, path, problems, &value);
  }
  /// Every option with its value. Reading it again gives equal options.
  Node write(const Options& options) const { return table_.write(&options); }
  /// A row for each option, in the order of declaration.
  std::vector<OptionRow> document(const std::string& prefix = "",
                                  const Options& defaults = Options()) const {
    return table_.document(prefix, &defaults);
  }
  /// The valid keys.
  std::vector<std::string> names() const { return table_.names(); }

 private:
  template <class T, class Owner>
  std::size_t offset_of(T Owner::*member) const {
    return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&(measured_.*member)) -
                                    reinterpret_cast<const std::byte*>(&measured_));
  }

  config::OptionTable table_;
  Options measured_;  // shows where members are
};

/// The schema of a type that describes itself.
template <Described T>
Schema<T> schema_of() {
  Schema<T> schema;
  T::describe(schema);
  return schema;
}

namespace config {

template <Described T>
struct Codec<T> {
  static std::string type() { return "options"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, T& value) {
    return schema_of<T>().read(node, path, problems, value);
  }
  static Node write(const T& value) { return schema_of<T>().write(value); }
};

/// What the functions of a OneOfType do, for a std::variant.
template <class Variant>
struct OneOfFunctions;

template <Alternative... Ts>
struct OneOfFunctions<std::variant<Ts...>> {
  using Variant = std::variant<Ts...>;

  /// The alternative that the variant holds, or else a fresh one.
  template <class T>
  static T held_or_fresh(const void* variant) {
    const T* held = std::get_if<T>(static_cast<const Variant*>(variant));
    return held != nullptr ? *held : T();
  }
  template <class T>
  static bool read(const Node& node, const std::string& path, Problems& problems, void* variant) {
    T value = held_or_fresh<T>(variant);
    const bool good = schema_of<T>().read(node, path, problems, value);
    *static_cast<Variant*>(variant) = std::move(value);
    return good;
  }
  template <class T>
  static std::vector<std::string> options() {
    return schema_of<T>().names();
  }
  template <class T>
  static void document(const std::string& name, const void* variant, std::vector<OptionRow>& rows) {
    for (OptionRow& row : schema_of<T>().document(name, held_or_fresh<T>(variant))) {
      rows.push_back(std::move(row));
    }
  }
  static std::size_t index(const void* variant) {
    return static_cast<const Variant*>(variant)->index();
  }
  static Node write(const void* variant) {
    return std::visit([]<class T>(const T& held) { return schema_of<T>().write(held); },
                      *static_cast<const Variant*>(variant));
  }

  static constexpr AlternativeType kAlternatives[] = {
      {Ts::kName, read<Ts>, options<Ts>, document<Ts>}...};
  static constexpr OneOfType kType = {kAlternatives, index, write};
};

template <Alternative... Ts>
struct Codec<std::variant<Ts...>> {
  using Value = std::variant<Ts...>;
  static constexpr const OneOfType& kType = OneOfFunctions<Value>::kType;

  static std::string type() { return "one of " + joined(names_of(kType)); }
  static bool read(const Node& node, const std::string& path, Problems& problems, Value& value) {
    return read_one_of(kType, node, path, problems, &value);
  }
  static Node write(const Value& value) { return write_one_of(kType, &value); }
};

/// What the functions of an OptionType do, for a type with a codec.
template <class T>
struct OptionFunctions {
  static const T& value_at(const void* address) { return *static_cast<const T*>(address); }

  static bool read(const Node& node, const std::string& path, Problems& problems, void* value) {
    return Codec<T>::read(node, path, problems, *static_cast<T*>(value));
  }
  static Node write(const void* value) { return Codec<T>::write(value_at(value)); }

  static constexpr bool kHasRules = requires(const Rule& rule, const T& value, const Node& node,
                                             const std::string& path, Problems& problems) {
    config::check(rule, value, node, path, problems);
  };
  static bool check(const Rule& rule, const void* value, const Node& node, const std::string& path,
                    Problems& problems) requires kHasRules {
    return config::check(rule, value_at(value), node, path, problems);
  }
};

/// How a type's options within are documented. By default it has none.
template <class T>
struct NestedOptions {};

template <Described T>
struct NestedOptions<T> {
  static void document(const std::string& name, const void* value, std::vector<OptionRow>& rows) {
    const T& defaults = *static_cast<const T*>(value);
    for (OptionRow& row : schema_of<T>().document(name, defaults)) rows.push_back(std::move(row));
  }
  /// They have rows of their own.
  static std::string standard(const void*) { return ""; }
};

template <Alternative... Ts>
struct NestedOptions<std::variant<Ts...>> {
  static constexpr const OneOfType& kType = OneOfFunctions<std::variant<Ts...>>::kType;

  static std::vector<std::string> choices() { return names_of(kType); }
  static void document(const std::string& name, const void* value, std::vector<OptionRow>& rows) {
    document_one_of(kType, name, value, rows);
  }
  /// "adam" rather than all of Adam's options.
  static std::string standard(const void* value) {
    return std::string(kType.alternatives[kType.index(value)].name);
  }
};

template <class T>
requires requires { NestedOptions<T>::document; }
struct NestedOptions<std::optional<T>> {
  static void document(const std::string& name, const void* value, std::vector<OptionRow>& rows) {
    const T inner = static_cast<const std::optional<T>*>(value)->value_or(T());
    NestedOptions<T>::document(name, &inner, rows);
  }
};

template <class T>
requires requires { NestedOptions<T>::document; }
struct NestedOptions<std::vector<T>> {
  static void document(const std::string& name, const void*, std::vector<OptionRow>& rows) {
    const T item = {};
    NestedOptions<T>::document(join(name, "N"), &item, rows);
  }
};

template <class T>
constexpr OptionType option_type() {
  using Functions = OptionFunctions<T>;
  using Nested = NestedOptions<T>;
  OptionType type{Codec<T>::type, Functions::read, Functions::write, {}, {}, {}, {}};
  if constexpr (Functions::kHasRules) type.check = Functions::check;
  if constexpr (requires { Nested::choices; }) type.choices = Nested::choices;
  if constexpr (requires { Nested::standard; }) type.standard = Nested::standard;
  if constexpr (requires { Nested::document; }) type.document = Nested::document;
  return type;
}

template <class T>
inline constexpr OptionType kOptionType = option_type<T>();

}  // namespace config

template <class Options>
template <class T, class Owner, std::same_as<Rule>... Rules>
Schema<Options>& Schema<Options>::add(std::string_view name, T Owner::*member,
                                      std::string_view meaning, Rules... rules) {
  static_assert(sizeof...(Rules) == 0 || config::OptionFunctions<T>::kHasRules,
                "no rule can be checked on this type");
  table_.add(name, offset_of(member), config::kOptionType<T>, meaning, {std::move(rules)...});
  return *this;
}

template <class Options>
template <class T, class Owner, std::same_as<Rule>... Rules>
Schema<Options>& Schema<Options>::require(std::string_view name, T Owner::*member,
                                          std::string_view meaning, Rules... rules) {
  add(name, member, meaning, std::move(rules)...);
  table_.require_last();
  return *this;
}

template <class Options>
template <class Enum, class Owner>
requires std::is_enum_v<Enum> Schema<Options>
&Schema<Options>::add(std::string_view name, Enum Owner::*member, std::string_view meaning,
                      Names<Enum> names) {
  config::EnumType type{
      {},
      [](const void* value) { return static_cast<std::int64_t>(*static_cast<const Enum*>(value)); },
      [](void* value, std::int64_t number) {
        *static_cast<Enum*>(value) = static_cast<Enum>(number);
      }};
  for (auto& [text, value] : names) {
    type.names.emplace_back(std::move(text), static_cast<std::int64_t>(value));
  }
  table_.add(name, offset_of(member), std::move(type), meaning);
  return *this;
}

template <class Options>
template <Alternative... Ts, class Owner>
Schema<Options>& Schema<Options>::alternatives(std::variant<Ts...> Owner::*member,
                                               std::string_view meaning) {
  table_.alternatives(offset_of(member), config::OneOfFunctions<std::variant<Ts...>>::kType,
                      meaning);
  return *this;
}

template <class Options>
Schema<Options>& Schema<Options>::shorthand(std::string_view name) {
  table_.shorthand(name);
  return *this;
}

template <class Options>
template <class Check>
requires std::is_invocable_r_v<std::string, const Check&, const Options&> Schema<Options>
&Schema<Options>::check(Check rule) {
  table_.check([rule = std::move(rule)](const void* options) -> std::string {
    return rule(*static_cast<const Options*>(options));
  });
  return *this;
}

template <class Options>
Options Schema<Options>::read(const Node& node, Problems& problems, const std::string& path) const {
  Options options;
  read(node, path, problems, options);
  return options;
}

}  // namespace hourglass
