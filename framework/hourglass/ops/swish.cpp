#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/swish.hpp>

namespace hourglass {

Value swish(Value x) { return x * sigmoid(x); }

}  // namespace hourglass
