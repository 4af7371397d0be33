#include <hourglass/core/error.hpp>
#include <hourglass/data/source.hpp>

#include <utility>

namespace hourglass {
namespace {

const Labels& checked(const Labels& labels, const Tensor& samples) {
  const std::int64_t count = samples.shape()[0];
  for (const Tensor* part : {&labels.classes, &labels.factors}) {
    if (!part->empty() && part->shape()[0] != count) {
      throw DataError(text("there are ", count, " samples, but ", part->shape()[0], " labels"));
    }
  }
  return labels;
}

}  // namespace

Source::~Source() = default;

const float* Source::in_place(std::uint32_t) const { return nullptr; }

const Labels& Source::labels() const {
  static const Labels kNone;
  return kNone;
}

MemorySource::MemorySource(Tensor samples, const Labels& labels,
                           std::shared_ptr<const FittedScaling> scaling)
    : samples_(std::move(samples)),
      labels_(checked(labels, samples_)),
      scaling_(std::move(scaling)),
      size_(samples_.shape()[0]),
      sample_shape_(samples_.shape().without(0)) {}

MemorySource::MemorySource(Tensor samples, const Labels& labels,
                           std::shared_ptr<const FittedScaling> scaling,
                           std::vector<std::uint32_t> rows)
    : samples_(std::move(samples)),
      labels_(checked(labels, samples_).chosen(rows)),
      scaling_(std::move(scaling)),
      all_(false),
      rows_(std::move(rows)),
      size_(static_cast<std::int64_t>(rows_.size())),
      sample_shape_(samples_.shape().without(0)) {}

void MemorySource::read(std::span<const std::uint32_t> indices, float* out) const {
  const std::int64_t width = sample_shape_.size();
  for (const std::uint32_t index : indices) {
    scaling_->apply(samples_, row(index), out);
    out += width;
  }
}

const float* MemorySource::in_place(std::uint32_t first) const {
  if (!all_ || samples_.dtype() != DType::F32 || !scaling_->keeps_values()) return nullptr;
  return samples_.floats().data() + first * sample_shape_.size();
}

}  // namespace hourglass
