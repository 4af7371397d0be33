#include <hourglass/core/forked.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

using namespace hourglass;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLong(20000), kShort(200);

}  // namespace

TEST_SUITE("core/forked") {
  TEST_CASE("what a function returns or throws comes back, and nothing else does") {
    int here = 0;
    const ForkedEnding ending = call_forked(
        [&]() -> std::string {
          here = 1;
          std::puts("nobody sees this");
          return std::string(100000, 'x');
        },
        kLong);
    CHECK(ending.returned);
    CHECK(ending.message == std::string(100000, 'x'));
    CHECK(here == 0);
    const ForkedEnding thrown =
        call_forked([]() -> std::string { throw std::runtime_error("no luck"); }, kLong);
    CHECK_FALSE(thrown.returned);
    CHECK(thrown.threw);
    CHECK(thrown.message == "no luck");
    CHECK(call_forked([]() -> std::string { throw 3; }, kLong).message ==
          "something that is no std::exception");
  }

  TEST_CASE("a function that exits, crashes or hangs is told of, and ends nothing here") {
    const auto way = [](const std::function<std::string()>& function, milliseconds limit) {
      const ForkedEnding ending = call_forked(function, limit);
      CHECK_FALSE(ending.returned);
      CHECK_FALSE(ending.threw);
      return way_of_ending(ending, limit);
    };
    CHECK(way([]() -> std::string { std::_Exit(3); }, kLong) ==
          "ends the program with exit code 3");
    CHECK(way([]() -> std::string { std::_Exit(0); }, kLong) ==
          "ends the program with exit code 0");
    CHECK(way(
              []() -> std::string {
                std::raise(SIGKILL);
                return "";
              },
              kLong) == "crashes: Killed");
    CHECK(way(
              []() -> std::string {
                for (;;) std::this_thread::sleep_for(milliseconds(10));
              },
              kShort) == "does not come back within 0.2 seconds");
  }

  TEST_CASE("a caller that is told to stop kills it") {
    const std::atomic<bool> stop = true;
    const ForkedEnding ending = call_forked(
        []() -> std::string {
          for (;;) std::this_thread::sleep_for(milliseconds(10));
        },
        kLong, &stop);
    CHECK(ending.stopped);
    CHECK_FALSE(ending.timed_out);
    CHECK_FALSE(ending.returned);
  }
}
