#pragma once

// What tests of sparse values share: the pairs that an operation chose, and what a plain sort would
// have chosen.

#include "evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/batch_topk.hpp>
#include <hourglass/ops/sparse.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/topk.hpp>

#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass::test {

struct Pairs {
  Numbers values, indices, offsets;
  friend bool operator==(const Pairs&, const Pairs&) = default;
};

using Select = SparseValue (*)(Value x, std::int64_t k);

template <class Choose>
Pairs pairs_of(const Choose& choose, const Tensor& x) {
  Graph graph;
  const SparseValue sparse = choose(graph.input("x", x.shape()));
  Arena arena;
  Program program(graph, {sparse.values, sparse.indices, sparse.offsets}, {}, arena);
  program.feed("x", x.floats().data());
  REQUIRE(program.run({}));
  return {numbers_of(program.fetched(0)), numbers_of(program.fetched(1)),
          numbers_of(program.fetched(2))};
}

inline Pairs pairs_of(Select select, const Tensor& x, std::int64_t k) {
  return pairs_of([&](Value in) { return select(in, k); }, x);
}

/// The places of the `count` largest of x, ascending: NaN first of all, then by size, then by
/// place.
inline std::vector<std::int64_t> largest(std::span<const float> x, std::int64_t count) {
  std::vector<std::int64_t> places(x.size());
  std::iota(places.begin(), places.end(), 0);
  const auto rank = [&](std::int64_t i) {
    return std::isnan(x[i]) ? std::pair(1, 0.0f) : std::pair(0, x[i]);
  };
  std::ranges::stable_sort(places, [&](auto a, auto b) { return rank(a) > rank(b); });
  places.resize(count);
  std::ranges::sort(places);
  return places;
}

/// The same values, NaN being equal to NaN.
inline void check_same(const Numbers& got, const Numbers& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK((got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i]))));
  }
}

/// Runs `compute` with teams of one, two and three threads and checks that it gives the same.
template <class Compute>
void check_for_any_team(Compute compute) {
  const int threads = thread_count();
  start_threads(1);
  const auto one = compute();
  for (const int team : {2, 3}) {
    start_threads(team);
    CAPTURE(team);
    CHECK(compute() == one);
  }
  start_threads(threads);
}

}  // namespace hourglass::test
