#include <hourglass/core/random.hpp>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace hourglass {

PhiloxKey stream_key(std::uint64_t seed, std::string_view stream) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : stream) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  const PhiloxCounter mixed =
      philox({static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), 0, 0},
             {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32)});
  return {mixed[0], mixed[1]};
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view stream, std::uint64_t index)
    : key_(stream_key(seed, stream)),
      counter_{0, 0, static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)} {}

std::uint32_t RandomStream::bits() {
  if (used_ == 4) {
    words_ = philox(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return words_[used_++];
}

float RandomStream::uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24f; }

float RandomStream::normal() {
  const float radius = std::sqrt(-2.0f * std::log(1.0f - uniform()));
  return radius * std::cos(2.0f * std::numbers::pi_v<float> * uniform());
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
  // Lemire's method: reject the few products that would favour small results.
  std::uint64_t product = std::uint64_t{bits()} * bound;
  const std::uint32_t threshold = -bound % bound;
  while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{bits()} * bound;
  return static_cast<std::uint32_t>(product >> 32);
}

std::vector<std::uint32_t> permutation(std::uint32_t count, std::uint64_t seed,
                                       std::string_view stream, std::uint64_t index) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  RandomStream random(seed, stream, index);
  for (std::uint32_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace hourglass
