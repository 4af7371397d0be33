#include <hourglass/core/random.hpp>
#include <hourglass/data/block_order.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using namespace hourglass;

TEST_SUITE("data/block_order") {
  TEST_CASE("every sample comes once, and a window's samples are those of its blocks") {
    const std::uint32_t count = 1003, block = 10, window = 4;
    const auto order = block_order(count, block, window, 3, "order", 5);
    REQUIRE(order.size() == count);
    CHECK(std::set<std::uint32_t>(order.begin(), order.end()).size() == count);
    // The last block is short, and may come anywhere: a window has 40 samples, or 33.
    std::set<std::uint32_t> seen;
    std::size_t at = 0;
    while (at < count) {
      std::set<std::uint32_t> blocks;
      std::size_t size = 0;
      for (; at < count; ++at) {
        const std::uint32_t number = order[at] / block;
        if (!blocks.contains(number) && blocks.size() == window) break;
        blocks.insert(number);
        ++size;
      }
      std::size_t whole = 0;
      for (const std::uint32_t number : blocks) {
        CHECK(seen.insert(number).second);
        whole += number == 100 ? 3 : 10;
      }
      CHECK(size == whole);
    }
    CHECK(seen.size() == 101);
  }

  TEST_CASE("an order is a pure function, and each epoch has another") {
    const auto order = [](std::uint64_t seed, std::uint64_t epoch) {
      return block_order(500, 7, 3, seed, "order", epoch);
    };
    CHECK(order(1, 2) == order(1, 2));
    CHECK(order(1, 2) != order(1, 3));
    CHECK(order(1, 2) != order(2, 2));
    CHECK_FALSE(std::ranges::is_sorted(order(1, 2)));
  }

  TEST_CASE("what one window holds is shuffled as a whole") {
    CHECK(block_order(100, 10, 10, 1, "order", 4) == permutation(100, 1, "order", 4));
    CHECK(block_order(100, 1, 1, 1, "order", 4) == permutation(100, 1, "order", 4));
    CHECK(block_order(0, 5, 2, 1, "order", 0).empty());
  }

  TEST_CASE("neighbours are spread over their window") {
    const auto order = block_order(6400, 100, 8, 1, "order", 0);
    double distance = 0;
    for (std::size_t i = 1; i < 800; ++i) {
      distance += order[i] / 100 != order[i - 1] / 100 ? 1 : 0;
    }
    CHECK(distance / 799 > 0.8);  // of eight blocks, the next sample is mostly of another
  }
}
