#include <hourglass/core/cpu.hpp>

#include <immintrin.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace hourglass {

namespace {

Isa detect() {
  __builtin_cpu_init();
  Isa best = Isa::V2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2")) {
    best = Isa::V3;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      best = Isa::V4;
    }
  }
  if (const char* wish = std::getenv("HOURGLASS_ISA")) {
    const std::string_view name = wish;
    if (name == "v2") best = Isa::V2;
    if (name == "v3") best = std::min(best, Isa::V3);
  }
  return best;
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
