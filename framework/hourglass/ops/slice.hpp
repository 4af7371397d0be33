#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The elements of x whose index along `axis` lies in [begin, end).
/// x: [d0, ..., dn-1], axis in [-n, n), 0 <= begin <= end <= d_axis.
/// Returns x's shape with end - begin along `axis`. A slice along the first axis of more than one
/// element is a view: nothing is copied.
/// Gradient: dx = dy within the slice, 0 elsewhere.
/// Throws ShapeError for an axis or a range outside x.
HOURGLASS_API Value slice(Value x, int axis, std::int64_t begin, std::int64_t end);

}  // namespace hourglass
