#include <hourglass/data/loader.hpp>
#include <hourglass/evaluate/features_of.hpp>
#include <hourglass/statistics/pca.hpp>

#include <algorithm>
#include <span>

namespace hourglass {
namespace {

constexpr std::int64_t kSamplesAtOnce = 1000;

}  // namespace

Tensor codes_of(Model& model, const Source& source, std::uint32_t split) {
  const auto size = static_cast<std::size_t>(model.code_shape().size());
  Tensor codes(Shape{source.size(), static_cast<std::int64_t>(size)});
  float* out = codes.floats().data();
  model.encode(source, split,
               [&](std::span<const std::uint32_t> indices, const float*, const float* result) {
                 out = std::copy_n(result, indices.size() * size, out);
               });
  return codes;
}

Tensor samples_of(const Source& source) {
  Tensor samples(Shape{source.size(), source.sample_shape().size()});
  float* out = samples.floats().data();
  SequentialReader reader(source, kSamplesAtOnce);
  while (const Batch* batch = reader.next()) {
    out = std::copy_n(batch->samples, batch->size * source.sample_shape().size(), out);
  }
  return samples;
}

Tensor components_of(const Pca& pca, const Tensor& samples) {
  const std::int64_t rows = samples.shape()[0], size = pca.features();
  Tensor codes(Shape{rows, pca.count()});
  for (std::int64_t first = 0; first < rows; first += kSamplesAtOnce) {
    const std::int64_t count = std::min(kSamplesAtOnce, rows - first);
    Tensor part(Shape{count, size});
    std::copy_n(samples.floats().begin() + first * size, count * size, part.floats().begin());
    std::ranges::copy(pca.project(part).floats(), codes.floats().begin() + first * pca.count());
  }
  return codes;
}

std::vector<std::int32_t> classes_of(const Source& source) {
  const auto all = source.labels().classes.values<std::int64_t>();
  return {all.begin(), all.end()};
}

}  // namespace hourglass
