#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/lazy_samples.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// How a file's values become the model's:
///  - None: as they are.
///  - Unit: to [0, 1] by one scale for all features. u8 and u16 are divided by the greatest value
///    of their type (255, 65535), but stay when training has only 0 and 1; other values that lie in
///    [0, 1] stay; all others are (x - least) / (greatest - least) over the whole training split.
///  - Symmetric: Unit stretched to [-1, 1].
///  - Standardise: per feature, mean 0 and (population) standard deviation 1.
///  - MinMax: per feature, to [0, 1].
///  - Auto: None for values within [0, 1], Unit for u8 and u16 samples of two axes or more (images)
///    and other samples of that kind, Standardise for the rest (tables).
/// A feature that is constant in training becomes 0 under Standardise and MinMax.
enum class Scaling { Auto, None, Unit, Symmetric, Standardise, MinMax };

/// "auto", "none", "unit", "symmetric", "standardise", "minmax".
HOURGLASS_API std::string_view name_of(Scaling scaling);
/// Throws ConfigError, listing the names, for another one.
HOURGLASS_API Scaling scaling_named(std::string_view name);

/// What is known of training values after scaling, so that a variant can refuse a likelihood that
/// they do not fit. Other splits may exceed it, unless their type forbids that.
struct HOURGLASS_API ValueRange {
  float least = 0;
  float greatest = 0;
  /// Every sample is non-negative and sums to 1, as one-hot data and histograms do.
  bool sums_to_one = false;
  /// Every value is 0 or 1. A Bernoulli likelihood is one of such data only.
  bool binary = false;

  bool within(float low, float high) const { return least >= low && greatest <= high; }
};

/// A scaling fitted to training data: model = (file - offset) / scale, file = model scale + offset.
class HOURGLASS_API FittedScaling {
 public:
  /// Leaves values as they are.
  FittedScaling() = default;
  /// Fits to `rows` of `samples` [n, shape...] (all rows when empty). Never keeps `Auto`.
  FittedScaling(Scaling scaling, const Tensor& samples, std::span<const std::uint32_t> rows = {});
  /// The same for samples that are read a block at a time, once, or twice to standardise. Where
  /// their bounds are known and one scale serves all features, they are hardly read at all.
  FittedScaling(Scaling scaling, const LazySamples& samples,
                std::span<const std::uint32_t> rows = {});
  /// One that was fitted before. Throws DataError when the numbers are not those of a scaling: one
  /// scale and one offset, or as many as each other, all finite, and the scales greater than 0.
  FittedScaling(Scaling kind, std::vector<double> scale, std::vector<double> offset,
                const ValueRange& range);

  Scaling kind() const { return kind_; }
  /// One number, or one a feature (row-major over the sample's shape).
  const std::vector<double>& scale() const { return scale_; }
  const std::vector<double>& offset() const { return offset_; }
  const ValueRange& range() const { return range_; }
  /// Whether the model's values are the file's.
  bool keeps_values() const;

  /// Writes row `row` of `samples`, scaled, to `out`.
  void apply(const Tensor& samples, std::int64_t row, float* out) const;
  /// The same for one sample of `width` values.
  void apply(DType dtype, const std::byte* sample, std::int64_t width, float* out) const;
  /// The model's values of one sample, or of several, in the file's scale; in place.
  void undo(std::span<float> values) const;

 private:
  class Training;
  void fit(Scaling scaling, const Training& training);
  void set(std::vector<double> scale, std::vector<double> offset);

  Scaling kind_ = Scaling::None;
  std::vector<double> scale_ = {1};
  std::vector<double> offset_ = {0};
  std::vector<double> factor_ = {1};
  std::vector<float> narrow_factor_ = {1};
  std::vector<float> narrow_offset_ = {0};
  ValueRange range_;
};

/// Throws DataError, naming `file` and the first bad place, when floating-point samples hold a
/// value that is not finite in 32 bits.
HOURGLASS_API void check_finite(const Tensor& samples, const std::string& file,
                                std::int64_t first = 0);

}  // namespace hourglass
