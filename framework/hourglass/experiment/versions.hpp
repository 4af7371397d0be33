#pragma once

#include <hourglass/core/api.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// "0.1.0".
HOURGLASS_API std::string program_version();
/// The revision that this program was built from, with "-dirty" after it when files had changed;
/// "unknown" outside a git checkout.
HOURGLASS_API std::string git_revision();
/// Name and version of the libraries underneath.
HOURGLASS_API std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace hourglass
