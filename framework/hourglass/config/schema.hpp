#pragma once

#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/rule.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace hourglass {

template <class Options>
class Schema;

/// One line of the documentation of options; nested options have dotted names.
struct OptionRow {
  std::string name;
  std::string type;
  std::string standard;  // the default as YAML; empty where the option is required
  std::string range;     // "> 0", "one of elu, relu"; empty where every value will do
  std::string meaning;
  std::vector<double> ends = {};          // where the range of a number ends
  std::vector<std::string> choices = {};  // what a name can be
};

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
  { T::kName } -> std::convertible_to<std::string>;
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
  Schema& add(std::string name, T Owner::*member, std::string meaning, Rules... rules);
  /// The same for an option without a default.
  template <class T, class Owner, std::same_as<Rule>... Rules>
  Schema& require(std::string name, T Owner::*member, std::string meaning, Rules... rules);
  /// An enumeration.
  template <class Enum, class Owner>
  requires std::is_enum_v<Enum> Schema& add(std::string name, Enum Owner::*member,
                                            std::string meaning, Names<Enum> names);
  /// Alternatives whose names stand among the other keys: `{dense: 400, activation: relu}`.
  /// Exactly one must be there; a bare `flatten` is the alternative with its defaults.
  template <Alternative... Ts, class Owner>
  Schema& alternatives(std::variant<Ts...> Owner::*member, std::string meaning);
  /// A value that is not a map stands for this option: `dense: 400` for `dense: {width: 400}`.
  Schema& shorthand(std::string name);
  /// A rule on several options at once: it returns what is wrong, or nothing. The text follows the
  /// path: "needs momentum > 0 for nesterov".
  Schema& check(std::function<std::string(const Options&)> rule);

  /// Reads options, with the defaults for what is left out. Every fault is reported, at its place.
  Options read(const Node& node, Problems& problems, const std::string& path = "") const;
  /// The same, from given defaults. Returns whether there was no fault.
  bool read(const Node& node, const std::string& path, Problems& problems, Options& value) const;
  /// Every option with its value. Reading it again gives equal options.
  Node write(const Options& options) const;
  /// A row for each option, in the order of declaration.
  std::vector<OptionRow> document(const std::string& prefix = "",
                                  const Options& defaults = Options()) const;
  /// The valid keys.
  std::vector<std::string> names() const;

 private:
  struct Field {
    std::string name;
    bool required = false;
    std::string meaning;
    std::function<bool(const Node&, const std::string&, Problems&, Options&)> read;
    std::function<Node(const Options&)> write;
    std::function<void(const std::string&, const Options&, std::vector<OptionRow>&)> document;
  };
  /// What `alternatives` declared: one key out of several.
  struct Choice {
    std::vector<std::string> names;
    std::function<bool(const std::string&, const Node&, const std::string&, Problems&, Options&)>
        read;
    /// Whether an alternative has an option of that name.
    std::function<bool(const std::string& alternative, const std::string& option)> has_option;
    std::function<void(const Options&, Node&)> write;
    std::function<void(const std::string&, const Options&, std::vector<OptionRow>&)> document;
  };

  const Field* find(const std::string& name) const;
  bool is_alternative(const std::string& name) const;
  /// What to do about an unknown key of `node`: ends the message.
  std::string remedy(const Node& node, const std::string& key) const;
  bool read_entries(const Node& node, const std::string& path, Problems& problems,
                    Options& value) const;
  bool read_choice(const Node& node, const std::string& path, Problems& problems,
                   Options& value) const;

  std::vector<Field> fields_;
  std::vector<Choice> choices_;  // one at most
  std::string shorthand_;
  std::vector<std::function<std::string(const Options&)>> checks_;
};

/// The schema of a type that describes itself.
template <Described T>
Schema<T> schema_of() {
  Schema<T> schema;
  T::describe(schema);
  return schema;
}

}  // namespace hourglass

#include <hourglass/config/schema_inl.hpp>
