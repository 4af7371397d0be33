#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/erf.hpp>
#include <hourglass/ops/gelu.hpp>

namespace hourglass {

Value gelu(Value x) { return x * affine(erf(affine(x, 0.70710678f)), 0.5f, 0.5f); }

}  // namespace hourglass
