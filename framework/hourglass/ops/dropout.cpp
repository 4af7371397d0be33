#include <hourglass/core/error.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/dropout.hpp>
#include <hourglass/ops/random.hpp>

namespace hourglass {

Value dropout(Value x, float rate, std::string stream) {
  if (!(rate >= 0 && rate < 1)) {
    throw ShapeError(text("[dropout] rate must be in [0, 1), got ", rate));
  }
  if (rate == 0) return x;
  const float kept = 1.0f - rate;
  return x * random_bernoulli(x.graph(), x.shape(), std::move(stream), kept) * (1.0f / kept);
}

}  // namespace hourglass
