#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <string>
#include <vector>

namespace hourglass::compare {

/// The keys of a comparison's points, in two parts.
struct ShownKeys {
  std::vector<std::string> shown;
  std::vector<std::string> left_out;  ///< what follows from the variant, and no sweep has swept
};

/// Which keys tables show.
HOURGLASS_API ShownKeys shown_keys(const Comparison& comparison);

/// The shortest ending of a dotted key that none of the others has: "latent" of "model.latent".
HOURGLASS_API std::string short_key(const std::string& key, const std::vector<std::string>& keys);

}  // namespace hourglass::compare
