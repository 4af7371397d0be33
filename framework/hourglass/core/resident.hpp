#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>

namespace hourglass {

/// Bytes of this process that stand in memory now, files not counted: what the system gave it for
/// data and for code that it made itself. 0 where the system does not tell.
HOURGLASS_API std::size_t resident_bytes();

}  // namespace hourglass
