#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/split.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace hourglass {

std::pair<Rows, Rows> take_part(const Rows& rows, double part, std::uint64_t seed,
                                std::string_view what) {
  const auto count = static_cast<std::uint32_t>(rows.size());
  const auto wanted =
      std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(count * part)));
  if (wanted >= count) {
    throw OptionError(std::string(what), text("takes ", part, " of ", count,
                                              " samples, which leaves none for training; choose a "
                                              "smaller part"));
  }
  const Rows order = permutation(count, seed, std::string("split.").append(what), 0);
  std::vector<bool> is_taken(count);
  for (std::uint32_t i = 0; i < wanted; ++i) is_taken[order[i]] = true;
  std::pair<Rows, Rows> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    (is_taken[i] ? result.first : result.second).push_back(rows[i]);
  }
  return result;
}

}  // namespace hourglass
