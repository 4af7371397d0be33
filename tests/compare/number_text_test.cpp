#include <hourglass/compare/number_text.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

Estimate estimate_of(double mean, double sd) {
  return {.n = 3, .mean = mean, .sd = sd, .interval = {mean - 2.5 * sd, mean + 2.5 * sd}};
}

std::string shown(double mean, double sd) { return mean_text(estimate_of(mean, sd)); }

constexpr double kNoSpread = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_SUITE("compare/number_text") {
  TEST_CASE("a mean has the digits that two digits of its deviation leave it") {
    CHECK(shown(242.8765, 1.23456) == "242.9 ± 1.2");
    CHECK(shown(0.0771459, 0.000366) == "0.07715 ± 0.00037");
    CHECK(shown(27317.4, 6415.2) == "27,317 ± 6415");
    CHECK(shown(-1234567.8, 0.5) == "-1,234,567.80 ± 0.50");
    CHECK(shown(0, 2) == "0.0 ± 2.0");
    CHECK(shown(0.5, 300) == "0 ± 300");
  }

  TEST_CASE("without a deviation a mean has four digits, and a whole number all of its own") {
    CHECK(shown(242.8765, kNoSpread) == "242.9");
    CHECK(shown(0.0771451, 0) == "0.07715");
    CHECK(shown(652824, 0) == "652,824");
    CHECK(shown(12345.6, kNoSpread) == "12,346");
    CHECK(shown(0, 0) == "0");
  }

  TEST_CASE("very small and very large numbers have one power of ten") {
    CHECK(shown(1.234e-9, 2e-10) == "(1.23 ± 0.20)e-9");
    CHECK(shown(1.5e-9, kNoSpread) == "1.500e-9");
    CHECK(shown(2e15, 1e14) == "(2.00 ± 0.10)e15");
    CHECK(interval_text(estimate_of(1.234e-9, 2e-10)) == "[0.73, 1.73]e-9");
    CHECK(shown(1e300, 1e299) == "(1.00 ± 0.10)e300");
    CHECK(shown(242.8765, 1e-9) == "242.876500 ± 0.000000");
  }

  TEST_CASE("what rounds up to a power of ten has the digits of one") {
    CHECK(shown(9.9996, kNoSpread) == "10.00");
    CHECK(shown(-9.9996, kNoSpread) == "-10.00");
    CHECK(shown(9.996, kNoSpread) == "9.996");
    CHECK(shown(9.9996e-9, kNoSpread) == "1.000e-8");
    CHECK(shown(9.996e-9, 2e-10) == "(1.000 ± 0.020)e-8");
    CHECK(shown(0.00099996, kNoSpread) == "0.001000");
    CHECK(shown(9'999'999'999'999, kNoSpread) == "1.000000000e13");
    CHECK(shown(5, 0.0996) == "5.00 ± 0.10");
    CHECK(shown(50, 9.96) == "50 ± 10");
  }

  TEST_CASE("a deviation that rounding alone could make is none") {
    CHECK(shown(242.8765, 1e-12) == "242.9");
    CHECK(shown(652824, 1e-9) == "652,824");
    CHECK(mean_alone_text(estimate_of(-5, 1e-15)) == "-5");
    CHECK(shown(0, 1e-15) == "(0.0 ± 1.0)e-15");
  }

  TEST_CASE("an interval has the digits of its mean, and what is not known is empty") {
    CHECK(interval_text(estimate_of(242.8765, 1.2)) == "[239.9, 245.9]");
    CHECK(interval_text({.n = 1, .mean = 3, .sd = kNoSpread, .interval = {kNoSpread, kNoSpread}})
              .empty());
    CHECK(mean_text({.n = 0, .mean = kNoSpread, .sd = kNoSpread}).empty());
    CHECK(mean_alone_text(estimate_of(-0.771e-3, 6.1e-5)) == "-0.000771");
  }

  TEST_CASE("probabilities and ranks are short") {
    CHECK(p_text(0.0004) == "< 0.001");
    CHECK(p_text(0.0123) == "0.012");
    CHECK(p_text(0.5) == "0.50");
    CHECK(p_text(kNoSpread).empty());
    CHECK(probability_text(2.0 / 3) == "0.67");
    CHECK(rank_text(2) == "2");
    CHECK(rank_text(4.0 / 3) == "1.3");
    CHECK(rank_text(kNoSpread).empty());
    // As tests/page/numbers_test.mjs has them.
    CHECK(rank_text(1.25) == "1.2");
    CHECK(rank_text(1.75) == "1.8");
    CHECK(rank_text(2.75) == "2.8");
    CHECK(rank_text(1.35) == "1.4");
    CHECK(probability_text(0.125) == "0.12");
    CHECK(probability_text(0.375) == "0.38");
    CHECK(probability_text(0.995) == "0.99");
    CHECK(shown(-2.5, 30) == "-2 ± 30");
  }
}
