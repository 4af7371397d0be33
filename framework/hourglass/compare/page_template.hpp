#pragma once

#include <hourglass/core/api.hpp>

#include <string_view>

namespace hourglass::compare {

/// The page that framework/page was built into, with `@COMPARISON@` and `@DETAILS@` where JSON
/// belongs. Empty in a build without it.
HOURGLASS_API std::string_view page_template();

}  // namespace hourglass::compare
