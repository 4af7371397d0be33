#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// Softmax, or its logarithm, along `axis`.
HOURGLASS_API Primitive softmax(const Layout& source, int axis, bool logarithm);

}  // namespace hourglass::onednn
