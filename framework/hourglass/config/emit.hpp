#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/core/api.hpp>

#include <string>
#include <string_view>

namespace hourglass::config {

/// A node as YAML: block style in the node's own order, short lists of scalars in one line, and
/// quotes where they are needed, so that parsing the text gives an equal node.
HOURGLASS_API std::string emit(const Node& node);

/// The same in one line: `{linear: [0.0, 1.0], epochs: 10}`.
HOURGLASS_API std::string emit_in_line(const Node& node);

/// What a message shows of a node: numbers and structures as they are, other text in quotes,
/// `nothing` for null; never longer than about 80 characters, nor any control character.
HOURGLASS_API std::string shown(const Node& node);
/// The same for a text, in quotes.
HOURGLASS_API std::string shown(std::string_view text);

/// Whether a text, written without quotes, parses to a scalar with exactly this text.
HOURGLASS_API bool is_plain(std::string_view text);
/// Whether a text, written without quotes, is a number, boolean or null to some YAML reader.
HOURGLASS_API bool looks_typed(std::string_view text);

}  // namespace hourglass::config
