#pragma once

#include <hourglass/graph/value.hpp>

#include <string>

namespace hourglass {

/// Each column with its elements in a random order of its own: what remains is each column's
/// distribution, without what columns have to do with each other.
/// x: [batch, columns].  Returns that shape.
/// The orders are counted random numbers of the named stream (ops/random.hpp): in training they go
/// by the train step's count, in evaluation by the split and the batch's first sample.
/// Gradient: dy, put back in order.
/// Throws ShapeError unless x is a matrix.
HOURGLASS_API Value shuffle_columns(Value x, std::string stream);

}  // namespace hourglass
