#include <hourglass/evaluate/decoded_images.hpp>
#include <hourglass/figure/axes.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

constexpr std::size_t kPlaneSide = 20;

std::vector<float> quantiles(const Tensor& codes, std::size_t dimension) {
  std::vector<float> values;
  for (std::size_t i = dimension; i < codes.floats().size(); i += 2) {
    values.push_back(codes.floats()[i]);
  }
  std::ranges::sort(values);
  std::vector<float> chosen;
  for (std::size_t i = 0; i < kPlaneSide; ++i) {
    chosen.push_back(values[(2 * i + 1) * values.size() / (2 * kPlaneSide)]);
  }
  return chosen;
}

// Every other one has a caption: they are close together.
std::string caption(const std::vector<float>& values, std::size_t i) {
  if (i % 2 != 0) return "";
  return figure::readable(std::round(static_cast<double>(values[i]) * 10) / 10);
}

}  // namespace

Tensor plane_figure(Model& model, const DataSet& data, const FiniteCodes& codes) {
  check_any(codes);
  const std::vector<float> across = quantiles(codes.values, 0), up = quantiles(codes.values, 1);
  Tensor places(Shape{kPlaneSide * kPlaneSide, 2});
  auto out = places.floats().begin();
  for (std::size_t row = 0; row < kPlaneSide; ++row) {
    for (std::size_t column = 0; column < kPlaneSide; ++column) {
      *out++ = across[column];
      *out++ = up[kPlaneSide - 1 - row];
    }
  }
  const std::vector<Tensor> images = shown_images(decoded(model, places), data);
  std::vector<figure::ImageRow> rows;
  for (std::size_t row = 0; row < kPlaneSide; ++row) {
    const auto first = images.begin() + static_cast<std::ptrdiff_t>(row * kPlaneSide);
    rows.push_back({caption(up, kPlaneSide - 1 - row), {first, first + kPlaneSide}});
  }
  figure::GridOptions grid = shades(*data.scaling, images);
  grid.title = text(data.name, ": decoded plane at quantiles, code 0 across and code 1 upwards");
  for (std::size_t i = 0; i < kPlaneSide; ++i) grid.column_captions.push_back(caption(across, i));
  grid.cell = 28;
  grid.gap = 0;
  return figure::image_rows(rows, grid);
}

}  // namespace hourglass
