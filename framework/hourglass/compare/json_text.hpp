#pragma once

#include <hourglass/compare/point.hpp>
#include <hourglass/core/api.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass::compare {

// Pieces of JSON, as text.

/// In double quotes. Bytes above ASCII stay as they are: texts of runs are UTF-8, see clean_text.
HOURGLASS_API std::string json_text(std::string_view text);

/// In its shortest form that reads back to the same value; null where it is not finite.
HOURGLASS_API std::string json_number(double value);

/// A key, and a value that is JSON already.
using JsonMember = std::pair<std::string, std::string>;

HOURGLASS_API std::string json_object(const std::vector<JsonMember>& members);

/// Items are JSON already.
HOURGLASS_API std::string json_list(const std::vector<std::string>& items);

/// Likewise, each on a line of its own.
HOURGLASS_API std::string json_lines(const std::vector<std::string>& items);

HOURGLASS_API std::string point_json(const Point& point);

}  // namespace hourglass::compare
