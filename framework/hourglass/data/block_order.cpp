#include <hourglass/core/random.hpp>
#include <hourglass/data/block_order.hpp>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace hourglass {

std::vector<std::uint32_t> block_order(std::uint32_t count, std::uint32_t block,
                                       std::uint32_t window, std::uint64_t seed,
                                       std::string_view stream, std::uint64_t index) {
  assert(block > 0 && window > 0);
  const auto blocks = static_cast<std::uint32_t>((std::uint64_t{count} + block - 1) / block);
  if (block == 1 || blocks <= window) return permutation(count, seed, stream, index);
  const auto shuffled = permutation(blocks, seed, std::string(stream).append(".blocks"), index);
  RandomStream random(seed, stream, index);
  std::vector<std::uint32_t> order;
  order.reserve(count);
  for (std::size_t first = 0; first < shuffled.size(); first += window) {
    const std::size_t begin = order.size();
    const std::size_t last = std::min<std::size_t>(first + window, shuffled.size());
    for (std::size_t i = first; i < last; ++i) {
      const std::uint64_t start = std::uint64_t{shuffled[i]} * block;
      const std::uint64_t end = std::min<std::uint64_t>(start + block, count);
      for (std::uint64_t at = start; at < end; ++at) {
        order.push_back(static_cast<std::uint32_t>(at));
      }
    }
    for (auto left = static_cast<std::uint32_t>(order.size() - begin); left > 1; --left) {
      std::swap(order[begin + left - 1], order[begin + random.below(left)]);
    }
  }
  return order;
}

std::int64_t block_of_rows(std::int64_t block, std::span<const std::uint32_t> rows) {
  if (block == 1 || rows.empty()) return block;
  const std::int64_t reach = std::int64_t{rows.back()} - rows.front() + 1;
  return std::clamp<std::int64_t>(block * std::ssize(rows) / std::max<std::int64_t>(reach, 1), 1,
                                  block);
}

}  // namespace hourglass
