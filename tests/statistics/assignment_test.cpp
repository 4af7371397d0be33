#include <hourglass/core/random.hpp>
#include <hourglass/statistics/assignment.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

using namespace hourglass;

namespace {

using Columns = std::vector<std::int64_t>;

double sum_of(const std::vector<float>& values, std::int64_t columns, const Columns& chosen) {
  double sum = 0;
  for (std::size_t row = 0; row < chosen.size(); ++row) {
    if (chosen[row] < 0) continue;
    sum += values[row * static_cast<std::size_t>(columns) + static_cast<std::size_t>(chosen[row])];
  }
  return sum;
}

// By trying every order of as many slots as there are rows or columns.
double greatest_sum(const std::vector<float>& values, std::int64_t rows, std::int64_t columns) {
  Columns order(static_cast<std::size_t>(std::max(rows, columns)));
  std::iota(order.begin(), order.end(), 0);
  double best = -1e300;
  do {
    Columns chosen(order.begin(), order.begin() + rows);
    for (auto& column : chosen) column = column < columns ? column : -1;
    best = std::max(best, sum_of(values, columns, chosen));
  } while (std::ranges::next_permutation(order).found);
  return best;
}

}  // namespace

TEST_SUITE("statistics/assignment") {
  TEST_CASE("a row gives way where the sum gains by it") {
    // Row 0 prefers column 0, which is all that row 1 has.
    CHECK(best_assignment(std::vector<float>{5, 4, 5, 0}, 2, 2) == Columns{1, 0});
    CHECK(best_assignment(std::vector<float>{7, 4, 5, 3}, 2, 2) == Columns{0, 1});
  }

  TEST_CASE("rows beyond the columns stay alone, and columns beyond the rows") {
    CHECK(best_assignment(std::vector<float>{1, 3, 2}, 3, 1) == Columns{-1, 0, -1});
    CHECK(best_assignment(std::vector<float>{1, 3, 2}, 1, 3) == Columns{1});
    CHECK(best_assignment({}, 0, 0).empty());
    CHECK(best_assignment({}, 2, 0) == Columns{-1, -1});
  }

  TEST_CASE("no other assignment has a greater sum") {
    for (const auto& [rows, columns] : {std::pair{5, 5}, {3, 6}, {6, 4}, {1, 5}}) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(seed);
        RandomStream random(seed, "assignment");
        std::vector<float> values(static_cast<std::size_t>(rows * columns));
        // Few different values, so that there are ties, and negative ones.
        for (float& value : values) value = static_cast<float>(random.below(9)) - 4;
        const Columns chosen = best_assignment(values, rows, columns);
        CHECK(sum_of(values, columns, chosen) == greatest_sum(values, rows, columns));
        std::set<std::int64_t> taken;
        for (const auto column : chosen) {
          if (column >= 0) taken.insert(column);
        }
        CHECK(std::ssize(taken) == std::min(rows, columns));
      }
    }
  }
}
