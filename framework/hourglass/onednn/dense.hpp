#pragma once

#include <hourglass/onednn/primitive.hpp>

namespace hourglass::onednn {

/// y = activation(x W^T + b). x: [batch, in], W: [out, in], b: [out], y: [batch, out].
/// A layout of `Layout::any` is chosen by oneDNN and can be asked for afterwards.
HOURGLASS_API Primitive dense_forward(const Layout& source, const Layout& weights, bool bias,
                                      OptionalPostOp activation);
/// dx = dy W. Where a version's code for the layout of W is unsafe, the primitive asks for plain W.
HOURGLASS_API Primitive dense_backward_data(const Layout& destination_gradient,
                                            const Layout& weights);
/// dW = dy^T x, and db = the sum of dy over the batch.
HOURGLASS_API Primitive dense_backward_weights(const Layout& source, const Layout& weights_gradient,
                                               bool bias, const Layout& destination_gradient);

}  // namespace hourglass::onednn
