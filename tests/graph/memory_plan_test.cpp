#include <hourglass/core/random.hpp>
#include <hourglass/graph/memory_plan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace hourglass {

namespace {

bool share_time(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::vector<Lifetime> random_lifetimes(std::uint64_t seed) {
  RandomStream random(seed, "lifetimes");
  std::vector<Lifetime> result(1 + random.below(60));
  for (Lifetime& each : result) {
    each.bytes = random.below(8) == 0 ? 0 : random.below(5000);
    each.first = static_cast<int>(random.below(40));
    each.last = each.first + static_cast<int>(random.below(10));
  }
  return result;
}

}  // namespace

TEST_SUITE("graph/memory_plan") {
  TEST_CASE("what lives at the same time never overlaps, whatever the lifetimes") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CAPTURE(seed);
      const std::vector<Lifetime> lifetimes = random_lifetimes(seed);
      const MemoryPlan plan = plan_memory(lifetimes);
      REQUIRE(plan.offsets.size() == lifetimes.size());
      bool apart = true, inside = true;
      for (std::size_t i = 0; i < lifetimes.size(); ++i) {
        const std::size_t end = plan.offsets[i] + lifetimes[i].bytes;
        inside = inside && plan.offsets[i] % 64 == 0 && end <= plan.bytes;
        for (std::size_t k = 0; k < i; ++k) {
          if (lifetimes[i].bytes == 0 || lifetimes[k].bytes == 0) continue;
          if (!share_time(lifetimes[i], lifetimes[k])) continue;
          apart = apart && (end <= plan.offsets[k] ||
                            plan.offsets[k] + lifetimes[k].bytes <= plan.offsets[i]);
        }
      }
      CHECK(apart);
      CHECK(inside);
    }
  }

  TEST_CASE("the plan is close to the most that lives at one time") {
    std::size_t planned = 0, least = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const std::vector<Lifetime> lifetimes = random_lifetimes(seed);
      planned += plan_memory(lifetimes).bytes;
      std::size_t most = 0;
      for (int step = 0; step < 50; ++step) {
        std::size_t now = 0;
        for (const Lifetime& each : lifetimes) {
          if (each.first <= step && step <= each.last) now += (each.bytes + 63) / 64 * 64;
        }
        most = std::max(most, now);
      }
      least += most;
    }
    CHECK(planned >= least);
    CHECK(planned <= least + least / 5);
  }

  TEST_CASE("memory is used again once its owner is gone") {
    const std::vector<Lifetime> lifetimes{{1000, 0, 1}, {1000, 2, 3}, {1000, 4, 5}};
    CHECK(plan_memory(lifetimes).bytes == 1024);
  }

  TEST_CASE("nothing needs nothing") {
    CHECK(plan_memory({}).bytes == 0);
    CHECK(plan_memory(std::vector<Lifetime>{{0, 0, 3}}).bytes == 0);
  }

  TEST_CASE("an arena grows, never shrinks, and tells when it has moved") {
    Arena arena;
    const int before = arena.generation();
    arena.reserve(100);
    CHECK(arena.generation() != before);
    const int grown = arena.generation();
    arena.reserve(50);
    CHECK(arena.generation() == grown);
    CHECK(arena.bytes() == 100);
    arena.reserve(200);
    CHECK(arena.generation() != grown);
  }
}

}  // namespace hourglass
