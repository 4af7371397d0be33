#pragma once

#include <hourglass/core/api.hpp>

#include <string>
#include <string_view>

namespace hourglass {

/// Levels of the x86-64 instruction set that our kernels are built for: V2 has SSE4.2, V3 AVX2 and
/// fused multiply-add, V4 AVX-512.
enum class Isa { V2, V3, V4 };

/// The best level of this processor, found once. The environment variable HOURGLASS_ISA (`v2`,
/// `v3` or `v4`) lowers it, for tests and for results that must repeat on an older machine. Throws
/// ConfigError when that says anything else.
HOURGLASS_API Isa isa();
/// "x86-64-v4", ...
HOURGLASS_API std::string_view name_of(Isa isa);
/// The processor's model name, as the operating system gives it.
HOURGLASS_API std::string cpu_name();
/// Treats denormal numbers as zero on the calling thread and on the threads that it creates.
HOURGLASS_API void flush_denormals();

}  // namespace hourglass
