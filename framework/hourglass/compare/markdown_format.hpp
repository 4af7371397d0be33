#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>

namespace hourglass::compare {

/// A comparison as Markdown, with tables as GitHub reads them; see sheets_of.
HOURGLASS_API std::string to_markdown(const Comparison& comparison);

}  // namespace hourglass::compare
