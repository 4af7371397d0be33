#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::compare {

/// A picture of one run, to be shown for its group.
struct GroupPicture {
  std::string name;    ///< "reconstructions", "samples"
  std::string folder;  ///< of the run, as a user would write it
  std::string uri;     ///< "data:image/png;base64,…"
};

/// The pictures `figures/reconstructions.png` and `figures/samples.png` of the first run that
/// counts of each of the first `most_groups` groups; those that there are. A file that is no whole
/// PNG, or larger than 2 MiB, is left out.
HOURGLASS_API std::vector<std::vector<GroupPicture>> group_pictures(const Comparison& comparison,
                                                                    std::size_t most_groups = 24);

/// Bytes as text (RFC 4648, with padding).
HOURGLASS_API std::string base64(std::string_view bytes);

}  // namespace hourglass::compare
