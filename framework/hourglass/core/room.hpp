#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>

#include <string>

namespace hourglass {

/// "would take 5841 GiB, and this machine has 24", of a tensor of floats; empty where it has room.
/// A slip of the pen, such as a layer of a million units on a million inputs, is told as one before
/// anything is allocated.
HOURGLASS_API std::string lack_of_room(const Shape& shape);

}  // namespace hourglass
