#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/core/api.hpp>

#include <span>
#include <string>
#include <string_view>

namespace hourglass::config {

/// Sets one value from the command line: `train.epochs=5`. The value is YAML, and its type is
/// found by the schema, as in a file; numbers in the key count the items of a list
/// (`model.encoder.0.dense=64`). Maps that are missing on the way are made. What is set stands, in
/// later messages, at `--set train.epochs=5`. Faults go to `problems`.
HOURGLASS_API void apply_override(Node& root, const std::string& assignment, Problems& problems);
HOURGLASS_API void apply_overrides(Node& root, std::span<const std::string> assignments,
                                   Problems& problems);

/// The same for a key and a value that are known already, as in a sweep; `place` is where both
/// were written.
HOURGLASS_API void set_value(Node& root, const std::string& key, Node value, const Place& place,
                             Problems& problems);

/// The value at such a key; null where there is none.
HOURGLASS_API const Node* value_at(const Node& root, std::string_view key);

}  // namespace hourglass::config
