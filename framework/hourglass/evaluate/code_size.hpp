#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <string>

namespace hourglass {

/// How many numbers the code of one sample has.
HOURGLASS_API std::int64_t code_size(Model& model);

/// How many numbers of a sample one number of its code stands for: features / code size.
HOURGLASS_API double compression_ratio(Model& model);

/// The same in words: "1/24.5 of a sample", "as many as a sample", "2 times a sample".
HOURGLASS_API std::string compression_text(double ratio);

}  // namespace hourglass
