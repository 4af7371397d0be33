#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/tiles.hpp>

#include <algorithm>
#include <cassert>

namespace hourglass {

namespace {

/// Where tiles of `size` begin along an axis of `extent`.
std::vector<std::int64_t> spread_tiles(std::int64_t extent, std::int64_t size) {
  const std::int64_t step = std::max<std::int64_t>(size / 2, 1), room = extent - size;
  const std::int64_t steps = (room + step - 1) / step;
  std::vector<std::int64_t> begins{0};
  for (std::int64_t i = 1; i <= steps; ++i) begins.push_back(i * room / steps);
  return begins;
}

/// The place of [0, extent) that a place beyond shows in a mirror at either end.
std::int64_t mirrored(std::int64_t place, std::int64_t extent) {
  const std::int64_t period = 2 * extent;
  const std::int64_t at = (place % period + period) % period;
  return std::min(at, period - 1 - at);
}

/// Grows from the edges of a tile to its middle; never zero.
float weight(std::int64_t i, std::int64_t size) {
  return static_cast<float>(std::min(i + 1, size - i));
}

}  // namespace

Tiles::Tiles(const Shape& image, const Shape& tile) : image_shape_(image), tile_(tile) {
  const int rank = tile.rank();
  if (image.rank() != rank || (rank != 2 && rank != 3) || (rank == 3 && image[0] != tile[0])) {
    throw DataError(text("images of ", image.to_text(), " cannot be cut into tiles of ",
                         tile.to_text(), ", which is what the model was trained on"));
  }
  if (rank == 3) channels_ = tile[0];
  canvas_shape_ = image.with(rank - 2, std::max(image[rank - 2], tile[rank - 2]))
                      .with(rank - 1, std::max(image[rank - 1], tile[rank - 1]));
  top_ = (canvas_shape_[rank - 2] - image[rank - 2]) / 2;
  left_ = (canvas_shape_[rank - 1] - image[rank - 1]) / 2;
  tops_ = spread_tiles(canvas_shape_[rank - 2], tile[rank - 2]);
  lefts_ = spread_tiles(canvas_shape_[rank - 1], tile[rank - 1]);
}

template <class Visit>
void Tiles::visit_canvas(Visit&& visit) const {
  const std::int64_t height = image_shape_[image_shape_.rank() - 2];
  const std::int64_t rows = canvas_shape_[canvas_shape_.rank() - 2];
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t there = row - top_;
      visit((channel * height + mirrored(there, height)) * image_shape_.back(),
            there >= 0 && there < height);
    }
  }
}

void Tiles::show(std::span<const float> image) {
  assert(std::ssize(image) == image_shape_.size());
  canvas_ = image;
  if (!is_enlarged()) return;
  enlarged_.clear();
  visit_canvas([&](std::int64_t row, bool) {
    for (std::int64_t i = 0; i < canvas_shape_.back(); ++i) {
      enlarged_.push_back(image[row + mirrored(i - left_, image_shape_.back())]);
    }
  });
  canvas_ = enlarged_;
}

template <class Visit>
void Tiles::visit_rows(std::uint32_t index, Visit&& visit) const {
  const int rank = tile_.rank();
  const std::int64_t height = tile_[rank - 2], width = tile_[rank - 1];
  const std::int64_t top = tops_[index / columns()], left = lefts_[index % columns()];
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    for (std::int64_t row = 0; row < height; ++row) {
      const std::int64_t there = channel * canvas_shape_[rank - 2] + top + row;
      visit(row, (channel * height + row) * width, there * canvas_shape_[rank - 1] + left);
    }
  }
}

void Tiles::read(std::span<const std::uint32_t> indices, float* out) const {
  for (const std::uint32_t index : indices) {
    visit_rows(index, [&](std::int64_t, std::int64_t tile, std::int64_t there) {
      std::copy_n(canvas_.data() + there, tile_.back(), out + tile);
    });
    out += tile_.size();
  }
}

void Tiles::blend(std::span<const float> tiles, std::span<float> image) const {
  assert(std::ssize(tiles) == size() * tile_.size() && std::ssize(image) == image_shape_.size());
  const std::int64_t height = tile_[tile_.rank() - 2], width = tile_.back();
  std::vector<float> enlarged(is_enlarged() ? canvas_shape_.size() : 0);
  const std::span<float> canvas = is_enlarged() ? std::span(enlarged) : image;
  std::vector<float> weights(canvas.size(), 0.0f);
  std::ranges::fill(canvas, 0.0f);
  for (std::uint32_t index = 0; index < size(); ++index) {
    const float* from = tiles.data() + index * tile_.size();
    visit_rows(index, [&](std::int64_t row, std::int64_t tile, std::int64_t there) {
      for (std::int64_t i = 0; i < width; ++i) {
        const float share = weight(row, height) * weight(i, width);
        canvas[there + i] += share * from[tile + i];
        weights[there + i] += share;
      }
    });
  }
  for (std::size_t i = 0; i < canvas.size(); ++i) canvas[i] /= weights[i];
  if (!is_enlarged()) return;
  const float* from = canvas.data() + left_;
  visit_canvas([&](std::int64_t row, bool inside) {
    if (inside) std::copy_n(from, image_shape_.back(), image.data() + row);
    from += canvas_shape_.back();
  });
}

}  // namespace hourglass
