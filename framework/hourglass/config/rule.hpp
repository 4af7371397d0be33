#pragma once

#include <hourglass/core/api.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// What a value must be, beyond its type. Rules of numbers hold for every value that a Schedule
/// takes; those of numbers and texts hold for every item of a list.
///
///     schema.add("rate", &Options::rate, "of units dropped", at_least(0), less_than(1));
///     Rule even{.range = "even", .number = [](double v) { return std::fmod(v, 2) == 0; }};
struct HOURGLASS_API Rule {
  /// Completes "must be ...": `> 0`, `in [0, 1]`, `one of elu, relu`.
  std::string range;
  /// Which numbers it admits; empty: it says nothing about numbers.
  std::function<bool(double)> number = {};
  /// Which texts it admits; empty: it says nothing about texts.
  std::function<bool(std::string_view)> text = {};
  /// The texts admitted, for messages that name the nearest.
  std::vector<std::string> choices = {};
  /// Whether a list must have items.
  bool not_empty = false;
  /// Where the range of numbers ends, whether it includes that or not.
  std::vector<double> ends = {};
};

HOURGLASS_API Rule at_least(double least);
HOURGLASS_API Rule at_most(double greatest);
HOURGLASS_API Rule greater_than(double bound);
HOURGLASS_API Rule less_than(double bound);
/// Both ends included.
HOURGLASS_API Rule between(double least, double greatest);
HOURGLASS_API Rule one_of(std::vector<std::string> choices);
/// A text or a list with something in it.
HOURGLASS_API Rule not_empty();
/// A text that can name a file or folder: letters, digits, `.`, `_`, `-`, `+`; not `.` first.
HOURGLASS_API Rule file_name();

}  // namespace hourglass
