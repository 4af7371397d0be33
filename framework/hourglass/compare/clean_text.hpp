#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hourglass::compare {

/// A text of a stranger's file, fit to be shown and written: "?" stands for each control character
/// (C1 included) and for each byte that is not UTF-8; what is longer than `longest` bytes ends in
/// three dots. Everything that is read of runs passes through here, so that no writer need think of
/// it.
HOURGLASS_API std::string clean_text(std::string_view text, std::size_t longest = 400);

}  // namespace hourglass::compare
