#pragma once

#include <hourglass/ops/sparse.hpp>

namespace hourglass {

/// S W for a sparse matrix S [batch, n] and a weight W [n, m]: each row of the result is the sum of
/// the rows of W that its pairs name, times their values.  Returns [batch, m].
/// Gradients: dvalues = for each pair the product of its row of dy and its row of W,
/// dW = S^T dy, which is zero but for the rows that some pair names.
/// Throws ShapeError when the shapes do not fit.
HOURGLASS_API Value sparse_product(const SparseValue& sparse, Value weight);

/// S^T x for x [batch, m]: row j of the result, [n, m], is the sum of the rows of x that have a
/// pair in column j, times its value. Optimisers, clipping and other sweeps take it row by row as
/// they go over a parameter (see Streamed), so that a gradient [n, m] needs no memory. Gradients:
/// dvalues = for each pair the product of its row of x and its row of dy, dx = S dy. Throws
/// ShapeError when the shapes do not fit.
HOURGLASS_API Value sparse_transposed_product(const SparseValue& sparse, Value x);

/// The sum of each column of S, [n].
HOURGLASS_API Value sparse_column_sums(const SparseValue& sparse);

}  // namespace hourglass
