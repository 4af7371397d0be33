#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace hourglass {

/// An image, [height, width] or [channels, height, width], cut into tiles of a size that a model
/// knows. They lie on a grid, evenly spread from edge to edge, and overlap by at least half of
/// their size wherever there are several. Where an image is smaller than a tile, it lies in the
/// middle of one, which goes on beyond its edges as in a mirror.
class HOURGLASS_API Tiles final : public Source {
 public:
  /// Throws DataError, naming both, when the image has other channels or axes than a tile.
  Tiles(const Shape& image, const Shape& tile);

  /// Cuts from this image from now on: f32, row-major. It must stay while tiles are read.
  void show(std::span<const float> image);

  std::int64_t rows() const { return std::ssize(tops_); }
  std::int64_t columns() const { return std::ssize(lefts_); }
  /// Row by row.
  std::int64_t size() const override { return rows() * columns(); }
  const Shape& sample_shape() const override { return tile_; }
  void read(std::span<const std::uint32_t> indices, float* out) const override;

  /// Puts tiles together again: each element is the mean over the tiles that have it, weighted by
  /// how far it is from their edges, so that one tile passes into the next without a seam. `tiles`
  /// [size, tile...], `image` as it was cut.
  void blend(std::span<const float> tiles, std::span<float> image) const;

 private:
  /// For each row of a tile: its number, its place in the tile, and its place on the canvas.
  template <class Visit>
  void visit_rows(std::uint32_t index, Visit&& visit) const;

  bool is_enlarged() const { return canvas_shape_ != image_shape_; }
  /// For each row of an enlarged image's canvas, in order: the row of the image that it shows, as
  /// an offset, and whether it lies inside.
  template <class Visit>
  void visit_canvas(Visit&& visit) const;

  Shape image_shape_, tile_;
  Shape canvas_shape_;  // of the image, at least as large as a tile
  std::int64_t channels_ = 1;
  std::int64_t top_ = 0, left_ = 0;         // where the image begins on the canvas
  std::vector<std::int64_t> tops_, lefts_;  // where tiles begin
  std::vector<float> enlarged_;             // the canvas, where it is not the image
  std::span<const float> canvas_;
};

}  // namespace hourglass
