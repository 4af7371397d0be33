#include <hourglass/core/cpu.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

namespace hourglass {

TEST_SUITE("core/cpu") {
  TEST_CASE("HOURGLASS_ISA lowers the level of the instruction set and never raises it") {
    const char* wish = std::getenv("HOURGLASS_ISA");
    const std::string_view level = wish == nullptr ? "v4" : wish;
    CAPTURE(level);
    if (level == "v2") CHECK(isa() == Isa::V2);
    if (level == "v3") CHECK(isa() <= Isa::V3);
    if (isa() >= Isa::V3) CHECK(__builtin_cpu_supports("avx2"));
    if (isa() == Isa::V4) CHECK(__builtin_cpu_supports("avx512f"));
  }

  TEST_CASE("a level is chosen only where the processor has all of its instructions") {
    std::ifstream file("/proc/cpuinfo");
    std::string flags;
    while (!flags.starts_with("flags") && std::getline(file, flags)) {
    }
    flags += ' ';
    const auto has_all = [&](std::initializer_list<const char*> names) {
      for (const char* name : names) {
        CAPTURE(name);
        CHECK(flags.find(std::string(" ") + name + " ") != std::string::npos);
      }
    };
    if (isa() >= Isa::V3) has_all({"avx2", "fma", "bmi1", "bmi2", "movbe", "f16c"});
    // Virtual machines may have LZCNT and not list it. A processor without it takes it for BSR.
    if (isa() >= Isa::V3) {
      unsigned zeros = 0;
      asm("lzcnt %1, %0" : "=r"(zeros) : "r"(1u) : "cc");
      CHECK(zeros == 31);
    }
    if (isa() == Isa::V4) has_all({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
  }

  TEST_CASE("levels are named as compilers name them") {
    CHECK(name_of(Isa::V2) == "x86-64-v2");
    CHECK(name_of(Isa::V3) == "x86-64-v3");
    CHECK(name_of(Isa::V4) == "x86-64-v4");
  }

  TEST_CASE("the processor has a name of one line") {
    CHECK_FALSE(cpu_name().empty());
    CHECK(cpu_name().find('\n') == std::string::npos);
  }
}

}  // namespace hourglass
