#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/lazy_samples.hpp>
#include <hourglass/data/scaling.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hourglass {

/// Samples by number, as the model wants them. A source may hold them, or make them when they are
/// asked for; equal numbers give equal samples, and `read` may be called from any thread.
class HOURGLASS_API Source {
 public:
  virtual ~Source();

  virtual std::int64_t size() const = 0;
  virtual const Shape& sample_shape() const = 0;
  /// Writes the samples `indices`, one after another, to `out` [indices, sample_shape...].
  virtual void read(std::span<const std::uint32_t> indices, float* out) const = 0;
  /// Whether samples are at hand, so that reading one is no more than a copy.
  virtual bool in_memory() const { return false; }
  /// How many neighbouring samples are read together: where that is more than one, orders should
  /// go by them (block_order).
  virtual LazySamples::Blocks blocks() const { return {}; }
  /// Samples `first` and those after it as the model wants them, where they stand in memory one
  /// after another; null where they have to be read.
  virtual const float* in_place(std::uint32_t first) const;
  /// The number by which a sample's random numbers are drawn outside training: its place in its
  /// split, whatever part of it a source shows.
  virtual std::uint32_t number(std::uint32_t index) const { return index; }
  /// Where a sample stands in the data that it comes from.
  virtual std::uint32_t row(std::uint32_t index) const { return index; }
  /// The labels of all samples; neither classes nor factors when there are none.
  virtual const Labels& labels() const;
};

/// Samples in memory, in their file's own type; they become floats as they are read. Several
/// sources may share one array, each with rows of its own.
class HOURGLASS_API MemorySource final : public Source {
 public:
  /// The samples are `rows` of `samples` [n, shape...], or all of them; `labels`
  /// are those of all n. Throws DataError when `labels` are of another number.
  MemorySource(Tensor samples, const Labels& labels, std::shared_ptr<const FittedScaling> scaling);
  MemorySource(Tensor samples, const Labels& labels, std::shared_ptr<const FittedScaling> scaling,
               std::vector<std::uint32_t> rows);

  std::int64_t size() const override { return size_; }
  const Shape& sample_shape() const override { return sample_shape_; }
  void read(std::span<const std::uint32_t> indices, float* out) const override;
  bool in_memory() const override { return true; }
  const float* in_place(std::uint32_t first) const override;
  const Labels& labels() const override { return labels_; }
  std::uint32_t row(std::uint32_t index) const override { return all_ ? index : rows_[index]; }

 private:
  Tensor samples_;
  Labels labels_;
  std::shared_ptr<const FittedScaling> scaling_;
  bool all_ = true;
  std::vector<std::uint32_t> rows_;
  std::int64_t size_ = 0;
  Shape sample_shape_;
};

/// Samples that are made or read when they are asked for. Several sources may share them, each with
/// rows of its own.
class HOURGLASS_API LazySource final : public Source {
 public:
  /// As MemorySource: all of `samples`, or `rows` of them.
  LazySource(std::shared_ptr<const LazySamples> samples, const Labels& labels,
             std::shared_ptr<const FittedScaling> scaling);
  LazySource(std::shared_ptr<const LazySamples> samples, const Labels& labels,
             std::shared_ptr<const FittedScaling> scaling, std::vector<std::uint32_t> rows);

  std::int64_t size() const override { return size_; }
  const Shape& sample_shape() const override { return sample_shape_; }
  void read(std::span<const std::uint32_t> indices, float* out) const override;
  bool in_memory() const override { return samples_->at_hand(); }
  LazySamples::Blocks blocks() const override { return blocks_; }
  std::uint32_t row(std::uint32_t index) const override { return all_ ? index : rows_[index]; }
  const Labels& labels() const override { return labels_; }

 private:
  std::shared_ptr<const LazySamples> samples_;
  Labels labels_;
  std::shared_ptr<const FittedScaling> scaling_;
  bool all_ = true;
  std::vector<std::uint32_t> rows_;
  std::int64_t size_ = 0;
  Shape sample_shape_;
  LazySamples::Blocks blocks_;
};

}  // namespace hourglass
