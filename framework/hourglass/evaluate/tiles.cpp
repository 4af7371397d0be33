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
  if (image[rank - 2] < tile[rank - 2] || image[rank - 1] < tile[rank - 1]) {
    throw DataError(text("images of ", image.to_text(), " are smaller than ", tile.to_text(),
                         ", which the model was trained on, and it cannot be made for another "
                         "size: enlarge them, or train with convolutions alone"));
  }
  if (rank == 3) channels_ = tile[0];
  tops_ = spread_tiles(image[rank - 2], tile[rank - 2]);
  lefts_ = spread_tiles(image[rank - 1], tile[rank - 1]);
}

void Tiles::show(std::span<const float> image) {
  assert(std::ssize(image) == image_shape_.size());
  image_ = image;
}

template <class Visit>
void Tiles::visit_rows(std::uint32_t index, Visit&& visit) const {
  const int rank = tile_.rank();
  const std::int64_t height = tile_[rank - 2], width = tile_[rank - 1];
  const std::int64_t top = tops_[index / columns()], left = lefts_[index % columns()];
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    for (std::int64_t row = 0; row < height; ++row) {
      const std::int64_t there = channel * image_shape_[rank - 2] + top + row;
      visit(row, (channel * height + row) * width, there * image_shape_[rank - 1] + left);
    }
  }
}

void Tiles::read(std::span<const std::uint32_t> indices, float* out) const {
  for (const std::uint32_t index : indices) {
    visit_rows(index, [&](std::int64_t, std::int64_t tile, std::int64_t image) {
      std::copy_n(image_.data() + image, tile_.back(), out + tile);
    });
    out += tile_.size();
  }
}

void Tiles::blend(std::span<const float> tiles, std::span<float> image) const {
  assert(std::ssize(tiles) == size() * tile_.size() && std::ssize(image) == image_shape_.size());
  const std::int64_t height = tile_[tile_.rank() - 2], width = tile_.back();
  std::vector<float> weights(image.size(), 0.0f);
  std::ranges::fill(image, 0.0f);
  for (std::uint32_t index = 0; index < size(); ++index) {
    const float* from = tiles.data() + index * tile_.size();
    visit_rows(index, [&](std::int64_t row, std::int64_t tile, std::int64_t there) {
      for (std::int64_t i = 0; i < width; ++i) {
        const float share = weight(row, height) * weight(i, width);
        image[there + i] += share * from[tile + i];
        weights[there + i] += share;
      }
    });
  }
  for (std::size_t i = 0; i < image.size(); ++i) image[i] /= weights[i];
}

}  // namespace hourglass
