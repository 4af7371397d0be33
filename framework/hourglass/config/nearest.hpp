#pragma once

#include <hourglass/core/api.hpp>

#include <span>
#include <string>
#include <string_view>

namespace hourglass::config {

/// How many letters must be added, left out, changed or swapped with their neighbour to turn one
/// word into the other (optimal string alignment).  F. J. Damerau, 1964.
HOURGLASS_API int edit_distance(std::string_view a, std::string_view b);

/// The valid name that `name` was probably meant to be; a third of the letters wrong at
/// most, or else the one that begins with it. Empty when there is none. Case does not count as an
/// error.
HOURGLASS_API std::string nearest(std::string_view name, std::span<const std::string> valid);

/// The end of a message about a wrong name: `; did you mean "relu"?`, or, when nothing is near,
/// `; valid: elu, relu, tanh`.
HOURGLASS_API std::string suggestion(std::string_view name, std::span<const std::string> valid);

/// "a, b, c".
HOURGLASS_API std::string joined(std::span<const std::string> names);

}  // namespace hourglass::config
