#include <hourglass/core/error.hpp>
#include <hourglass/data/resize.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hourglass {
namespace {

/// What one pixel of the result takes from a row or column: `weights` from `first` on, which sum
/// to 1.
struct Share {
  std::int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares(std::int64_t from, std::int64_t to) {
  const double ratio = static_cast<double>(from) / static_cast<double>(to);
  const double reach = std::max(ratio, 1.0);
  std::vector<Share> result(static_cast<std::size_t>(to));
  for (std::int64_t i = 0; i < to; ++i) {
    const double middle = (static_cast<double>(i) + 0.5) * ratio;
    // Pixel k has its middle at k + 0.5.
    const auto first =
        std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(middle - reach - 0.5)) + 1, 0);
    const auto end =
        std::min<std::int64_t>(static_cast<std::int64_t>(std::ceil(middle + reach - 0.5)), from);
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t k = first; k < end; ++k) {
      const double distance = std::abs(static_cast<double>(k) + 0.5 - middle) / reach;
      weights.push_back(std::max(1 - distance, 0.0));
      sum += weights.back();
    }
    Share& share = result[static_cast<std::size_t>(i)];
    share.first = first;
    for (const double weight : weights) share.weights.push_back(static_cast<float>(weight / sum));
  }
  return result;
}

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
}

}  // namespace

Tensor resized(const Tensor& picture, std::int64_t height, std::int64_t width) {
  const std::int64_t rows = picture.shape()[0], columns = picture.shape()[1];
  const std::int64_t channels = picture.shape()[2];
  if (rows == height && columns == width) return picture;
  const std::vector<Share> across = shares(columns, width), down = shares(rows, height);
  const std::uint8_t* from = picture.values<std::uint8_t>().data();

  // Rows first, each once, kept as long as a row of the result may want them.
  const auto row_floats = static_cast<std::size_t>(width * channels);
  std::vector<std::vector<float>> narrow(static_cast<std::size_t>(rows));
  const auto narrow_row = [&](std::int64_t row) -> const std::vector<float>& {
    std::vector<float>& to = narrow[static_cast<std::size_t>(row)];
    if (!to.empty()) return to;
    to.resize(row_floats);
    const std::uint8_t* source = from + row * columns * channels;
    for (std::int64_t x = 0; x < width; ++x) {
      const Share& share = across[static_cast<std::size_t>(x)];
      for (std::int64_t c = 0; c < channels; ++c) {
        float sum = 0;
        const std::uint8_t* value = source + share.first * channels + c;
        for (const float weight : share.weights) {
          sum += weight * static_cast<float>(*value);
          value += channels;
        }
        to[static_cast<std::size_t>(x * channels + c)] = sum;
      }
    }
    return to;
  };

  Tensor result({height, width, channels}, DType::U8);
  std::uint8_t* to = result.values<std::uint8_t>().data();
  std::vector<float> sums(row_floats);
  std::int64_t kept = 0;
  for (const Share& share : down) {
    for (; kept < share.first; ++kept) narrow[static_cast<std::size_t>(kept)] = {};
    std::ranges::fill(sums, 0.0f);
    for (std::size_t k = 0; k < share.weights.size(); ++k) {
      const std::vector<float>& row = narrow_row(share.first + static_cast<std::int64_t>(k));
      for (std::size_t i = 0; i < row_floats; ++i) sums[i] += share.weights[k] * row[i];
    }
    to = std::ranges::transform(sums, to, rounded).out;
  }
  return result;
}

Tensor cropped(const Tensor& picture, std::int64_t height, std::int64_t width) {
  const Shape& shape = picture.shape();
  if (shape[0] < height || shape[1] < width) {
    throw ShapeError(text("[cropped] a picture of ", shape[0], " x ", shape[1],
                          " (rows x columns) has no middle of ", height, " x ", width));
  }
  if (shape[0] == height && shape[1] == width) return picture;
  const std::int64_t top = (shape[0] - height) / 2, left = (shape[1] - width) / 2;
  Tensor result({height, width, shape[2]}, DType::U8);
  std::uint8_t* to = result.values<std::uint8_t>().data();
  const std::uint8_t* from = picture.values<std::uint8_t>().data();
  for (std::int64_t y = 0; y < height; ++y) {
    to = std::copy_n(from + ((top + y) * shape[1] + left) * shape[2], width * shape[2], to);
  }
  return result;
}

Tensor to_grey(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape[2] == 1) return picture;
  Tensor result({shape[0], shape[1], 1}, DType::U8);
  const std::uint8_t* from = picture.values<std::uint8_t>().data();
  for (std::uint8_t& to : result.values<std::uint8_t>()) {
    to = static_cast<std::uint8_t>((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
    from += 3;
  }
  return result;
}

Tensor to_rgb(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape[2] == 3) return picture;
  Tensor result({shape[0], shape[1], 3}, DType::U8);
  std::uint8_t* to = result.values<std::uint8_t>().data();
  for (const std::uint8_t value : picture.values<std::uint8_t>()) to = std::fill_n(to, 3, value);
  return result;
}

void to_planes(const Tensor& picture, std::uint8_t* out) {
  const std::int64_t channels = picture.shape()[2];
  const std::int64_t pixels = picture.shape()[0] * picture.shape()[1];
  const std::uint8_t* from = picture.values<std::uint8_t>().data();
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t i = 0; i < pixels; ++i) *out++ = from[i * channels + c];
  }
}

}  // namespace hourglass
