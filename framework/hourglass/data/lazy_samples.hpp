#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace hourglass {

/// Samples in their own type, before scaling, that stand nowhere as one array: they are made, or
/// read from a file, when they are asked for.
class HOURGLASS_API LazySamples {
 public:
  /// Values that bound all samples.
  struct Bounds {
    double least = 0;
    double greatest = 0;
  };

  /// How neighbouring samples are best read: `size` at a time, `window` blocks kept. A size of 1:
  /// any order is as good.
  struct Blocks {
    std::int64_t size = 1;
    std::int64_t window = 1;
  };

  virtual ~LazySamples();

  /// [samples, shape...]
  virtual const Shape& shape() const = 0;
  virtual DType dtype() const = 0;
  /// Writes the samples `rows`, one after another, to `out`. Equal rows give equal samples, and any
  /// thread may call.
  virtual void read(std::span<const std::uint32_t> rows, std::byte* out) const = 0;
  /// Whether reading one takes little longer than copying it.
  virtual bool at_hand() const { return true; }
  virtual Blocks blocks() const { return {}; }
  /// Known without looking at the samples, and met by any part of them that is to be trained on.
  virtual std::optional<Bounds> bounds() const { return std::nullopt; }
  /// Other samples have another sum.
  virtual std::uint32_t checksum() const = 0;

  std::int64_t size() const { return shape()[0]; }
  std::int64_t sample_bytes() const;
};

/// The same samples under another shape. Throws ShapeError when the sizes differ.
HOURGLASS_API std::shared_ptr<const LazySamples> reshaped(
    std::shared_ptr<const LazySamples> samples, const Shape& shape);

}  // namespace hourglass
