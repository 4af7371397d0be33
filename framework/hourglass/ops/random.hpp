#pragma once

#include <hourglass/graph/value.hpp>

#include <string>

namespace hourglass {

// Counted random numbers: a pure function of the run's seed, the stream's name and a counter, the
// same for any number of threads and in any order of the graph. In training the counter is the
// train step's count and the element's row-major index. In evaluation the first axis is the batch,
// and the counter is the split, the sample's number in its set, the draw, and the index within the
// sample, so that a sample's numbers do not depend on the batch that it is in; samples that the run
// does not number count from 0. Values of one stream that are used twice in a program are equal:
// give each use a name of its own. No gradient flows into them.

/// Standard normal numbers.  Returns `shape`.
HOURGLASS_API Value random_normal(Graph& graph, const Shape& shape, std::string stream);
/// Numbers uniform in [low, high).  Returns `shape`.
/// Throws ShapeError unless low < high.
HOURGLASS_API Value random_uniform(Graph& graph, const Shape& shape, std::string stream,
                                   float low = 0.0f, float high = 1.0f);
/// Numbers uniform in [0, 1) that are the same in every draw of a sample: for what belongs to the
/// sample, not to its code.  Returns `shape`.
HOURGLASS_API Value random_uniform_per_sample(Graph& graph, const Shape& shape, std::string stream);
/// 1 with the given probability, else 0.  Returns `shape`.
/// Throws ShapeError unless 0 <= probability <= 1.
HOURGLASS_API Value random_bernoulli(Graph& graph, const Shape& shape, std::string stream,
                                     float probability);

}  // namespace hourglass
