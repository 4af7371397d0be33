#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace hourglass {

/// Two costs of one thing, each better the lower it is; of what is better the higher, its negative.
struct Costs {
  double first = 0;
  double second = 0;
};

/// The Pareto front: those that none of the others beats, being as good in both costs and better in
/// one. Their numbers, by rising first cost; equal ones are all on the front. NaN is on none.
HOURGLASS_API std::vector<std::size_t> pareto_front(std::span<const Costs> all);

}  // namespace hourglass
