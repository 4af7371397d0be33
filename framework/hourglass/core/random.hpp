#pragma once

#include <hourglass/core/api.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hourglass {

/// Philox4x32-10: a pure function from a key and a counter to four random words. Nothing is
/// "drawn": the same counter gives the same words for any thread count, in any order.
/// J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;
inline PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// The key of a named stream: different names give streams that have nothing to do with each other.
HOURGLASS_API PhiloxKey stream_key(std::uint64_t seed, std::string_view stream);

/// A named stream read one number after another, for work that is sequential anyway (drawing
/// images, choosing samples). Equal arguments give equal numbers.
class HOURGLASS_API RandomStream {
 public:
  /// `index` selects one of 2^64 independent sequences of the stream, such as a sample's number.
  RandomStream(std::uint64_t seed, std::string_view stream, std::uint64_t index = 0);

  std::uint32_t bits();
  /// Uniform in [0, 1), with 24 random bits.
  float uniform();
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  /// Standard normal (Box-Muller).
  float normal();
  /// Uniform in [0, bound), without bias; `bound` is at least 1.
  std::uint32_t below(std::uint32_t bound);

 private:
  PhiloxKey key_;
  PhiloxCounter counter_;
  PhiloxCounter words_{};
  int used_ = 4;
};

/// A random order of 0 .. count-1 (Fisher-Yates), a pure function of its arguments.
HOURGLASS_API std::vector<std::uint32_t> permutation(std::uint32_t count, std::uint64_t seed,
                                                     std::string_view stream, std::uint64_t index);

}  // namespace hourglass
