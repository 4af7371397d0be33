#include <hourglass/statistics/interval.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

using Values = std::vector<double>;

// Of Student's t with 2 degrees of freedom, whose distribution is 1/2 + t / (2 sqrt(2 + t^2)).
const double kT2 = 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95));

}  // namespace

TEST_SUITE("statistics/interval") {
  TEST_CASE("mean, deviation and interval of three values are those by hand") {
    ResampleCache resamples;
    const Estimate of = estimate(Values{1, 2, 3}, resamples);
    CHECK(of.n == 3);
    CHECK(of.mean == 2);
    CHECK(of.sd == doctest::Approx(1).epsilon(1e-14));
    CHECK(of.interval.low == doctest::Approx(2 - kT2 / std::sqrt(3)).epsilon(1e-12));
    CHECK(of.interval.high == doctest::Approx(2 + kT2 / std::sqrt(3)).epsilon(1e-12));
  }

  TEST_CASE("quantiles of t are those of the tables") {
    // Half the width over sd / sqrt(n), for 1, 4 and 8 degrees of freedom.
    const auto t_of = [](const Values& values) {
      const auto count = static_cast<double>(values.size());
      const Interval interval = t_interval(values);
      return (interval.high - interval.low) / 2 / standard_deviation(values) * std::sqrt(count);
    };
    CHECK(t_of({3, 4}) == doctest::Approx(12.7062047).epsilon(1e-8));
    CHECK(t_of({3, 4, 9, 1, 2}) == doctest::Approx(2.7764451).epsilon(1e-7));
    CHECK(t_of({3, 4, 9, 1, 2, 7, 7, 8, 3}) == doctest::Approx(2.3060041).epsilon(1e-7));
  }

  TEST_CASE("one value has a mean alone, and none has nothing") {
    ResampleCache resamples;
    const Estimate one = estimate(Values{4}, resamples);
    CHECK(one.n == 1);
    CHECK(one.mean == 4);
    CHECK(std::isnan(one.sd));
    CHECK(std::isnan(one.interval.low));
    CHECK(std::isnan(one.interval.high));
    const Estimate none = estimate(Values{}, resamples);
    CHECK(none.n == 0);
    CHECK(std::isnan(none.mean));
    CHECK(std::isnan(none.sd));
  }

  TEST_CASE("equal values deviate by exactly nothing") {
    ResampleCache resamples;
    for (const std::size_t count : {3u, 12u}) {
      const Estimate of = estimate(Values(count, 0.1), resamples);
      CHECK(of.mean == 0.1);
      CHECK(of.sd == 0);
      CHECK(of.interval.low == 0.1);
      CHECK(of.interval.high == 0.1);
    }
  }

  TEST_CASE("values too far from 0 or too near it for their squares keep their deviation") {
    CHECK(standard_deviation(Values{1e300, 2e300, 3e300}) == doctest::Approx(1e300));
    CHECK(mean_of(Values{1.5e308, 1.5e308, 1.2e308}) == doctest::Approx(1.4e308));
    CHECK(standard_deviation(Values{1e-300, 2e-300, 3e-300}) * 1e300 == doctest::Approx(1));
    CHECK(standard_deviation(Values{1e9 + 1, 1e9 + 2, 1e9 + 3}) == doctest::Approx(1));
  }

  TEST_CASE("from ten values on the interval is the one of the bootstrap") {
    ResampleCache resamples;
    Values values = {1, 2, 3, 4, 5, 6, 7, 8, 90};
    CHECK(estimate(values, resamples).interval.low == t_interval(values).low);
    values.push_back(10);
    const Interval interval = bca_interval(values, resamples.of(10));
    CHECK(estimate(values, resamples).interval.low == interval.low);
    CHECK(estimate(values, resamples).interval.high == interval.high);
    CHECK(interval.low > t_interval(values).low);
  }
}
