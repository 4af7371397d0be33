#include <hourglass/core/error.hpp>
#include <hourglass/data/block_order.hpp>
#include <hourglass/data/source.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {
namespace {

// Of lazy samples, so many bytes at once, which a core's cache holds.
constexpr std::int64_t kReadBytes = 1 << 16;

const Labels& checked(const Labels& labels, std::int64_t count) {
  for (const Tensor* part :
       {&labels.classes, &labels.factors, &labels.factor_classes, &labels.anomalies}) {
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
      labels_(checked(labels, samples_.shape()[0])),
      scaling_(std::move(scaling)),
      size_(samples_.shape()[0]),
      sample_shape_(samples_.shape().without(0)) {}

MemorySource::MemorySource(Tensor samples, const Labels& labels,
                           std::shared_ptr<const FittedScaling> scaling,
                           std::vector<std::uint32_t> rows)
    : samples_(std::move(samples)),
      labels_(checked(labels, samples_.shape()[0]).chosen(rows)),
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

LazySource::LazySource(std::shared_ptr<const LazySamples> samples, const Labels& labels,
                       std::shared_ptr<const FittedScaling> scaling)
    : samples_(std::move(samples)),
      labels_(checked(labels, samples_->size())),
      scaling_(std::move(scaling)),
      size_(samples_->size()),
      sample_shape_(samples_->shape().without(0)),
      blocks_(samples_->blocks()) {}

LazySource::LazySource(std::shared_ptr<const LazySamples> samples, const Labels& labels,
                       std::shared_ptr<const FittedScaling> scaling,
                       std::vector<std::uint32_t> rows)
    : samples_(std::move(samples)),
      labels_(checked(labels, samples_->size()).chosen(rows)),
      scaling_(std::move(scaling)),
      all_(false),
      rows_(std::move(rows)),
      size_(static_cast<std::int64_t>(rows_.size())),
      sample_shape_(samples_->shape().without(0)),
      blocks_(samples_->blocks()) {
  blocks_.size = block_of_rows(blocks_.size, rows_);
}

void LazySource::read(std::span<const std::uint32_t> indices, float* out) const {
  thread_local std::vector<std::byte> buffer;
  thread_local std::vector<std::uint32_t> chosen;
  const std::int64_t bytes = samples_->sample_bytes();
  const auto block = static_cast<std::size_t>(std::max<std::int64_t>(kReadBytes / bytes, 1));
  buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(bytes) * block));
  while (!indices.empty()) {
    const auto some = indices.first(std::min(block, indices.size()));
    chosen.assign(some.begin(), some.end());
    for (std::uint32_t& each : chosen) each = row(each);
    samples_->read(chosen, buffer.data());
    const std::byte* from = buffer.data();
    for (std::size_t i = 0; i < some.size(); ++i) {
      scaling_->apply(samples_->dtype(), from, sample_shape_.size(), out);
      from += bytes;
      out += sample_shape_.size();
    }
    indices = indices.subspan(some.size());
  }
}

}  // namespace hourglass
