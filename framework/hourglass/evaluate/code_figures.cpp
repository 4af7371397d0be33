#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/evaluate/decoded_images.hpp>
#include <hourglass/plugin/metric.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

FiniteCodes finite_codes(Model& model, const Source& source, std::uint32_t split,
                         std::int64_t most) {
  const std::vector<std::uint32_t> chosen = spread(source.size(), most);
  const std::int64_t size = model.code_shape().size();
  FiniteCodes codes;
  std::vector<float> values;
  model.encode(ChosenSource(source, chosen), split,
               [&](std::span<const std::uint32_t> indices, const float*, const float* code) {
                 for (const std::uint32_t index : indices) {
                   if (std::all_of(code, code + size, [](float x) { return std::isfinite(x); })) {
                     values.insert(values.end(), code, code + size);
                     codes.samples.push_back(chosen[index]);
                   }
                   code += size;
                 }
               });
  codes.values = Tensor(Shape{static_cast<std::int64_t>(codes.samples.size()), size});
  std::ranges::copy(values, codes.values.floats().begin());
  return codes;
}

bool has_code_figures(Model& model, const DataSet& data) {
  return data.has_images() && model.code_shape().rank() == 1 && !model.decoder_reads_labels();
}

void compile_code_figures(Model& model, const DataSet& data) {
  if (!has_code_figures(model, data)) return;
  model.compile(Purpose::Decode, kDecodedBatch);
  model.compile(Purpose::Encode,
                std::min(data.find(evaluated_split(data))->size(), kMostShownCodes));
  if (default_code_source(model) == CodeSource::Prior) {
    model.compile(Purpose::Generate, kDecodedBatch);
  } else if (has_samples_figure(model)) {
    model.compile(Purpose::Encode, std::min(data.train().size(), kMostShownCodes));
  }
}

Tensor decoded(Model& model, const Tensor& codes) {
  const std::int64_t count = codes.shape()[0], size = codes.shape()[1];
  Tensor samples(model.setup().data.sample_shape.prepended(count));
  const std::int64_t sample_size = model.setup().data.sample_shape.size();
  Tensor batch(Shape{kDecodedBatch, size});
  for (std::int64_t first = 0; first < count; first += kDecodedBatch) {
    const std::int64_t rows = std::min(kDecodedBatch, count - first);
    std::ranges::fill(batch.floats(), 0.0f);
    std::copy_n(codes.floats().begin() + first * size, rows * size, batch.floats().begin());
    const Tensor made = model.decode(batch);
    std::copy_n(made.floats().begin(), rows * sample_size,
                samples.floats().begin() + first * sample_size);
  }
  return samples;
}

std::vector<Tensor> shown_images(const Tensor& samples, const DataSet& data) {
  std::vector<Tensor> images = figure::images_of(samples, data.sample_shape, samples.shape()[0]);
  for (Tensor& image : images) data.scaling->undo(image.floats());
  return images;
}

void check_any(const FiniteCodes& codes) {
  if (codes.samples.empty()) throw DataError("no code is finite");
}

}  // namespace hourglass
