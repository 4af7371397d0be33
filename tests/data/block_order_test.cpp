#include <hourglass/core/random.hpp>
#include <hourglass/data/block_order.hpp>
#include <hourglass/data/split.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
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

  TEST_CASE("of some rows, as many go to a block as lie in one") {
    CHECK(block_of_rows(100, {}) == 100);
    const std::vector<std::uint32_t> all = {5, 6, 7, 8}, thin = {0, 10, 20, 39},
                                     far = {7, 4'000'000};
    CHECK(block_of_rows(100, all) == 100);
    CHECK(block_of_rows(100, thin) == 10);
    CHECK(block_of_rows(100, far) == 1);
    CHECK(block_of_rows(1, thin) == 1);
  }

  TEST_CASE("an epoch over any part of a file reads its blocks but a few times") {
    // A cache of 48 blocks, as a file of 400 has it, with windows of 16.
    const std::uint32_t count = 40'000, block = 100, window = 16, kept = 48;
    std::vector<std::uint32_t> whole(count);
    std::iota(whole.begin(), whole.end(), 0u);
    for (const double part : {0.2, 0.5, 0.9}) {
      CAPTURE(part);
      const auto rows = take_part(whole, part, 1, "test").second;
      const auto own = static_cast<std::uint32_t>(block_of_rows(block, rows));
      std::vector<std::uint32_t> cache;
      int reads = 0;
      for (const std::uint32_t place :
           block_order(static_cast<std::uint32_t>(rows.size()), own, window, 1, "order", 0)) {
        const std::uint32_t number = rows[place] / block;
        const auto at = std::ranges::find(cache, number);
        if (at != cache.end()) {
          cache.erase(at);
        } else {
          ++reads;
          if (cache.size() == kept) cache.erase(cache.begin());
        }
        cache.push_back(number);
      }
      CHECK(reads >= 400);
      CHECK(reads <= 1000);  // a window's block lies in two or three of the file's
    }
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
