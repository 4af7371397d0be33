#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace hourglass {

/// Makes any run of a tensor's elements from the inputs of its operation.
class HOURGLASS_API TileSource {
 public:
  virtual ~TileSource();
  /// Where the inputs are, all of them plain.
  virtual void bind(std::span<std::byte* const> inputs) = 0;
  /// Writes elements first .. first + count - 1, counted row-major, to `tile`. Called by all
  /// threads at once; an element must not depend on how the tensor is cut into runs.
  virtual void fill(float* tile, std::int64_t first, std::int64_t count) const = 0;
};

/// An operation with one output that a sweep can have made tile by tile, just before it reads it,
/// so that the whole never exists: the gradient of a large weight, which its update reads once and
/// in order. Where something else than a sweep reads the output, it is made as a whole. Sweeps that
/// read the same output each make it anew, so a streamed operation should be cheap to repeat.
class HOURGLASS_API Streamed : public Operation {
 public:
  ~Streamed() override;
  virtual std::unique_ptr<TileSource> source() const = 0;

  std::unique_ptr<Kernel> lower(Lowering& lowering) const final;
  const Streamed* as_streamed() const final { return this; }
};

}  // namespace hourglass
