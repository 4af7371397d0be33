#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/evaluate/decoded_images.hpp>
#include <hourglass/plugin/metric.hpp>

namespace hourglass {
namespace {

constexpr std::int64_t kLongestCode = 512;  // whose covariance costs next to nothing
constexpr int kSampleColumns = 10;

}  // namespace

bool has_samples_figure(Model& model) {
  return default_code_source(model) == CodeSource::Prior ||
         model.code_shape().size() <= kLongestCode;
}

Tensor samples_figure(Model& model, const DataSet& data) {
  const CodeSourceOptions options{.source = default_code_source(model), .seed = model.setup().seed};
  const bool prior = options.source == CodeSource::Prior;
  FiniteCodes codes;
  if (!prior) {
    codes = finite_codes(model, data.train(), split_number("train"), kMostShownCodes);
    check_any(codes);
  }
  const DrawnSamples drawn = draw_samples(model, options, codes.values, kDecodedBatch);
  const std::vector<Tensor> images = shown_images(drawn.samples, data);
  figure::GridOptions grid = shades(*data.scaling, images);
  grid.title = text(data.name, ": samples from ",
                    prior ? "the prior" : "a normal distribution fitted to codes");
  grid.cell = 40;
  return figure::image_grid(images, kSampleColumns, grid);
}

}  // namespace hourglass
