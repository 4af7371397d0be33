#pragma once

#include <hourglass/ops/sparse.hpp>

namespace hourglass {

/// The k largest elements of each row of x [batch, n], whatever their sign: values and indices are
/// [batch, k], each row in the order of its indices. Among equal elements the lower index comes
/// first; NaN counts as larger than all numbers, so that it is not lost.
/// An activation is best applied to the values: after `topk` it costs k elements a row, and the
/// gradients before it stay sparse.
/// Gradient: dx is dvalues at the chosen places, zero elsewhere, and itself sparse, so that a dense
/// layer before it computes its own gradients from the chosen elements alone.
/// Throws ShapeError unless x has two axes, 1 <= k <= n, and n and batch * k are at most 2^24.
/// A. Makhzani, B. Frey, "k-Sparse autoencoders", 2014.
HOURGLASS_API SparseValue topk(Value x, std::int64_t k);

/// What may be chosen, and how many.
struct Choice {
  /// [n]: columns whose number here is not above 0 are passed over; none: all may be chosen.
  Value columns = {};
  /// A scalar: how many of a row are chosen, rounded and kept within [1, k]; none: k.
  Value count = {};
  /// Whether elements that are not above 0 are passed over.
  bool positive = false;
};

/// The same among fewer elements: a row gives as many pairs as it can, at most k. Values and
/// indices are [batch * k], row after row as `offsets` says; the pairs behind are not used. No
/// gradient flows to `columns` and `count`. Throws ShapeError also unless `columns` is [n] and
/// `count` a scalar.
HOURGLASS_API SparseValue topk(Value x, std::int64_t k, const Choice& choice);

}  // namespace hourglass
