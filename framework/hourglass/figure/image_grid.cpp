#include <hourglass/core/error.hpp>
#include <hourglass/figure/canvas.hpp>
#include <hourglass/figure/image_grid.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::figure {
namespace {

constexpr double kMargin = 24;
constexpr double kPixelsOfUnit = Canvas::kScale * Canvas::kScale;
constexpr TextStyle kSheetTitleStyle{.size = 14, .color = kInk, .weight = Weight::Bold};
constexpr TextStyle kCaptionStyle{.size = 12, .color = kInk, .align = Align::End};
constexpr TextStyle kColumnStyle{.size = 11, .color = kFaded, .align = Align::Middle};
constexpr Color kNotFinite = rgb(0xd55e00);
constexpr Color kFrame = rgb(0xd0d0d0);

bool is_channels(std::int64_t extent) { return extent == 1 || extent == 3; }

// Where the pixels of an image lie.
struct Layout {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;
  std::int64_t row_step = 0;
  std::int64_t column_step = 1;
  std::int64_t channel_step = 0;
};

Layout layout_of(const Tensor& image) {
  const Shape& shape = image.shape();
  if (image.dtype() == DType::F32 && image.size() > 0) {
    if (shape.rank() == 2) return {shape[0], shape[1], 1, shape[1], 1, 0};
    if (shape.rank() == 3 && is_channels(shape[0])) {
      return {shape[1], shape[2], shape[0], shape[2], 1, shape[1] * shape[2]};
    }
    if (shape.rank() == 3 && is_channels(shape[2])) {
      return {shape[0], shape[1], shape[2], shape[1] * shape[2], shape[2], 1};
    }
  }
  throw ShapeError(
      text("[image grid] an image must be f32 [height, width], [channels, height, width] or "
           "[height, width, channels] with 1 or 3 channels, got ",
           name_of(image.dtype()), " ", shape.to_text()));
}

struct Scale {
  float low = 0;
  float high = 1;
};

Scale scale_of(const Tensor& image, const GridOptions& options) {
  Scale scale{options.low, options.high};
  if (options.scale_each) {
    scale = {INFINITY, -INFINITY};
    for (float value : image.floats()) {
      if (!std::isfinite(value)) continue;
      scale = {std::min(scale.low, value), std::max(scale.high, value)};
    }
    if (scale.low > scale.high) scale = {};
  }
  if (options.colors == ColorMap::Diverging) {
    const float reach = std::max(std::abs(scale.low), std::abs(scale.high));
    scale = {-reach, reach};
  }
  if (!(scale.high > scale.low)) scale.high = scale.low + 1;
  return scale;
}

class Grid {
 public:
  Grid(const std::vector<ImageRow>& rows, const GridOptions& options)
      : rows_(rows), options_(options), canvas_(1, 1) {
    for (const ImageRow& row : rows) {
      columns_ = std::max(columns_, row.images.size());
      for (const Tensor& image : row.images) {
        if (first_ == nullptr) first_ = &image;
        if (image.shape() != first_->shape()) {
          throw ShapeError(text("[image grid] images must have one shape, got ",
                                first_->shape().to_text(), " and ", image.shape().to_text()));
        }
      }
    }
    if (first_ == nullptr) throw ShapeError("[image grid] there are no images to show");
    layout_ = layout_of(*first_);
    choose_sizes();
  }

  Tensor draw() {
    canvas_.text(options_.title, {left_, kMargin + 12}, kSheetTitleStyle);
    for (std::size_t i = 0; i < std::min(options_.column_captions.size(), columns_); ++i) {
      canvas_.text(options_.column_captions[i], {cell_left(i) + cell_width_ / 2, top_ - 7},
                   kColumnStyle);
    }
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      canvas_.text(rows_[row].caption, {left_ - 12, cell_top(row) + cell_height_ / 2 + 4},
                   kCaptionStyle);
      for (std::size_t i = 0; i < rows_[row].images.size(); ++i) {
        draw_image(rows_[row].images[i], cell_left(i), cell_top(row));
      }
    }
    return canvas_.picture();
  }

 private:
  void choose_sizes() {
    double caption = 0;
    for (const ImageRow& row : rows_) {
      caption = std::max(caption, canvas_.text_width(row.caption, kCaptionStyle));
    }
    left_ = kMargin + (caption > 0 ? std::ceil(caption) + 12 : 0);
    top_ =
        kMargin + (options_.title.empty() ? 0 : 26) + (options_.column_captions.empty() ? 0 : 18);
    double pixels = options_.cell * Canvas::kScale;
    choose_cell(pixels);
    while (pixels > 2 && width() * height() * kPixelsOfUnit > Canvas::kMostPixels) {
      choose_cell(pixels /= 2);
    }
    canvas_ = Canvas(width(), height());
  }

  // Cells about so many of the canvas's pixels large.
  void choose_cell(double pixels) {
    const auto longest = static_cast<double>(std::max(layout_.height, layout_.width));
    step_ = static_cast<std::int64_t>(std::max(1.0, std::round(longest / pixels)));
    block_ = std::max(1.0, std::round(pixels / longest)) / Canvas::kScale;
    cell_width_ = static_cast<double>((layout_.width + step_ - 1) / step_) * block_;
    cell_height_ = static_cast<double>((layout_.height + step_ - 1) / step_) * block_;
  }

  double width() const {
    return std::max(cell_left(columns_) - options_.gap,
                    left_ + canvas_.text_width(options_.title, kSheetTitleStyle)) +
           kMargin;
  }
  double height() const { return cell_top(rows_.size()) - options_.gap + kMargin; }

  double cell_left(std::size_t column) const {
    return left_ + static_cast<double>(column) * (cell_width_ + options_.gap);
  }
  double cell_top(std::size_t row) const {
    return top_ + static_cast<double>(row) * (cell_height_ + options_.gap);
  }

  void draw_image(const Tensor& image, double left, double top) {
    constexpr double kHair = 0.5;
    if (options_.gap > 0) {
      canvas_.fill(
          {left - kHair, top - kHair, left + cell_width_ + kHair, top + cell_height_ + kHair},
          kFrame);
    }
    const Scale scale = scale_of(image, options_);
    for (std::int64_t y = 0; y < layout_.height; y += step_) {
      for (std::int64_t x = 0; x < layout_.width; x += step_) {
        canvas_.pixel_block(left + static_cast<double>(x / step_) * block_,
                            top + static_cast<double>(y / step_) * block_, block_,
                            color_at(image, y, x, scale));
      }
    }
  }

  // The mean over the pixels that the one at (y, x) stands for, of one channel.
  float mean_at(const Tensor& image, std::int64_t y, std::int64_t x, std::int64_t channel) const {
    const std::int64_t bottom = std::min(y + step_, layout_.height);
    const std::int64_t right = std::min(x + step_, layout_.width);
    const float* from = image.floats().data() + channel * layout_.channel_step;
    double sum = 0;
    for (std::int64_t v = y; v < bottom; ++v) {
      for (std::int64_t u = x; u < right; ++u) {
        sum += static_cast<double>(from[v * layout_.row_step + u * layout_.column_step]);
      }
    }
    return static_cast<float>(sum / static_cast<double>((bottom - y) * (right - x)));
  }

  Color color_at(const Tensor& image, std::int64_t y, std::int64_t x, const Scale& scale) const {
    const auto part = [&](std::int64_t channel) {
      return (mean_at(image, y, x, channel) - scale.low) / (scale.high - scale.low);
    };
    const auto bounded = [](float value) { return std::clamp(value, 0.0f, 1.0f); };
    const float first = part(0);
    const Color color =
        layout_.channels == 3 ? Color{first, part(1), part(2)} : Color{first, first, first};
    if (!std::isfinite(color.red + color.green + color.blue)) return kNotFinite;
    if (options_.colors == ColorMap::Diverging && layout_.channels == 1) {
      return diverging_color(2 * color.red - 1);
    }
    return {bounded(color.red), bounded(color.green), bounded(color.blue)};
  }

  const std::vector<ImageRow>& rows_;
  const GridOptions& options_;
  Canvas canvas_;
  const Tensor* first_ = nullptr;
  Layout layout_;
  std::size_t columns_ = 0;
  double block_ = 1;       // of the canvas, for one pixel that is shown
  std::int64_t step_ = 1;  // pixels of an image that one shown stands for, along each axis
  double cell_width_ = 0;
  double cell_height_ = 0;
  double left_ = 0;
  double top_ = 0;
};

}  // namespace

bool is_image(const Shape& shape) {
  return shape.rank() == 2 ||
         (shape.rank() == 3 && (is_channels(shape[0]) || is_channels(shape[2])));
}

Tensor image_rows(const std::vector<ImageRow>& rows, const GridOptions& options) {
  return Grid(rows, options).draw();
}

Tensor image_grid(const std::vector<Tensor>& images, int columns, const GridOptions& options) {
  const auto count = static_cast<double>(images.size());
  const auto wide = static_cast<std::size_t>(columns > 0 ? columns : std::ceil(std::sqrt(count)));
  std::vector<ImageRow> rows;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (i % wide == 0) rows.push_back({});
    rows.back().images.push_back(images[i]);
  }
  return image_rows(rows, options);
}

std::vector<Tensor> images_of(const Tensor& batch, const Shape& shape, std::int64_t most) {
  const std::int64_t count = batch.shape().rank() == 0 ? 0 : batch.shape()[0];
  if (batch.dtype() != DType::F32 || batch.size() != count * shape.size()) {
    throw ShapeError(text("[image grid] a batch of ", shape.to_text(), " images must be f32, got ",
                          name_of(batch.dtype()), " ", batch.shape().to_text()));
  }
  std::vector<Tensor> images;
  for (std::int64_t i = 0; i < std::min(count, most); ++i) {
    Tensor image(shape);
    const auto sample = batch.floats().subspan(static_cast<std::size_t>(i * shape.size()),
                                               static_cast<std::size_t>(shape.size()));
    std::ranges::copy(sample, image.floats().begin());
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace hourglass::figure
