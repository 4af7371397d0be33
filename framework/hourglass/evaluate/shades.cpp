#include <hourglass/evaluate/shades.hpp>

#include <algorithm>
#include <limits>
#include <span>

namespace hourglass {

figure::GridOptions shades(const FittedScaling& scaling, const std::vector<Tensor>& shown) {
  figure::GridOptions options;
  if (scaling.scale().size() == 1) {
    float ends[] = {scaling.range().least, scaling.range().greatest};
    scaling.undo(std::span(ends).first(1));
    scaling.undo(std::span(ends).last(1));
    options.low = ends[0];
    options.high = ends[1];
  }
  if (options.high > options.low && scaling.scale().size() == 1) return options;
  options.low = std::numeric_limits<float>::infinity();
  options.high = -options.low;
  for (const Tensor& image : shown) {
    const auto [least, greatest] = std::ranges::minmax(image.floats());
    options.low = std::min(options.low, least);
    options.high = std::max(options.high, greatest);
  }
  return options;
}

}  // namespace hourglass
