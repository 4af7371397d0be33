#include <hourglass/compare/rank_groups.hpp>

#include <doctest/doctest.h>
#include <compare/summaries.hpp>

#include <cmath>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;
using test::group_of;

TEST_SUITE("compare/rank_groups") {
  TEST_CASE("equal values share the mean of their ranks") {
    CHECK(ranks_of(std::vector<double>{3, 1, 3, 2, 3}) == std::vector<double>{4, 1, 4, 2, 4});
    CHECK(ranks_of(std::vector<double>{}).empty());
  }

  TEST_CASE("where all have the same seeds a rank is the mean over seeds") {
    // Seed 1: a, b, c; seed 2: b, a, c. The mean of b is the best, its rank is that of a.
    std::vector<GroupSummary> groups = {group_of({{1, 1}, {2, 9}}), group_of({{1, 2}, {2, 1}}),
                                        group_of({{1, 30}, {2, 30}})};
    CHECK(rank_groups(groups, 0, Direction::Lower) == RankedBy::Seeds);
    CHECK(groups[0].metrics[0].rank == 1.5);
    CHECK(groups[1].metrics[0].rank == 1.5);
    CHECK(groups[2].metrics[0].rank == 3);
    CHECK(rank_groups(groups, 0, Direction::Higher) == RankedBy::Seeds);
    CHECK(groups[2].metrics[0].rank == 1);
  }

  TEST_CASE("groups whose ranks have one sum have one rank, in whatever order they came about") {
    for (const std::int64_t seeds : {6, 10, 12, 14}) {
      CAPTURE(seeds);
      std::vector<SeedValue> first, second;
      for (std::int64_t seed = 0; seed < seeds; ++seed) {
        const bool early = seed < seeds / 2;
        first.push_back({seed, early ? 1.0 : 2.0});
        second.push_back({seed, early ? 2.0 : 1.0});
      }
      std::vector<GroupSummary> groups = {group_of(first), group_of(second)};
      rank_groups(groups, 0, Direction::Lower);
      CHECK(groups[0].metrics[0].rank == 1.5);
      CHECK(groups[1].metrics[0].rank == 1.5);
    }
  }

  TEST_CASE("else it is that of the mean, among those that have one") {
    std::vector<GroupSummary> groups = {group_of({{1, 1}, {2, 9}}), group_of({{1, 2}, {3, 1}}),
                                        group_of({}), group_of({{1, 7}})};
    CHECK(rank_groups(groups, 0, Direction::Lower) == RankedBy::Means);
    CHECK(groups[0].metrics[0].rank == 2);
    CHECK(groups[1].metrics[0].rank == 1);
    CHECK(std::isnan(groups[2].metrics[0].rank));
    CHECK(groups[3].metrics[0].rank == 3);
  }

  TEST_CASE("one seed, seeds that are not known, and metrics without direction") {
    std::vector<GroupSummary> one = {group_of({{1, 1}}), group_of({{1, 2}})};
    CHECK(rank_groups(one, 0, Direction::Lower) == RankedBy::Means);
    std::vector<GroupSummary> unknown = {group_of({{std::nullopt, 1}, {std::nullopt, 2}}),
                                         group_of({{std::nullopt, 3}, {std::nullopt, 4}})};
    CHECK(rank_groups(unknown, 0, Direction::Lower) == RankedBy::Means);
    CHECK(rank_groups(one, 0, Direction::Unknown) == RankedBy::Nothing);
    CHECK(rank_groups(one, 5, Direction::Lower) == RankedBy::Nothing);
  }
}
