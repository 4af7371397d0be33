#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hourglass {

/// A random order of 0 .. count-1 for samples that are read in blocks of `block`: the blocks are
/// shuffled, and then the samples of `window` blocks at a time, so that whoever keeps that many
/// reads each block once. What comes late in one window never mixes with the next, which is a
/// little less random than `permutation`, and the same where all samples are in one window. A pure
/// function of its arguments.
HOURGLASS_API std::vector<std::uint32_t> block_order(std::uint32_t count, std::uint32_t block,
                                                     std::uint32_t window, std::uint64_t seed,
                                                     std::string_view stream, std::uint64_t index);

/// Where only `rows` are read of samples in blocks of `block`: how many of these rows, counted in
/// their order, go to a block on average. `rows` rise.
HOURGLASS_API std::int64_t block_of_rows(std::int64_t block, std::span<const std::uint32_t> rows);

}  // namespace hourglass
