#include <hourglass/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

namespace hourglass {

namespace {

constexpr int kDraws = 100'000;

std::vector<double> uniforms(RandomStream random) {
  std::vector<double> result(kDraws);
  std::ranges::generate(result, [&] { return random.uniform(); });
  return result;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean of (x - mean x)^order.
double central_moment(const std::vector<double>& values, int order) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += std::pow(value - centre, order);
  return sum / static_cast<double>(values.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size()) /
         std::sqrt(central_moment(a, 2) * central_moment(b, 2));
}

}  // namespace

TEST_SUITE("core/random") {
  TEST_CASE("philox gives the published known answers") {
    CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
          PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    constexpr std::uint32_t kOnes = 0xffffffff;
    CHECK(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
          PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  }

  // Results on people's disks depend on these numbers: they were computed apart, in Python.
  TEST_CASE("keys, sequences and permutations stay what they are") {
    CHECK(stream_key(1, "glyphs") == PhiloxKey{0x6e3ee360, 0x01dcd56e});
    CHECK(stream_key((std::uint64_t{1} << 40) + 3, "") == PhiloxKey{0xcc2426c0, 0x62acb8eb});

    RandomStream random(1, "glyphs", 5);
    for (const std::uint32_t expected :
         {0x19b2e4f9u, 0x9f2f6215u, 0xd0b24a3fu, 0x4bba6128u, 0xf8449293u, 0xbc1d9e93u}) {
      CHECK(random.bits() == expected);
    }
    CHECK(RandomStream(1, "glyphs", std::uint64_t{1} << 33).bits() == 0x13710372u);

    CHECK(permutation(8, 1, "order", 0) == std::vector<std::uint32_t>{7, 3, 2, 0, 6, 1, 5, 4});
    CHECK(permutation(8, 1, "order", 1) == std::vector<std::uint32_t>{7, 4, 1, 5, 0, 3, 2, 6});
  }

  TEST_CASE("equal arguments give equal numbers, other seeds, names or indices unrelated ones") {
    const std::vector<double> base = uniforms({7, "dropout", 0});
    CHECK(base == uniforms({7, "dropout", 0}));
    for (const RandomStream& other :
         {RandomStream(8, "dropout", 0), RandomStream(7, "dropout", 1), RandomStream(7, "noise", 0),
          RandomStream(7, "dropout", std::uint64_t{1} << 32),
          RandomStream(7 + (std::uint64_t{1} << 32), "dropout", 0)}) {
      CHECK(std::abs(correlation(base, uniforms(other))) < 0.012);  // 4 standard errors
    }
  }

  TEST_CASE("uniform numbers lie between zero and one and have the right moments") {
    const std::vector<double> values = uniforms({1, "uniform"});
    CHECK(std::ranges::all_of(values, [](double value) { return value >= 0 && value < 1; }));
    CHECK(mean(values) == doctest::Approx(0.5).epsilon(0.005));
    CHECK(central_moment(values, 2) == doctest::Approx(1.0 / 12).epsilon(0.01));

    std::vector<double> neighbours(values.begin() + 1, values.end());
    neighbours.push_back(values.front());
    CHECK(std::abs(correlation(values, neighbours)) < 0.012);
  }

  TEST_CASE("uniform numbers stretch to other bounds") {
    RandomStream random(1, "bounds");
    double low = 9, high = -9;
    for (int i = 0; i < 1000; ++i) {
      const double value = random.uniform(-2.0f, 3.0f);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    CHECK(low >= -2);
    CHECK(low < -1.9);
    CHECK(high < 3);
    CHECK(high > 2.9);
  }

  TEST_CASE("normal numbers have the moments of their distribution") {
    RandomStream random(3, "normal");
    std::vector<double> values(kDraws);
    std::ranges::generate(values, [&] { return random.normal(); });
    CHECK(std::ranges::all_of(values, [](double value) { return std::isfinite(value); }));
    CHECK(std::abs(mean(values)) < 0.012);
    CHECK(central_moment(values, 2) == doctest::Approx(1).epsilon(0.02));
    CHECK(std::abs(central_moment(values, 3)) < 0.04);
    CHECK(central_moment(values, 4) == doctest::Approx(3).epsilon(0.04));
    const auto beyond = std::ranges::count_if(values, [](double x) { return std::abs(x) > 2; });
    CHECK(static_cast<double>(beyond) / kDraws == doctest::Approx(0.0455).epsilon(0.06));
  }

  TEST_CASE("below favours no number, even where the bound divides 2^32 badly") {
    // Without rejection, two of four words would lead to the multiples of three.
    constexpr std::uint32_t kBound = 3u << 30;
    RandomStream random(1, "below");
    int counts[3] = {};
    for (int i = 0; i < kDraws; ++i) {
      const std::uint32_t value = random.below(kBound);
      REQUIRE(value < kBound);
      ++counts[value % 3];
    }
    for (const int count : counts) CHECK(count == doctest::Approx(kDraws / 3.0).epsilon(0.02));
  }

  TEST_CASE("below one is always zero") {
    RandomStream random(1, "one");
    for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
  }

  TEST_CASE("a permutation holds every number once, in an order of its own for each index") {
    CHECK(permutation(0, 1, "order", 0).empty());
    CHECK(permutation(1, 1, "order", 0) == std::vector<std::uint32_t>{0});

    std::vector<std::uint32_t> order = permutation(1000, 1, "order", 0);
    CHECK(order == permutation(1000, 1, "order", 0));
    CHECK(order != permutation(1000, 1, "order", 1));
    CHECK(order != permutation(1000, 2, "order", 0));
    std::ranges::sort(order);
    for (std::uint32_t i = 0; i < 1000; ++i) CHECK(order[i] == i);
  }

  TEST_CASE("all orders of three are equally likely") {
    constexpr int kTrials = 12'000;
    int counts[3][3] = {};
    std::set<std::vector<std::uint32_t>> seen;
    for (int i = 0; i < kTrials; ++i) {
      const auto order = permutation(3, 5, "order", i);
      seen.insert(order);
      for (int position = 0; position < 3; ++position) ++counts[position][order[position]];
    }
    CHECK(seen.size() == 6);
    for (const auto& row : counts) {
      for (const int count : row) CHECK(count == doctest::Approx(kTrials / 3.0).epsilon(0.05));
    }
  }
}

}  // namespace hourglass
