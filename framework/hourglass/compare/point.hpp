#pragma once

#include <hourglass/core/api.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass::compare {

/// The value of a setting. Numbers that are equal have one text, however they were written
/// (`1.0e-04`, `0.0001`), so that texts alone tell values apart.
struct PointValue {
  enum class Kind { Null, Boolean, Number, Text };
  Kind kind = Kind::Null;
  std::string text = "null";  ///< of a number: as JSON writes it, too

  friend bool operator==(const PointValue&, const PointValue&) = default;
  friend auto operator<=>(const PointValue&, const PointValue&) = default;
};

/// What a text without quotes says, as YAML writes it: `null`, `true`, `1.0e-04`, or else a text.
HOURGLASS_API PointValue point_value(std::string_view text);
HOURGLASS_API PointValue text_value(std::string_view text);

/// Settings by their keys, dotted paths such as "train.epochs". A key that is missing does not
/// apply.
using Point = std::vector<std::pair<std::string, PointValue>>;

HOURGLASS_API const PointValue* find_value(const Point& point, std::string_view key);

/// "variant vae, model.latent 20".
HOURGLASS_API std::string point_text(const Point& point);

}  // namespace hourglass::compare
