#include <doctest/doctest.h>
#include <cmath>
#include <hourglass/figure/axes.hpp>

using namespace hourglass::figure;

namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> result;
  for (const auto& tick : axis.ticks) result.push_back(tick.label);
  return result;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_SUITE("figure/axes") {
  TEST_CASE("ticks stand at 1, 2 or 5 times a power of ten") {
    CHECK(labels(linear_axis({0, 1}, 5)) == Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
    CHECK(labels(linear_axis({0.07, 0.21}, 5)) == Labels{"0.10", "0.15", "0.20"});
    CHECK(labels(linear_axis({-4, 5}, 5)) == Labels{"−4", "−2", "0", "2", "4"});
    CHECK(labels(linear_axis({0, 2e7}, 4)) == Labels{"0", "5e+06", "1e+07", "1.5e+07", "2e+07"});
  }

  TEST_CASE("whole numbers have no ticks in between") {
    CHECK(labels(linear_axis({1, 3}, 9, true)) == Labels{"1", "2", "3"});
    CHECK(labels(linear_axis({1, 1}, 9, true)) == Labels{"0", "1", "2"});
  }

  TEST_CASE("ranges that are nothing, huge or tiny still give an axis with few ticks") {
    for (const Range& range : {Range{0, 0}, Range{5, 5}, Range{1e300, 1e300}, Range{-1e308, 1e308},
                               Range{1e-310, 2e-310}, Range{1, 1 + 1e-16}}) {
      CAPTURE(range.low);
      const Axis axis = linear_axis(range, 6);
      CHECK(axis.range.high > axis.range.low);
      CHECK(std::isfinite(axis.range.high - axis.range.low));
      CHECK(axis.ticks.size() <= 51);
    }
  }

  TEST_CASE("a logarithmic axis has powers of ten and places them evenly") {
    const Axis axis = logarithmic_axis({0.001, 10}, 6);
    CHECK(labels(axis) == Labels{"10⁻³", "10⁻²", "10⁻¹", "1", "10¹"});
    CHECK(axis.place(0.1, 0, 100) == doctest::Approx(50));
    CHECK(logarithmic_axis({1e-300, 1e300}, 6).ticks.size() <= 7);
  }

  TEST_CASE("values that are not finite do not count in a range") {
    const std::vector<double> values = {NAN, 3, -1, INFINITY};
    CHECK(range_of(values).low == -1);
    CHECK(range_of(values).high == 3);
    CHECK(range_of({}).high == 1);
  }

  TEST_CASE("numbers are rounded to four digits for people") {
    CHECK(readable(0.0764321) == "0.07643");
    CHECK(readable(-12.5) == "−12.5");
    CHECK(readable(20) == "20");
  }
}
