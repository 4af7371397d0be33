#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hourglass::onednn {

struct LayoutDescriptor;

/// One loop over memory: `extent` elements or blocks, `stride` elements of memory apart, each
/// `step` indices of the logical axis `axis` further.
struct MemoryAxis {
  int axis;
  std::int64_t extent, step, stride;

  friend bool operator==(const MemoryAxis&, const MemoryAxis&) = default;
};

/// How the f32 elements of a tensor lie in memory: row-major ("plain"), permuted, or in blocks as
/// oneDNN's fastest kernels want them. A cheap handle to an immutable descriptor.
class HOURGLASS_API Layout {
 public:
  Layout() = default;
  /// Row-major.
  static Layout plain(const Shape& shape);
  /// The layout of `shape` when its elements stand as those of a row-major tensor whose two last
  /// axes are swapped: what a transposed matrix looks like without moving anything.
  static Layout transposed(const Shape& shape);
  /// A part of a larger tensor: `strides` are the elements from one index to the next, an axis.
  static Layout strided(const Shape& shape, std::span<const std::int64_t> strides);
  /// Leaves the choice to a primitive; not a layout of memory until the primitive has chosen.
  static Layout any(const Shape& shape);

  explicit operator bool() const { return descriptor_ != nullptr; }
  const Shape& shape() const { return shape_; }
  bool is_plain() const;
  bool is_any() const;
  /// Whether elements beyond the logical shape exist (blocks that reach over the edge). They are
  /// zero and must stay so.
  bool is_padded() const;
  std::size_t bytes() const;
  /// The loops that visit all memory in its order, slowest first: of a plain [n, c, h, w] those
  /// four, of one in blocks of 16 channels n, c / 16, h, w and 16. A padded layout's visit its
  /// padding.
  std::vector<MemoryAxis> memory_axes() const;
  /// How images [batch, channels, spatial...] lie between convolutions: in blocks of as many
  /// channels as a vector has floats where they are a multiple of that, plain where there are no
  /// more than three, and else as oneDNN chooses. Asked for nothing, oneDNN 2.6 lets a forward give
  /// channels last and its gradients ask for blocks.
  static Layout image(const Shape& shape);
  /// Images in such blocks whatever the number of channels: the last block is padded.
  static Layout blocked(const Shape& shape);
  /// The layout of a tensor of another shape, of as many axes, that lies as this one: axes in the
  /// same order, channels in the same blocks. Plain where oneDNN has no name for that.
  Layout like(const Shape& shape) const;
  /// "plain", or strides and blocks: "blocked 16b64a".
  std::string to_text() const;

  friend HOURGLASS_API bool operator==(const Layout& a, const Layout& b);

  /// For this room alone.
  explicit Layout(const LayoutDescriptor& descriptor);
  const LayoutDescriptor& descriptor() const { return *descriptor_; }

 private:
  Shape shape_;
  std::shared_ptr<const LayoutDescriptor> descriptor_;
};

}  // namespace hourglass::onednn
