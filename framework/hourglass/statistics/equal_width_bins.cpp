#include <hourglass/statistics/equal_width_bins.hpp>

#include <algorithm>

namespace hourglass {

std::vector<std::int32_t> equal_width_bins(std::span<const float> values, std::int32_t count) {
  std::vector<std::int32_t> bins(values.size());
  if (values.empty()) return bins;
  const auto [least, greatest] = std::ranges::minmax(values);
  if (!(least < greatest)) return bins;
  const double low = least, width = (static_cast<double>(greatest) - low) / count;
  std::ranges::transform(values, bins.begin(), [&](float value) {
    return std::min(static_cast<std::int32_t>((value - low) / width), count - 1);
  });
  return bins;
}

}  // namespace hourglass
