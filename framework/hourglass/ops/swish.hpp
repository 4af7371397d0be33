#pragma once

#include <hourglass/graph/value.hpp>

namespace hourglass {

/// x sigmoid(x), also known as SiLU.  x: any shape.  The gradient follows from the operations that
/// it is made of.   P. Ramachandran et al., 2017.
HOURGLASS_API Value swish(Value x);

}  // namespace hourglass
