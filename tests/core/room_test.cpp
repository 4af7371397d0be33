#include <hourglass/core/resident.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/core/text.hpp>

#include <doctest/doctest.h>

#include <cmath>

namespace hourglass {

TEST_SUITE("core/room") {
  TEST_CASE("what the machine's memory holds has room, and no more") {
    const auto there = static_cast<std::int64_t>(machine_bytes());
    CHECK(lack_of_room({}).empty());
    CHECK(lack_of_room({there, 0}).empty());
    CHECK(lack_of_room({there / 4}).empty());
    const auto gibibytes = [&](double bytes) { return std::round(bytes / (1 << 30)); };
    const auto of_machine = static_cast<double>(there);
    CHECK(lack_of_room({3, there}) == text("would take ", gibibytes(12 * of_machine),
                                           " GiB, and this machine has ", gibibytes(of_machine)));
  }

  TEST_CASE("sizes that cannot be counted have no room either") {
    constexpr std::int64_t kMillion = 1'000'000;
    CHECK_FALSE(lack_of_room({kMillion, kMillion, kMillion, kMillion}).empty());
  }
}

}  // namespace hourglass
