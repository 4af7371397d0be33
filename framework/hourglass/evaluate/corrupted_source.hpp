#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/nn/corruption.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace hourglass {

/// The samples of another source, which must outlive this one, corrupted: what a model is given
/// instead of clean ones, whatever it was trained on.
///
///     const CorruptedSource noisy(source, corruptions, model.setup().data.range, seed, split);
///     model.reconstruct(noisy, split, ...);  // or encode
///
/// Each sample is corrupted once, by counted numbers that go by the seed, the split and the
/// sample's place in it: those that Model::denoise draws for the same corruptions. Reading
/// computes, so one thread reads at a time, the one that opens parallel regions.
class HOURGLASS_API CorruptedSource final : public Source {
 public:
  /// `range` is that of the training data. The corruptions must fit the samples (fault_of).
  CorruptedSource(const Source& source, std::vector<CorruptionOptions> corruptions,
                  const ValueRange& range, std::uint64_t seed, std::uint32_t split);
  ~CorruptedSource() override;

  std::int64_t size() const override { return source_.size(); }
  const Shape& sample_shape() const override { return source_.sample_shape(); }
  void read(std::span<const std::uint32_t> indices, float* out) const override;
  std::uint32_t number(std::uint32_t index) const override { return source_.number(index); }
  std::uint32_t row(std::uint32_t index) const override { return source_.row(index); }
  const Labels& labels() const override { return source_.labels(); }

 private:
  Program& program(std::int64_t batch) const;

  const Source& source_;
  std::vector<CorruptionOptions> corruptions_;
  ValueRange range_;
  std::uint64_t seed_;
  std::uint32_t split_;
  mutable Arena arena_;
  mutable std::map<std::int64_t, Program> programs_;  // by batch size
};

}  // namespace hourglass
