#include <hourglass/statistics/paired_test.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

using Values = std::vector<double>;

}  // namespace

TEST_SUITE("statistics/paired_test") {
  TEST_CASE("three pairs tested by hand") {
    // Differences 2, 3, 1: t = 2 sqrt(3), and with 2 degrees of freedom p = 1 - t / sqrt(2 + t^2).
    ResampleCache resamples;
    const PairedTest test = paired_test(Values{3, 5, 4}, Values{1, 2, 3}, resamples);
    CHECK(test.difference.n == 3);
    CHECK(test.difference.mean == doctest::Approx(2));
    CHECK(test.difference.sd == doctest::Approx(1));
    CHECK(test.p == doctest::Approx(1 - std::sqrt(12.0 / 14)).epsilon(1e-12));
    const PairedTest back = paired_test(Values{1, 2, 3}, Values{3, 5, 4}, resamples);
    CHECK(back.difference.mean == doctest::Approx(-2));
    CHECK(back.difference.interval.low == doctest::Approx(-test.difference.interval.high));
    CHECK(back.p == test.p);
  }

  TEST_CASE("five pairs tested by the distribution of four degrees of freedom") {
    // F(t) = 1/2 + 3/8 u (1 - u^2 / 12), u = t / sqrt(1 + t^2 / 4).
    ResampleCache resamples;
    const PairedTest test = paired_test(Values{1, 0, 2, 1, 1.5}, Values{0, 0, 0, 0, 0}, resamples);
    const double t = 1.1 / (std::sqrt(2.2 / 4) / std::sqrt(5));
    const double u = t / std::sqrt(1 + t * t / 4);
    CHECK(test.p == doctest::Approx(1 - 0.75 * u * (1 - u * u / 12)).epsilon(1e-10));
    CHECK(test.difference.interval.low > 0);
    CHECK(test.p < 0.05);
  }

  TEST_CASE("what all pairs have in common drops out") {
    ResampleCache resamples;
    const Values a = {101, 203, 305, 398}, b = {100, 202, 303, 397};
    CHECK(paired_test(a, b, resamples).p < 0.05);
  }

  TEST_CASE("differences that are all alike say no more than their signs do, or nothing") {
    ResampleCache resamples;
    const PairedTest same = paired_test(Values{1, 2, 3}, Values{1, 2, 3}, resamples);
    CHECK(same.p == 1);
    CHECK(same.difference.interval.low == 0);
    const PairedTest apart = paired_test(Values{3, 4, 5}, Values{1, 2, 3}, resamples);
    CHECK(apart.p == 0.25);
    CHECK(apart.difference.interval.low == 2);
    CHECK(apart.difference.interval.high == 2);
    CHECK(paired_test(Values{3, 4}, Values{1, 2}, resamples).p == 0.5);
    CHECK(paired_test(Values(12, 3.0), Values(12, 1.0), resamples).p == 1.0 / 2048);
  }

  TEST_CASE("differences that are alike but for rounding are alike") {
    ResampleCache resamples;
    const PairedTest apart = paired_test(Values{0.3, 0.4, 0.8}, Values{0.1, 0.2, 0.6}, resamples);
    REQUIRE(apart.difference.sd > 0);
    CHECK(apart.p == 0.25);
    const PairedTest same = paired_test(Values{0.1 + 0.2, 7}, Values{0.3, 7}, resamples);
    REQUIRE(same.difference.mean > 0);
    CHECK(same.p == 1);
  }

  TEST_CASE("one pair is no test, nor is none") {
    ResampleCache resamples;
    const PairedTest one = paired_test(Values{3}, Values{1}, resamples);
    CHECK(one.difference.n == 1);
    CHECK(one.difference.mean == 2);
    CHECK(std::isnan(one.p));
    CHECK(std::isnan(one.difference.interval.low));
    CHECK(std::isnan(paired_test(Values{}, Values{}, resamples).p));
  }
}
