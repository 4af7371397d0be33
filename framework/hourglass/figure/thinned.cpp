#include <hourglass/figure/thinned.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::figure {

std::vector<Point> thinned(const std::vector<Point>& line, double width) {
  if (line.size() < 4 * static_cast<std::size_t>(width)) return line;
  std::vector<Point> kept;
  for (std::size_t i = 0; i < line.size();) {
    const double column = std::floor(line[i].x * Canvas::kScale);
    std::size_t end = i, low = i, high = i;
    for (; end < line.size() && std::floor(line[end].x * Canvas::kScale) == column; ++end) {
      if (line[end].y < line[low].y) low = end;
      if (line[end].y > line[high].y) high = end;
    }
    kept.push_back(line[std::min(low, high)]);
    if (low != high) kept.push_back(line[std::max(low, high)]);
    i = std::max(end, i + 1);
  }
  return kept;
}

}  // namespace hourglass::figure
