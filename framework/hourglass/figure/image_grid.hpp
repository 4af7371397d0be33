#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass::figure {

enum class ColorMap {
  Grey,       ///< `low` is black, `high` is white; colour images keep their colours
  Diverging,  ///< blue below zero, white at zero, red-brown above; for weights
};

struct GridOptions {
  std::string title = {};
  float low = 0;   ///< the value that becomes the darkest
  float high = 1;  ///< the value that becomes the lightest; for Diverging, both ends are the larger
                   ///< of |low| and |high|
  ColorMap colors = ColorMap::Grey;
  /// Each image by its own least and greatest value instead of `low` and `high`.
  bool scale_each = false;
  /// Above the columns; none, or one a column.
  std::vector<std::string> column_captions = {};
  /// About how large an image becomes, in units of two pixels: pixels are enlarged by a whole
  /// number, or as many as a whole number says are averaged, in both directions, into one. Less
  /// where so many images would not fit on a canvas.
  double cell = 60;
  /// Between images, in the same units; with 0 they have no frames either, and join.
  double gap = 4;
};

/// Images side by side under one caption, such as "input" and "reconstruction". Each image is f32
/// [height, width], [channels, height, width] or [height, width, channels] with 1 or 3 channels
/// (the first where both would do); all of a figure have one shape.
struct ImageRow {
  std::string caption;
  std::vector<Tensor> images;
};

/// Whether images of this shape can be shown.
HOURGLASS_API bool is_image(const Shape& shape);

/// Rows of images with their captions. Returns a picture, u8 [height, width, 3], of modest size
/// whatever the size of the images. Values that are not finite are shown in vermilion. Throws
/// ShapeError for images of another or of different shapes.
HOURGLASS_API Tensor image_rows(const std::vector<ImageRow>& rows, const GridOptions& options = {});

/// Images in reading order; `columns` 0 makes the grid as square as it can be.
HOURGLASS_API Tensor image_grid(const std::vector<Tensor>& images, int columns = 0,
                                const GridOptions& options = {});

/// The first `most` images of a batch f32 [count, ...], each of `shape`.
/// Throws ShapeError when a sample has another number of elements than `shape`.
HOURGLASS_API std::vector<Tensor> images_of(const Tensor& batch, const Shape& shape,
                                            std::int64_t most);

}  // namespace hourglass::figure
