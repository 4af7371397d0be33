#include <hourglass/statistics/bootstrap.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

using namespace hourglass;

namespace {

using Values = std::vector<double>;

// Every sample of n values with replacement, each multiset once with its probability.
void every_resample(const Values& values, std::size_t at, std::size_t left, double sum,
                    double weight, std::vector<std::pair<double, double>>& out) {
  const auto n = static_cast<double>(values.size());
  if (at + 1 == values.size()) {
    for (std::size_t k = 1; k <= left; ++k) weight /= static_cast<double>(k);
    out.emplace_back((sum + static_cast<double>(left) * values[at]) / n, weight);
    return;
  }
  for (std::size_t times = 0; times <= left; ++times) {
    if (times > 0) weight /= static_cast<double>(times);
    every_resample(values, at + 1, left - times, sum + static_cast<double>(times) * values[at],
                   weight, out);
  }
}

double phi(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }

double phi_inverse(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 100; ++i) (phi((low + high) / 2) < p ? low : high) = (low + high) / 2;
  return low;
}

// BCa as Efron defines it, of the bootstrap's exact distribution, with the means without each
// value.
Interval exact_bca(const Values& values) {
  const std::size_t n = values.size();
  double factor = 1, mean = 0;
  for (std::size_t k = 1; k <= n; ++k) factor *= static_cast<double>(k) / static_cast<double>(n);
  for (const double value : values) mean += value / static_cast<double>(n);
  std::vector<std::pair<double, double>> all;
  every_resample(values, 0, n, 0, factor, all);
  std::ranges::sort(all);
  double below = 0;
  for (const auto& [at, weight] : all) {
    below += at < mean - 1e-12 ? weight : at < mean + 1e-12 ? weight / 2 : 0;
  }
  const double z0 = phi_inverse(below);
  Values without(n);
  double mean_without = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i) without[i] += values[j] / static_cast<double>(n - 1);
    }
    mean_without += without[i] / static_cast<double>(n);
  }
  double cubes = 0, squares = 0;
  for (const double each : without) {
    cubes += std::pow(mean_without - each, 3);
    squares += std::pow(mean_without - each, 2);
  }
  const double a = cubes / (6 * std::pow(squares, 1.5));
  const auto quantile = [&](double z) {
    const double part = phi(z0 + (z0 + z) / (1 - a * (z0 + z)));
    double sum = 0;
    for (const auto& [at, weight] : all) {
      if ((sum += weight) >= part) return at;
    }
    return all.back().first;
  };
  return {quantile(-1.959964), quantile(1.959964)};
}

}  // namespace

TEST_SUITE("statistics/bootstrap") {
  TEST_CASE("the interval is that of all resamples, but for the chance of drawing some") {
    const Values skewed = {1, 1.2, 1.5, 1.7, 2, 2.4, 3, 4.5, 7, 13};
    const Values even = {-3, -2.1, -1.4, -0.8, -0.3, 0.3, 0.8, 1.4, 2.1, 3};
    Values mirrored;
    for (const double value : skewed) mirrored.push_back(-value);
    const Resamples many(10, 500'000), usual(10);
    for (const Values& values : {skewed, even, mirrored}) {
      double mean = 0, squares = 0;
      for (const double value : values) mean += value / 10;
      for (const double value : values) squares += (value - mean) * (value - mean);
      const double error = std::sqrt(squares / 90);
      const Interval exact = exact_bca(values);
      CAPTURE(exact.low);
      CAPTURE(exact.high);
      const auto near = [&](const Resamples& resamples, double errors) {
        const Interval ours = bca_interval(values, resamples);
        CHECK(std::abs(ours.low - exact.low) < errors * error);
        CHECK(std::abs(ours.high - exact.high) < errors * error);
      };
      near(many, 0.03);
      near(usual, 0.25);
    }
  }

  TEST_CASE("resamples with the very mean tie with it, though they add up in another order") {
    // As with accuracies that are 0 or 1; ends are among tenths, of which exact ones may be next.
    const Resamples many(10, 200'000);
    for (std::size_t ones = 2; ones <= 8; ++ones) {
      CAPTURE(ones);
      for (const double size : {1.0, 0.9, 1e-3}) {
        CAPTURE(size);
        Values values(10, 0.0);
        for (std::size_t i = 0; i < ones; ++i) values[(i * 7) % 10] = size;
        const Interval exact = exact_bca(values), ours = bca_interval(values, many);
        CHECK(ours.low / size == doctest::Approx(exact.low / size).epsilon(1e-9));
        CHECK(ours.high / size == doctest::Approx(exact.high / size).epsilon(1e-9));
      }
    }
  }

  TEST_CASE("a long tail pulls the interval to its side, and a mirror image mirrors it") {
    const Values skewed = {1, 1.2, 1.5, 1.7, 2, 2.4, 3, 4.5, 7, 13};
    Values mirrored;
    for (const double value : skewed) mirrored.push_back(-value);
    const Resamples resamples(10);
    const Interval one = bca_interval(skewed, resamples);
    const Interval other = bca_interval(mirrored, resamples);
    CHECK(one.high - 3.73 > 1.5 * (3.73 - one.low));
    CHECK(std::abs(one.high + other.low) < 0.1);
    CHECK(std::abs(one.low + other.high) < 0.1);
  }

  TEST_CASE("intervals move and stretch with their values, and repeat to the last bit") {
    const Values values = {5, 1, 4, 2, 8, 5, 7, 3, 9, 2, 2};
    Values moved;
    for (const double value : values) moved.push_back(1e6 + 4 * value);
    const Interval one = bca_interval(values, Resamples(11));
    const Interval again = bca_interval(values, Resamples(11));
    const Interval other = bca_interval(moved, Resamples(11));
    CHECK(one.low == again.low);
    CHECK(one.high == again.high);
    CHECK(other.low == doctest::Approx(1e6 + 4 * one.low).epsilon(1e-12));
    CHECK(other.high == doctest::Approx(1e6 + 4 * one.high).epsilon(1e-12));
  }

  TEST_CASE("equal values give themselves, and one that stands far off stays within bounds") {
    CHECK(bca_interval(Values(10, 0.3), Resamples(10)).low == 0.3);
    CHECK(bca_interval(Values(10, 0.3), Resamples(10)).high == 0.3);
    Values values(10, 0.0);
    values[3] = 1;
    const Interval interval = bca_interval(values, Resamples(10));
    CHECK(interval.low >= 0);
    CHECK(interval.high <= 1);
    CHECK(interval.high > 0.2);
  }

  TEST_CASE("values that are next to each other, or as far apart as numbers go, have an interval") {
    const double least = 5e-324;
    const Interval near = bca_interval(Values{0, 0, least, 0, least, 0, 0, 0, 0, 0}, Resamples(10));
    CHECK(near.low >= 0);
    CHECK(near.high <= least);
    const Values far = {1e308, -1e308, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(bca_interval(far, Resamples(10)).low == -1e308);
    CHECK(bca_interval(far, Resamples(10)).high == 1e308);
  }

  TEST_CASE("more values need fewer resamples, and each resample draws as many as there are") {
    CHECK(Resamples(10).count() == 10'000);
    CHECK(Resamples(5'000).count() == 4'000);
    for (const double mean : Resamples(37).means(Values(37, 2.0))) {
      REQUIRE(mean == doctest::Approx(2));
    }
  }
}
