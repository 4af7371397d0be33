#include <hourglass/compare/pair_groups.hpp>

#include <doctest/doctest.h>
#include <compare/summaries.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;
using test::group_of;

namespace {

std::vector<GroupPair> pairs_of(const std::vector<GroupSummary>& groups, Direction direction) {
  ResampleCache resamples;
  return pair_groups(groups, 0, direction, resamples);
}

}  // namespace

TEST_SUITE("compare/pair_groups") {
  TEST_CASE("two groups are compared on the seeds that both have") {
    const std::vector<GroupSummary> groups = {group_of({{1, 3}, {2, 5}, {3, 4}, {9, 100}}),
                                              group_of({{1, 1}, {2, 2}, {3, 3}, {7, -50}})};
    const std::vector<GroupPair> pairs = pairs_of(groups, Direction::Lower);
    REQUIRE(pairs.size() == 1);
    CHECK(pairs[0].first == 1);  // the better mean
    CHECK(pairs[0].test.difference.n == 3);
    CHECK(pairs[0].test.difference.mean == doctest::Approx(-2));
    CHECK(pairs[0].p_adjusted == doctest::Approx(1 - std::sqrt(12.0 / 14)));
    CHECK(pairs[0].verdict == Verdict::NotShown);
    // Of sixteen pairs of runs, 3 beats none of 1, 2 and -50 and ties with 3, and so on.
    CHECK(pairs[0].probability == doctest::Approx(15.5 / 16));
  }

  TEST_CASE("a difference that keeps its sign names a winner, whichever way is better") {
    const std::vector<GroupSummary> groups = {
        group_of({{1, 10.0}, {2, 20.1}, {3, 30.0}, {4, 40.1}}),
        group_of({{1, 11.0}, {2, 21.0}, {3, 31.1}, {4, 41.0}})};
    const GroupPair low = pairs_of(groups, Direction::Lower).at(0);
    CHECK(low.first == 0);
    CHECK(low.verdict == Verdict::FirstBetter);
    CHECK(low.probability > 0.5);
    const GroupPair high = pairs_of(groups, Direction::Higher).at(0);
    CHECK(high.first == 1);
    CHECK(high.verdict == Verdict::FirstBetter);
  }

  TEST_CASE("what is below the level alone is no longer so in a family") {
    // p = 0.03 to 0.05 for each pair; Holm's correction triples the least.
    const auto near = [](double by) {
      return group_of({{1, by + 0.1}, {2, by}, {3, by - 0.1}, {4, by + 0.02}});
    };
    const std::vector<GroupSummary> two = {group_of({{1, 0}, {2, 0}, {3, 0}, {4, 0}}), near(0.15)};
    CHECK(pairs_of(two, Direction::Lower).at(0).verdict == Verdict::FirstBetter);
    std::vector<GroupSummary> many = two;
    for (int i = 0; i < 3; ++i) many.push_back(near(0.15));
    for (const GroupPair& pair : pairs_of(many, Direction::Lower)) {
      CHECK(pair.verdict == (pair.first == 0 ? Verdict::NotAfterCorrection : Verdict::NotShown));
      CHECK(pair.adjusted_for == 10);
    }
  }

  TEST_CASE("an interval that reaches over zero shows nothing, however small p is") {
    // One seed of ten goes far the other way: the bootstrap minds, Student's t does not.
    std::vector<SeedValue> differences, zeros;
    for (const double value : {-9, 7, 6, 7, 6, 7, 4, 5, 7, 6}) {
      const auto seed = static_cast<std::int64_t>(zeros.size());
      differences.push_back({seed, value});
      zeros.push_back({seed, 0});
    }
    const std::vector<GroupSummary> groups = {group_of(differences), group_of(zeros)};
    const GroupPair pair = pairs_of(groups, Direction::Higher).at(0);
    CHECK(pair.first == 0);
    CHECK(pair.p_adjusted < 0.02);
    CHECK(pair.test.difference.interval.low < 0);
    CHECK(pair.verdict == Verdict::NotShown);
  }

  TEST_CASE("fewer than two common seeds are too few, and unknown seeds are in no pair") {
    const std::vector<GroupSummary> groups = {group_of({{1, 3}, {2, 5}}),
                                              group_of({{2, 1}, {3, 2}}),
                                              group_of({{std::nullopt, 3}, {std::nullopt, 4}})};
    for (const GroupPair& pair : pairs_of(groups, Direction::Lower)) {
      CHECK(pair.verdict == Verdict::TooFewSeeds);
      CHECK(pair.test.difference.n < 2);
      CHECK(std::isnan(pair.p_adjusted));
    }
  }

  TEST_CASE("all pairs of twelve groups, and of more each with the best") {
    std::vector<GroupSummary> groups;
    for (int i = 0; i < 12; ++i) {
      const double value = std::abs(i - 5);
      groups.push_back(group_of({{1, value}, {2, value + 1}}));
    }
    groups.push_back(group_of({}));
    CHECK(pairs_of(groups, Direction::Lower).size() == 66);
    groups.push_back(group_of({{1, 50}, {2, 60}}));
    const std::vector<GroupPair> pairs = pairs_of(groups, Direction::Lower);
    CHECK(pairs.size() == 12);
    for (const GroupPair& pair : pairs) CHECK(pair.first == 5);
    CHECK(pairs_of(groups, Direction::Unknown).empty());
  }

  TEST_CASE("the choice of a best among many groups is paid for by all of their pairs") {
    std::vector<GroupSummary> groups;
    for (int i = 0; i < 13; ++i) {
      groups.push_back(group_of({{1, i + 0.1}, {2, i + 0.0}, {3, i - 0.1 * (i % 2)}}));
    }
    groups.push_back(group_of({{1, 50}}));  // in no pair that says anything
    double least = 1, least_adjusted = 1;
    for (const GroupPair& pair : pairs_of(groups, Direction::Lower)) {
      if (pair.test.difference.n < 2) continue;
      least = std::min(least, pair.test.p);
      least_adjusted = std::min(least_adjusted, pair.p_adjusted);
    }
    CHECK(least_adjusted == doctest::Approx(13 * 12 / 2 * least));
    CHECK(pairs_of(groups, Direction::Lower).front().adjusted_for == 13 * 12 / 2);
  }

  TEST_CASE("the best mean leads, of groups with several values if there are any") {
    const std::vector<GroupSummary> groups = {group_of({{1, 0}}), group_of({{1, 3}, {2, 3}}),
                                              group_of({{1, 2}, {2, 2}}), group_of({})};
    CHECK(leader_of(groups, 0, Direction::Lower) == 2);
    CHECK(leader_of(groups, 0, Direction::Higher) == 1);
    CHECK_FALSE(leader_of(groups, 0, Direction::Unknown).has_value());
    CHECK(leader_of(std::span(groups).first(1), 0, Direction::Lower) == 0);
    CHECK_FALSE(leader_of(std::span(groups).last(1), 0, Direction::Lower).has_value());
  }
}
