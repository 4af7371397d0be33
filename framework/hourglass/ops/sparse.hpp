#pragma once

#include <hourglass/graph/value.hpp>

#include <cstdint>
#include <optional>

namespace hourglass {

/// A matrix [batch, n] of which few elements are not zero, as pairs of a value and its column.
/// There is room for a fixed number of pairs, `capacity`, so that shapes do not depend on the data.
/// `topk` and `batch_topk` make it; a function of the values makes another one with the same
/// pattern:
///
///     SparseValue code = topk(dense(x, encoder, bias), 32);
///     code.values = relu(code.values);
///     Value y = sparse_product(code, decoder);     // each row the sum of 32 rows of `decoder`
///
/// Indices and offsets are whole numbers, kept as f32 like all values of a graph, and so at most
/// 2^24.
struct SparseValue {
  /// [batch, k] from topk, [batch * k] from batch_topk; read as a list of pairs, row after row.
  Value values;
  /// The column of each pair, in [0, n), ascending in each row; shaped like `values`.
  Value indices;
  /// [batch + 1]: row i has the pairs offsets[i] .. offsets[i + 1] - 1. Pairs from offsets[batch]
  /// on are not used: their values are zero and their indices 0.
  Value offsets;
  /// n.
  std::int64_t columns = 0;

  std::int64_t batch() const;
  std::int64_t capacity() const;
};

/// The matrix itself, [batch, n], zeros included. Products with it (dense_transposed as `x`) and
/// gradients through it look at the pairs alone, and as long as nothing else reads the matrix, it
/// is never made: a code can be handed on as the dense value that it is.
/// Gradient: dvalues = the gradient's elements at the pairs' places.
HOURGLASS_API Value to_dense(const SparseValue& sparse);

/// The pairs behind a value that `to_dense` made; nothing for any other.
HOURGLASS_API std::optional<SparseValue> sparse_form(Value dense);

/// x's elements where `pattern` has pairs, shaped like its values; zero for pairs not in use.
/// x: [batch, n].  Gradient: dx is zero elsewhere, a sparse value itself.
HOURGLASS_API Value gather(Value x, const SparseValue& pattern);

}  // namespace hourglass
