#include <hourglass/core/cpu.hpp>
#include <hourglass/core/error.hpp>

#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace hourglass {

namespace {

// Instructions of v3 that not every compiler's own test knows.
bool has_lzcnt_movbe_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_MOVBE) == 0 || (c & bit_F16C) == 0) {
    return false;
  }
  return __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & bit_LZCNT) != 0;
}

// All that a compiler may use at a level is asked for: virtual machines can mask single
// instructions, and LZCNT, where it is missing, gives other numbers without a fault.
Isa best_level() {
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                  has_lzcnt_movbe_f16c();
  if (!v3) return Isa::V2;
  const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v4 ? Isa::V4 : Isa::V3;
}

Isa detect() {
  const Isa best = best_level();
  const char* wish = std::getenv("HOURGLASS_ISA");
  const std::string_view name = wish == nullptr ? "" : wish;
  if (name == "v2") return Isa::V2;
  if (name == "v3") return std::min(best, Isa::V3);
  if (name == "v4" || name.empty()) return best;
  throw ConfigError(text("HOURGLASS_ISA must be v2, v3 or v4, got \"", name, "\""));
}

}  // namespace

Isa isa() {
  static const Isa found = detect();
  return found;
}

std::string_view name_of(Isa isa) {
  static constexpr std::string_view kNames[] = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
  return kNames[static_cast<int>(isa)];
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      if (const auto colon = line.find(": "); colon != std::string::npos) {
        return line.substr(colon + 2);
      }
    }
  }
  return "unknown";
}

void flush_denormals() {
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
}

}  // namespace hourglass
