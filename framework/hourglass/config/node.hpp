#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::config {

/// Where a piece of configuration was written. `line` and `column` count from 1 (columns in
/// bytes); a line of 0 means that `source` alone says where, as with `--set train.epochs=3`.
struct HOURGLASS_API Place {
  std::shared_ptr<const std::string> source;
  int line = 0;
  int column = 0;

  /// "vae.yaml:12:11: ", "--set train.epochs=x: ", or nothing for what no user wrote.
  std::string prefix() const;
};

/// One node of a configuration, with the place where it stands. Scalars keep the text exactly as
/// written (`1.0e-4`, `on`, `0x10`): a schema decides what a text means, never YAML.
///
///     Node node = parse_text("latent: 20", "vae.yaml");
///     node.find("latent")->text();           // "20"
///     node.find("latent")->place().column;   // 9
class HOURGLASS_API Node {
 public:
  enum class Kind { Null, Scalar, List, Map };
  struct Entry;

  /// Null: nothing was written.
  Node() = default;
  /// A scalar as written without quotes; the text of a number, or a name.
  static Node scalar(std::string text, Place place = {});
  /// A scalar in quotes.
  static Node quoted(std::string text, Place place = {});
  /// Text, quoted only where YAML or another reader could take it for something else.
  static Node string(std::string text);
  static Node boolean(bool value);
  static Node integer(std::int64_t value);
  /// The shortest text that reads back to the same value, with a decimal point: `20.0`,
  /// `1.0e-05`; `.nan`, `.inf`, `-.inf`.
  static Node number(double value);
  static Node number(float value);
  static Node list();
  static Node list(std::vector<Node> items, Place place = {});
  static Node map(Place place = {});

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::Null; }
  bool is_scalar() const { return kind_ == Kind::Scalar; }
  bool is_list() const { return kind_ == Kind::List; }
  bool is_map() const { return kind_ == Kind::Map; }
  bool is_quoted() const { return quoted_; }
  const Place& place() const { return place_; }
  Node& at(Place place);

  /// A scalar's text; empty for other kinds.
  const std::string& text() const { return text_; }
  /// The number that a scalar written by `number` or `integer` says; nothing for other texts.
  std::optional<double> to_number() const;
  /// A list's items; empty for other kinds.
  const std::vector<Node>& items() const { return items_; }
  std::vector<Node>& items() { return items_; }
  /// A map's entries, in the order of the file; empty for other kinds.
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<Entry>& entries() { return entries_; }
  /// The value of a key, or null when there is none.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// Appends an entry, or replaces the value of the one that has this key.
  Node& set(std::string key, Node value, Place key_place = {});

  /// Equal content: kinds, texts, quotes, and the order of entries. Places do not count.
  friend HOURGLASS_API bool operator==(const Node& a, const Node& b);

 private:
  Kind kind_ = Kind::Null;
  bool quoted_ = false;
  std::string text_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
  Place place_;
};

struct Node::Entry {
  std::string key;
  Place place;
  Node value;

  friend bool operator==(const Entry& a, const Entry& b) {
    return a.key == b.key && a.value == b.value;
  }
};

}  // namespace hourglass::config
