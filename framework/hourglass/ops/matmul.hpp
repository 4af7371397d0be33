#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// Which operands of a matmul are read with their last two axes swapped. Nothing is moved for it.
struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

/// The matrix product over the last two axes: c = a b, or with either operand transposed.
/// a: [..., m, k] ([..., k, m] if transposed), b: [..., k, n] ([..., n, k] if transposed); axes
/// before the last two are batches and equal in both.  Returns [..., m, n].
/// Gradients: da = dc b^T, db = a^T dc, transposed again where the operand was.
/// Throws ShapeError for fewer than two axes, batches that differ, or inner axes that differ.
HOURGLASS_API Value matmul(Value a, Value b, MatmulOptions options = {});

}  // namespace hourglass
