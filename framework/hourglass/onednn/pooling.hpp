#pragma once

#include <hourglass/onednn/primitive.hpp>

#include <cstdint>
#include <vector>

namespace hourglass::onednn {

enum class Pool { Maximum, Average };

/// A window that moves over the spatial axes, one number an axis, and over how much beyond the
/// input.
struct Window {
  std::vector<std::int64_t> kernel, stride, before, after;

  friend bool operator==(const Window&, const Window&) = default;
};

/// The greatest element, or the mean, under each place of the window. Places beyond the input are
/// never the greatest; they count as zeros in a mean. The destination lies as the source. With
/// `workspace`, which only the maximum has, the forward notes where it found each.
HOURGLASS_API Primitive pooling_forward(Pool pool, const Layout& source, const Shape& destination,
                                        const Window& window, bool workspace);
/// The gradient of what lies as `source`. The maximum's needs the workspace of a forward of the
/// same arguments.
HOURGLASS_API Primitive pooling_backward(Pool pool, const Layout& source, const Shape& destination,
                                         const Window& window);

}  // namespace hourglass::onednn
