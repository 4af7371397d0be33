#include <hourglass/core/error.hpp>
#include <hourglass/statistics/centre.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using namespace hourglass;

namespace {

MemorySource samples_at(std::int64_t width, const std::vector<float>& values) {
  Tensor samples({std::ssize(values) / width, width});
  std::ranges::copy(values, samples.floats().begin());
  return MemorySource(samples, {}, std::make_shared<FittedScaling>());
}

}  // namespace

TEST_SUITE("statistics/centre") {
  TEST_CASE("the mean has the shape of a sample") {
    const MemorySource source = samples_at(2, {1, 10, 2, 20, 6, 30});
    const Tensor mean = mean_sample(source);
    CHECK(mean.shape() == Shape{2});
    CHECK(mean.floats()[0] == 3);
    CHECK(mean.floats()[1] == 20);
  }

  TEST_CASE("the geometric median stays where most samples are") {
    // On a line it is the median, which one far sample does not move.
    const Tensor line = geometric_median(samples_at(1, {0, 1, 2, 3, 1000}));
    CHECK(line.floats()[0] == doctest::Approx(2).epsilon(1e-3));
    // In a triangle with no angle of 120 degrees all sides are seen under 120 degrees; here it is
    // (x, x) with x = (3 - sqrt 3) / 6 for the corners (0, 0), (1, 0), (0, 1).
    const Tensor corner = geometric_median(samples_at(2, {0, 0, 1, 0, 0, 1}));
    const double x = (3 - std::sqrt(3.0)) / 6;
    CHECK(corner.floats()[0] == doctest::Approx(x).epsilon(1e-4));
    CHECK(corner.floats()[1] == doctest::Approx(x).epsilon(1e-4));
  }

  TEST_CASE("equal samples are their own median, and a single one too") {
    CHECK(geometric_median(samples_at(2, {3, 4, 3, 4, 3, 4})).floats()[1] == 4);
    CHECK(geometric_median(samples_at(2, {3, 4})).floats()[0] == 3);
  }

  TEST_CASE("of no samples there is neither") {
    CHECK_THROWS_AS(mean_sample(samples_at(2, {})), DataError);
    CHECK_THROWS_AS(geometric_median(samples_at(2, {})), DataError);
  }
}
