#include <hourglass/core/error.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/categorical_cross_entropy.hpp>
#include <hourglass/ops/softmax.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

Value categorical_cross_entropy(Value logits, Value target) {
  if (logits.shape() != target.shape() || logits.shape().rank() == 0) {
    throw ShapeError(
        text("[categorical_cross_entropy] logits and target must have one shape [..., classes]: "
             "got ",
             logits.shape().to_text(), " and ", target.shape().to_text()));
  }
  return -sum(target * log_softmax(logits), {-1});
}

}  // namespace hourglass
