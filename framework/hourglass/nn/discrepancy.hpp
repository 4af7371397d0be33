#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The biased squared maximum mean discrepancy between x [m, n] and y [k, n], a scalar: the mean of
/// kernel(x, x') and of kernel(y, y') over all pairs, less twice that of kernel(x, y). The kernel
/// is inverse multiquadric, C / (C + d^2) for the squared distance d^2, averaged over C = 2 n {.1,
/// .2, .5, 1, 2, 5, 10}.  A. Gretton et al., "A kernel two-sample test", 2012; I. Tolstikhin et
/// al., "Wasserstein auto-encoders", 2018. Throws ShapeError unless both have two axes and rows of
/// one length.
HOURGLASS_API Value squared_discrepancy(Value x, Value y);

}  // namespace hourglass
