#include <hourglass/evaluate/decoded_images.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

constexpr std::size_t kMostDimensions = 10;
constexpr int kReach = 3;   // standard deviations
constexpr int kPerOne = 2;  // steps in each of them
constexpr int kStepsAcross = 2 * kReach * kPerOne + 1;

struct Spread {
  std::vector<double> mean;
  std::vector<double> deviation;
};

Spread spread_of(const Tensor& codes) {
  const auto size = static_cast<std::size_t>(codes.shape()[1]);
  const auto count = static_cast<double>(codes.shape()[0]);
  Spread spread{std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t i = 0; i < codes.floats().size(); ++i) {
    spread.mean[i % size] += static_cast<double>(codes.floats()[i]) / count;
  }
  for (std::size_t i = 0; i < codes.floats().size(); ++i) {
    const double beyond = static_cast<double>(codes.floats()[i]) - spread.mean[i % size];
    spread.deviation[i % size] += beyond * beyond / count;
  }
  for (double& value : spread.deviation) value = std::sqrt(value);
  return spread;
}

std::vector<std::size_t> widest(const std::vector<double>& deviations) {
  std::vector<std::size_t> order(deviations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return deviations[i]; });
  order.resize(std::min(order.size(), kMostDimensions));
  return order;
}

}  // namespace

Tensor traversal_figure(Model& model, const DataSet& data, const FiniteCodes& codes) {
  check_any(codes);
  const Spread spread = spread_of(codes.values);
  const std::vector<std::size_t> dimensions = widest(spread.deviation);
  const std::size_t size = spread.mean.size();
  Tensor moved(Shape{std::ssize(dimensions) * kStepsAcross, codes.values.shape()[1]});
  auto code = moved.floats();
  for (const std::size_t dimension : dimensions) {
    for (int step = 0; step < kStepsAcross; ++step) {
      std::ranges::transform(spread.mean, code.begin(),
                             [](double value) { return static_cast<float>(value); });
      const double by = static_cast<double>(step) / kPerOne - kReach;
      code[dimension] =
          static_cast<float>(spread.mean[dimension] + by * spread.deviation[dimension]);
      code = code.subspan(size);
    }
  }
  const std::vector<Tensor> images = shown_images(decoded(model, moved), data);
  std::vector<figure::ImageRow> rows;
  auto image = images.begin();
  for (const std::size_t dimension : dimensions) {
    rows.push_back({text("code ", dimension), {image, image + kStepsAcross}});
    image += kStepsAcross;
  }
  figure::GridOptions grid = shades(*data.scaling, images);
  grid.title = text(data.name, ": the mean code, one number moved by so many standard deviations");
  for (int step = 0; step < kStepsAcross; ++step) {
    const int whole = step / kPerOne - kReach;
    const char* sign = whole < 0 ? "\u2212" : whole > 0 ? "+" : "";
    grid.column_captions.push_back(step % kPerOne == 0 ? text(sign, std::abs(whole)) : "");
  }
  grid.cell = 40;
  return figure::image_rows(rows, grid);
}

}  // namespace hourglass
