#pragma once

#include <hourglass/config/emit.hpp>
#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/config/rule.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/core/schedule.hpp>
#include <hourglass/core/text.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::config {

/// How values of a C++ type are read from a node and written to one. Specialise it for a type of
/// your own:
///     static std::string type();                // "whole number", for the documentation
///     static bool read(const Node&, const std::string& path, Problems&, T& value);
///     static Node write(const T& value);
/// `read` finds the default in `value`, reports each fault at its place, and says whether there
/// was none. Reading what `write` wrote gives an equal value.
template <class T>
struct Codec;

/// "model.latent must be a whole number, got 3.5", at the node's place. Returns false.
HOURGLASS_API bool wrong(const Node& node, const std::string& path, Problems& problems,
                         std::string_view wanted, std::string_view advice = "");

/// "train.optimizer"; `key` alone at the top level.
HOURGLASS_API std::string join(const std::string& path, std::string_view key);

/// A number that is finite, in decimal notation.
HOURGLASS_API bool read_number(const Node& node, const std::string& path, Problems& problems,
                               double& value);
/// A number without a fraction, within [least, greatest].
HOURGLASS_API bool read_whole(const Node& node, const std::string& path, Problems& problems,
                              std::int64_t least, std::int64_t greatest, std::int64_t& value);
HOURGLASS_API bool read_list(const Node& node, const std::string& path, Problems& problems);

template <>
struct HOURGLASS_API Codec<bool> {
  static std::string type() { return "true or false"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, bool& value);
  static Node write(bool value) { return Node::boolean(value); }
};

template <>
struct HOURGLASS_API Codec<int> {
  static std::string type() { return "whole number"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, int& value);
  static Node write(int value) { return Node::integer(value); }
};

template <>
struct HOURGLASS_API Codec<std::int64_t> {
  static std::string type() { return "whole number"; }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   std::int64_t& value);
  static Node write(std::int64_t value) { return Node::integer(value); }
};

template <>
struct HOURGLASS_API Codec<float> {
  static std::string type() { return "number"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, float& value);
  static Node write(float value) { return Node::number(value); }
};

template <>
struct HOURGLASS_API Codec<double> {
  static std::string type() { return "number"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, double& value) {
    return read_number(node, path, problems, value);
  }
  static Node write(double value) { return Node::number(value); }
};

template <>
struct HOURGLASS_API Codec<std::string> {
  static std::string type() { return "text"; }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   std::string& value);
  static Node write(const std::string& value) { return Node::string(value); }
};

/// A number, or one of
///     {constant: v}
///     {linear: [from, to], epochs: n}             in a straight line over n epochs, then `to`
///     {cosine: [from, to], epochs: n}             along half a cosine
///     {step: from, factor: f, epochs: n}          multiplied by f after every n epochs
///     {exponential: from, factor: f, epochs: n}   the same without the steps
/// each with `steps: n` in place of `epochs: n` if lengths are counted in training steps, and with
/// `warmup_epochs: n` or `warmup_steps: n` for a start that grows from 0 over n epochs or steps.
/// Lengths and factors are greater than 0.
template <>
struct HOURGLASS_API Codec<Schedule> {
  static std::string type() { return "number or schedule"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, Schedule& value);
  static Node write(const Schedule& value);
};

/// A value that is checked later, by who knows what it means.
template <>
struct HOURGLASS_API Codec<Node> {
  static std::string type() { return "any"; }
  static bool read(const Node& node, const std::string&, Problems&, Node& value) {
    value = node;
    return true;
  }
  static Node write(const Node& value) { return value; }
};

/// A name with options that are checked later: `probe`, or `probe: {labels: 550}` as a map's only
/// entry.
struct HOURGLASS_API Named {
  std::string name;
  Place place = {};
  Node options = Node::map();
};

template <>
struct HOURGLASS_API Codec<Named> {
  static std::string type() { return "name, or {name: options}"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, Named& value);
  static Node write(const Named& value);
};

/// Left out, `null` or `~`: no value.
template <class T>
struct Codec<std::optional<T>> {
  static std::string type() { return Codec<T>::type(); }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   std::optional<T>& value) {
    if (node.is_null()) {
      value.reset();
      return true;
    }
    T inner = value.value_or(T());
    if (!Codec<T>::read(node, path, problems, inner)) return false;
    value = std::move(inner);
    return true;
  }
  static Node write(const std::optional<T>& value) {
    return value ? Codec<T>::write(*value) : Node();
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static std::string type() { return "list of " + Codec<T>::type(); }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   std::vector<T>& value) {
    if (!read_list(node, path, problems)) return false;
    bool good = true;
    std::vector<T> items;
    for (const Node& item : node.items()) {
      T& last = items.emplace_back();
      good &= Codec<T>::read(item, join(path, text(items.size() - 1)), problems, last);
    }
    if (good) value = std::move(items);
    return good;
  }
  static Node write(const std::vector<T>& value) {
    std::vector<Node> items;
    for (const T& item : value) items.push_back(Codec<T>::write(item));
    return Node::list(std::move(items));
  }
};

/// Any names as keys.
template <class T>
struct Codec<std::map<std::string, T>> {
  static std::string type() { return "map of " + Codec<T>::type(); }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   std::map<std::string, T>& value) {
    if (!node.is_map()) return wrong(node, path, problems, "a map");
    bool good = true;
    std::map<std::string, T> read;
    for (const auto& entry : node.entries()) {
      good &= Codec<T>::read(entry.value, join(path, entry.key), problems, read[entry.key]);
    }
    if (good) value = std::move(read);
    return good;
  }
  static Node write(const std::map<std::string, T>& value) {
    Node node = Node::map();
    for (const auto& [key, item] : value) node.set(key, Codec<T>::write(item));
    return node;
  }
};

/// Whether a value obeys a rule; where not, the fault is reported at its place.
HOURGLASS_API bool check(const Rule& rule, double value, const Node& node, const std::string& path,
                         Problems& problems);
HOURGLASS_API bool check(const Rule& rule, const std::string& value, const Node& node,
                         const std::string& path, Problems& problems);
HOURGLASS_API bool check(const Rule& rule, const Schedule& value, const Node& node,
                         const std::string& path, Problems& problems);

template <class T>
bool check(const Rule& rule, const std::optional<T>& value, const Node& node,
           const std::string& path, Problems& problems) requires requires {
  check(rule, *value, node, path, problems);
}
{ return !value || check(rule, *value, node, path, problems); }

template <class T>
bool check(const Rule& rule, const std::vector<T>& value, const Node& node, const std::string& path,
           Problems& problems) {
  if (rule.not_empty && value.empty()) return wrong(node, path, problems, rule.range);
  bool good = true;
  if constexpr (requires { check(rule, value[0], node, path, problems); }) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      good &= check(rule, value[i], node.items()[i], join(path, text(i)), problems);
    }
  }
  return good;
}

}  // namespace hourglass::config
