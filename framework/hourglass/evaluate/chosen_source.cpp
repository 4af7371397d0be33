#include <hourglass/evaluate/chosen_source.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {

ChosenSource::ChosenSource(const Source& source, std::vector<std::uint32_t> chosen)
    : source_(source), chosen_(std::move(chosen)), labels_(source.labels().chosen(chosen_)) {}

void ChosenSource::read(std::span<const std::uint32_t> indices, float* out) const {
  std::vector<std::uint32_t> there(indices.size());
  std::ranges::transform(indices, there.begin(), [&](std::uint32_t i) { return chosen_[i]; });
  source_.read(there, out);
}

std::vector<std::uint32_t> spread(std::int64_t size, std::int64_t most) {
  const std::int64_t count = std::min(size, most);
  std::vector<std::uint32_t> chosen(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    chosen[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(i * size / count);
  }
  return chosen;
}

}  // namespace hourglass
