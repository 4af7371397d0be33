#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>

namespace hourglass {

/// Bytes of this process that stand in memory now, files not counted: what the system gave it for
/// data and for code that it made itself. 0 where the system does not tell.
HOURGLASS_API std::size_t resident_bytes();

/// The part of it that is code made by this process: anonymous pages that can be executed.
HOURGLASS_API std::size_t generated_code_bytes();
/// The memory of this machine.
HOURGLASS_API std::size_t machine_bytes();

/// Bytes in use on the heap: what was allocated in pieces too small for pages of their own.
HOURGLASS_API std::size_t heap_bytes();

}  // namespace hourglass
