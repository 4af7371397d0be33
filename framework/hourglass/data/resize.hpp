#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>

namespace hourglass {

/// A picture u8 [h, w, channels] brought to [height, width, channels]. Each pixel is the mean of
/// those around its place, weighted by a triangle: where a side grows, over its two neighbours
/// (bilinear); where it shrinks, over twice as many pixels as it shrinks by, so that fine patterns
/// become grey, not other patterns. Edges weigh what is there. Rounded to the nearest.
HOURGLASS_API Tensor resized(const Tensor& picture, std::int64_t height, std::int64_t width);

/// The middle [height, width, channels] of a picture; of an odd rest, the smaller half is left out
/// above and to the left. Throws ShapeError for a picture that is smaller.
HOURGLASS_API Tensor cropped(const Tensor& picture, std::int64_t height, std::int64_t width);

/// [h, w, 3] to [h, w, 1] by luma, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded to the
/// nearest. A grey picture stays.
HOURGLASS_API Tensor to_grey(const Tensor& picture);
/// [h, w, 1] to [h, w, 3]. A colour picture stays.
HOURGLASS_API Tensor to_rgb(const Tensor& picture);

/// [h, w, channels] to [channels, h, w], written to `out`.
HOURGLASS_API void to_planes(const Tensor& picture, std::uint8_t* out);

}  // namespace hourglass
