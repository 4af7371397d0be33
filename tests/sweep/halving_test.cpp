#include <hourglass/sweep/halving.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

using Decisions = std::vector<std::optional<bool>>;

Decisions decisions_of(const std::vector<std::optional<double>>& values, int factor) {
  std::vector<AtRung> points;
  for (const auto& value : values) points.push_back({.absent = false, .value = value});
  return go_on(points, factor);
}

}  // namespace

TEST_SUITE("sweep/halving") {
  TEST_CASE("rungs are the first epochs times powers of the factor, below the whole") {
    CHECK(rungs({.first = 1, .factor = 3}, 27) == std::vector<std::int64_t>{1, 3, 9});
    CHECK(rungs({.first = 2, .factor = 2}, 5) == std::vector<std::int64_t>{2, 4});
    CHECK(rungs({.first = 5, .factor = 2}, 5).empty());
  }

  TEST_CASE("a point goes on if it is among the best third of those up to it") {
    // 1st: alone. 2nd: worse than one of two, one place. 3rd: best of three. 4th: two places.
    CHECK(decisions_of({5, 6, 4, 4.5}, 3) == Decisions{true, false, true, true});
    CHECK(decisions_of({1, 2, 3, 4}, 2) == Decisions{true, false, false, false});
    CHECK(decisions_of({4, 3, 2, 1}, 2) == Decisions{true, true, true, true});
  }

  TEST_CASE("of equal values the earlier goes on") {
    CHECK(decisions_of({1, 1, 1}, 2) == Decisions{true, false, false});
  }

  TEST_CASE("nothing is decided by what is not known yet, in whatever order it comes") {
    CHECK(decisions_of({5, {}, 1}, 3) == Decisions{true, {}, {}});
    CHECK(decisions_of({{}, 1}, 3) == Decisions{{}, {}});
  }

  TEST_CASE("points that were ended before do not count") {
    std::vector<AtRung> points = {{.absent = false, .value = 3.0},
                                  {.absent = true, .value = {}},
                                  {.absent = false, .value = 4.0}};
    CHECK(go_on(points, 2) == Decisions{true, {}, false});
  }
}
