#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/config/rule.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

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

}  // namespace hourglass

/// What schema.hpp stands on: options whose C++ types are known to functions that take addresses.
/// So the work is compiled once, and not for each struct of options.
namespace hourglass::config {

/// A type of options' values.
struct OptionType {
  std::string (*name)();
  bool (*read)(const Node& node, const std::string& path, Problems& problems, void* value);
  Node (*write)(const void* value);
  /// None: there are no rules for such values.
  bool (*check)(const Rule& rule, const void* value, const Node& node, const std::string& path,
                Problems& problems);
  /// What a name can be; none: it is no name.
  std::vector<std::string> (*choices)();
  /// The default for the documentation; none: as it is written.
  std::string (*standard)(const void* value);
  /// Appends the rows of options within the value; none: it has no options.
  void (*document)(const std::string& name, const void* value, std::vector<OptionRow>& rows);
};

/// One alternative of a std::variant.
struct AlternativeType {
  std::string_view name;
  /// Makes the variant hold it. If it does already, what `node` leaves out stays.
  bool (*read)(const Node& node, const std::string& path, Problems& problems, void* variant);
  /// The names of its options.
  std::vector<std::string> (*options)();
  void (*document)(const std::string& name, const void* variant, std::vector<OptionRow>& rows);
};

/// A std::variant of alternatives, written as a name, or as a name with options.
struct OneOfType {
  std::span<const AlternativeType> alternatives;
  std::size_t (*index)(const void* variant);
  /// The options of the alternative that it holds.
  Node (*write)(const void* variant);
};

HOURGLASS_API std::vector<std::string> names_of(const OneOfType& type);
HOURGLASS_API bool read_one_of(const OneOfType& type, const Node& node, const std::string& path,
                               Problems& problems, void* variant);
HOURGLASS_API Node write_one_of(const OneOfType& type, const void* variant);
HOURGLASS_API void document_one_of(const OneOfType& type, const std::string& name,
                                   const void* variant, std::vector<OptionRow>& rows);

/// The values of an enumeration, by name.
struct EnumType {
  std::vector<std::pair<std::string, std::int64_t>> names;
  std::int64_t (*get)(const void* value);
  void (*set)(void* value, std::int64_t number);
};

/// The options of a struct, each at its offset in bytes: reads, checks, documents and writes them.
class HOURGLASS_API OptionTable {
 public:
  void add(std::string_view name, std::size_t offset, const OptionType& type,
           std::string_view meaning, std::vector<Rule> rules);
  void add(std::string_view name, std::size_t offset, EnumType type, std::string_view meaning);
  /// The option added last has no default.
  void require_last();
  /// A variant whose alternatives' names stand among the other keys.
  void alternatives(std::size_t offset, const OneOfType& type, std::string_view meaning);
  void shorthand(std::string_view name);
  void check(std::function<std::string(const void*)> rule);

  bool read(const Node& node, const std::string& path, Problems& problems, void* options) const;
  Node write(const void* options) const;
  std::vector<OptionRow> document(const std::string& prefix, const void* defaults) const;
  std::vector<std::string> names() const;

 private:
  struct Field {
    OptionRow row;  // all but the default
    std::size_t offset;
    const OptionType* type;  // null: an enumeration
    std::vector<Rule> rules;
    EnumType names;
    bool required = false;

    bool read(const Node& node, const std::string& path, Problems& problems, void* options) const;
    Node write(const void* options) const;
    void document(const std::string& prefix, const void* defaults,
                  std::vector<OptionRow>& rows) const;
  };
  /// What `alternatives` declared: one key out of several.
  struct Choice {
    std::size_t offset;
    const OneOfType* type;
    std::string meaning;
  };

  const Field* find(const std::string& name) const;
  /// The alternative of that name among the keys; null: there is none.
  const AlternativeType* alternative(const std::string& name) const;
  /// What to do about an unknown key of `node`: ends the message.
  std::string remedy(const Node& node, const std::string& key) const;
  bool read_entries(const Node& node, const std::string& path, Problems& problems,
                    void* options) const;
  bool read_choice(const Node& node, const std::string& path, Problems& problems,
                   void* options) const;

  std::vector<Field> fields_;
  std::optional<Choice> choice_;
  std::string shorthand_;
  std::vector<std::function<std::string(const void*)>> checks_;
};

}  // namespace hourglass::config
