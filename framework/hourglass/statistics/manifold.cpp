#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/statistics/manifold.hpp>

#include <algorithm>
#include <array>

namespace hourglass {
namespace {

// So many points are compared with one at once, each by a sum of its own: the order in which a sum
// is taken then depends on nothing but the two points.
constexpr std::int64_t kTile = 16;

// The points in tiles: [tiles, size, kTile]. What is missing from the last tile is zero.
std::vector<float> in_tiles(const Tensor& points) {
  const std::int64_t count = points.shape()[0], size = points.shape()[1];
  const std::int64_t tiles = (count + kTile - 1) / kTile;
  std::vector<float> out(static_cast<std::size_t>(tiles * size * kTile));
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = 0; k < size; ++k) {
      out[static_cast<std::size_t>((i / kTile * size + k) * kTile + i % kTile)] =
          points.floats()[static_cast<std::size_t>(i * size + k)];
    }
  }
  return out;
}

using Distances = std::array<double, kTile>;

Distances squared_distances(const float* point, const float* tile, std::int64_t size) {
  Distances sums{};
  for (std::int64_t k = 0; k < size; ++k, tile += kTile) {
    const double own = point[k];
    for (std::int64_t i = 0; i < kTile; ++i) {
      const double apart = own - static_cast<double>(tile[i]);
      sums[static_cast<std::size_t>(i)] += apart * apart;
    }
  }
  return sums;
}

// The square of the distance from point `own` to its `neighbours`-th nearest other one.
double squared_reach(const Tensor& points, std::span<const float> tiles, std::int64_t own,
                     std::int64_t neighbours, std::vector<double>& nearest) {
  const std::int64_t count = points.shape()[0], size = points.shape()[1];
  nearest.clear();
  for (std::int64_t first = 0; first < count; first += kTile) {
    const Distances distances =
        squared_distances(points.floats().data() + own * size, tiles.data() + first * size, size);
    for (std::int64_t i = 0; i < std::min(kTile, count - first); ++i) {
      if (first + i == own) continue;
      const double distance = distances[static_cast<std::size_t>(i)];
      const bool full = std::ssize(nearest) == neighbours;
      if (full && distance >= nearest.front()) continue;
      if (full) {
        std::ranges::pop_heap(nearest);
        nearest.pop_back();
      }
      nearest.push_back(distance);
      std::ranges::push_heap(nearest);
    }
  }
  return nearest.front();
}

}  // namespace

Manifold::Manifold(const Tensor& points, std::int64_t neighbours) : points_(points) {
  const std::int64_t count = points.shape()[0];
  if (neighbours < 1 || neighbours >= count) {
    throw ConfigError(text("[manifold] a ball about one of ", count, " points cannot reach to its ",
                           neighbours, "-th nearest other one"));
  }
  const std::vector<float> tiles = in_tiles(points);
  squared_radii_.resize(static_cast<std::size_t>(count));
  parallel_for(count, 16, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> nearest;
    for (std::int64_t i = begin; i < end; ++i) {
      squared_radii_[static_cast<std::size_t>(i)] =
          squared_reach(points_, tiles, i, neighbours, nearest);
    }
  });
}

double Manifold::part_within(const Tensor& points) const {
  const std::int64_t size = points_.shape()[1], count = points.shape()[0];
  if (points.shape().rank() != 2 || points.shape()[1] != size) {
    throw ShapeError(
        text("[manifold] its points have ", size, " numbers; got ", points.shape().to_text()));
  }
  const std::vector<float> tiles = in_tiles(points_);
  std::vector<std::uint8_t> within(static_cast<std::size_t>(count), 0);
  parallel_for(count, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t own = begin; own < end; ++own) {
      const float* point = points.floats().data() + own * size;
      std::uint8_t& found = within[static_cast<std::size_t>(own)];
      for (std::int64_t first = 0; first < points_.shape()[0] && found == 0; first += kTile) {
        const Distances distances = squared_distances(point, tiles.data() + first * size, size);
        const std::int64_t there = std::min(kTile, points_.shape()[0] - first);
        for (std::int64_t i = 0; i < there; ++i) {
          const double radius = squared_radii_[static_cast<std::size_t>(first + i)];
          if (distances[static_cast<std::size_t>(i)] <= radius) found = 1;
        }
      }
    }
  });
  return static_cast<double>(std::ranges::count(within, 1)) / static_cast<double>(count);
}

}  // namespace hourglass
