#include <hourglass/core/parallel.hpp>

#include <doctest/doctest.h>

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace hourglass {

namespace {

/// A team of `threads` for the life of a test.
class Team {
 public:
  explicit Team(int threads) : before_(thread_count()) { start_threads(threads); }
  ~Team() { start_threads(before_); }

 private:
  int before_;
};

}  // namespace

TEST_SUITE("core/parallel") {
  TEST_CASE("every index is visited exactly once, for any count, grain and team") {
    for (const int threads : {1, 2, 3}) {
      const Team team(threads);
      REQUIRE(thread_count() == threads);
      for (const std::int64_t count : {0, 1, 2, 3, 7, 64, 1000}) {
        for (const std::int64_t grain : {0, 1, 5, 400, 5000}) {
          CAPTURE(threads);
          CAPTURE(count);
          CAPTURE(grain);
          std::vector<std::atomic<int>> visits(count);
          parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) ++visits[i];
          });
          CHECK(std::ranges::all_of(visits, [](const auto& visit) { return visit == 1; }));
        }
      }
    }
  }

  TEST_CASE("a team as large as the machine has a processor for each thread, a smaller one roams") {
    for (const char* set_by_user : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"}) {
      if (std::getenv(set_by_user) != nullptr) return;
    }
    const int processors = processor_count();
    if (processors < 2) return;
    const auto places = [](int threads) {
      const Team team(threads);
      std::mutex mutex;
      std::vector<int> counts;
      std::set<int> found;
      parallel_for(threads, 1, [&](std::int64_t, std::int64_t) {
        cpu_set_t set;
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof set, &set);
        const std::lock_guard lock(mutex);
        counts.push_back(CPU_COUNT(&set));
        for (int i = 0; i < CPU_SETSIZE; ++i) {
          if (CPU_ISSET(i, &set)) found.insert(i);
        }
      });
      return std::pair(counts, found.size());
    };
    const auto [all_counts, all_found] = places(processors);
    CHECK(all_counts == std::vector<int>(processors, 1));
    CHECK(all_found == static_cast<std::size_t>(processors));
    const auto [more_counts, more_found] = places(processors + 1);
    CHECK(more_counts == std::vector<int>(processors + 1, processors));

    const Team team(processors);
    int free_processors = 0;
    std::thread([&] {
      use_any_processor();
      cpu_set_t set;
      CPU_ZERO(&set);
      sched_getaffinity(0, sizeof set, &set);
      free_processors = CPU_COUNT(&set);
    }).join();
    CHECK(free_processors == processors);
    CHECK(processor_count() == processors);
  }

  TEST_CASE("a negative count does nothing") {
    bool called = false;
    parallel_for(-1, 1, [&](std::int64_t, std::int64_t) { called = true; });
    CHECK_FALSE(called);
  }

  TEST_CASE("work below two grains stays on the calling thread, in one range") {
    const Team team(2);
    const auto caller = std::this_thread::get_id();
    int calls = 0;
    parallel_for(199, 100, [&](std::int64_t begin, std::int64_t end) {
      ++calls;
      CHECK(begin == 0);
      CHECK(end == 199);
      CHECK(std::this_thread::get_id() == caller);
    });
    CHECK(calls == 1);
  }

  TEST_CASE("work of two grains is shared, and no range is below the grain") {
    const Team team(3);
    std::mutex mutex;
    std::set<std::thread::id> workers;
    std::vector<std::int64_t> lengths;
    parallel_for(200, 100, [&](std::int64_t begin, std::int64_t end) {
      const std::lock_guard lock(mutex);
      workers.insert(std::this_thread::get_id());
      lengths.push_back(end - begin);
    });
    CHECK(workers.size() == 2);
    CHECK(lengths == std::vector<std::int64_t>{100, 100});
  }

  TEST_CASE("each thread of the team knows its number, the calling one outside is zero") {
    const Team team(3);
    CHECK(thread_index() == 0);
    std::vector<int> numbers(thread_count(), -1);
    parallel_for(thread_count(), 1,
                 [&](std::int64_t begin, std::int64_t) { numbers[begin] = thread_index(); });
    CHECK(numbers == std::vector<int>{0, 1, 2});
  }

  TEST_CASE("denormal numbers are zero on every thread of the team") {
    const Team team(3);
    const volatile float small = 1e-30f;
    const volatile float factor = 1e-10f;
    std::vector<float> products(thread_count(), 1.0f);
    parallel_for(thread_count(), 1,
                 [&](std::int64_t begin, std::int64_t) { products[begin] = small * factor; });
    // Compared as bits: a thread that reads denormals as zero would see zero in either case.
    for (const float product : products) CHECK(std::bit_cast<std::uint32_t>(product) == 0);

    const volatile float denormal = 1e-40f;
    parallel_for(thread_count(), 1,
                 [&](std::int64_t begin, std::int64_t) { products[begin] = denormal * 1e10f; });
    CHECK(products == std::vector<float>{0, 0, 0});
  }

  TEST_CASE("a body may be const, and may keep state of its own") {
    std::int64_t sum = 0;
    const auto constant = [&sum](std::int64_t begin, std::int64_t end) { sum += end - begin; };
    parallel_for(10, 100, constant);
    CHECK(sum == 10);

    auto counter = [calls = 0](std::int64_t, std::int64_t) mutable { return ++calls; };
    parallel_for(10, 100, counter);
    CHECK(counter(0, 0) == 2);
  }
}

}  // namespace hourglass
