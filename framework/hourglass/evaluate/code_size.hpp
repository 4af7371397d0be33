#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>

namespace hourglass {

/// How many numbers the code of one sample has.
HOURGLASS_API std::int64_t code_size(Model& model);

/// How many numbers of a sample one number of its code stands for: features / code size.
HOURGLASS_API double compression_ratio(Model& model);

}  // namespace hourglass
