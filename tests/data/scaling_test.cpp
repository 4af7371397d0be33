#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/scaling.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

template <class T>
Tensor tensor(Shape shape, const std::vector<T>& values) {
  Tensor result(shape, dtype_of<T>());
  std::ranges::copy(values, result.values<T>().begin());
  return result;
}

std::vector<float> scaled(const FittedScaling& scaling, const Tensor& samples) {
  std::vector<float> result(samples.size());
  const std::int64_t rows = samples.shape()[0];
  for (std::int64_t row = 0; row < rows; ++row) {
    scaling.apply(samples, row, result.data() + row * samples.size() / rows);
  }
  return result;
}

}  // namespace

TEST_SUITE("data/scaling") {
  TEST_CASE("unit divides bytes by 255 and leaves binary pictures alone") {
    const Tensor grey = tensor<std::uint8_t>({2, 2}, {0, 51, 102, 204});
    const FittedScaling unit(Scaling::Unit, grey);
    CHECK(unit.scale() == std::vector<double>{255});
    CHECK(scaled(unit, grey)[3] == doctest::Approx(0.8));
    CHECK(unit.range().least == 0);
    CHECK(unit.range().greatest == doctest::Approx(0.8));
    CHECK(scaled(FittedScaling(Scaling::Unit, grey), tensor<std::uint8_t>({1, 2}, {0, 255})) ==
          std::vector<float>{0, 1});
    const Tensor binary = tensor<std::uint8_t>({1, 2}, {0, 1});
    CHECK(scaled(FittedScaling(Scaling::Unit, binary), binary) == std::vector<float>{0, 1});
  }

  TEST_CASE("unit takes other values by their extremes in training") {
    const Tensor values = tensor<double>({2, 2}, {-2, 0, 2, 6});
    CHECK(scaled(FittedScaling(Scaling::Unit, values), values) ==
          std::vector<float>{0, 0.25f, 0.5f, 1});
    CHECK(scaled(FittedScaling(Scaling::Symmetric, values), values) ==
          std::vector<float>{-1, -0.5f, 0, 1});
    const Tensor inside = tensor<float>({1, 2}, {0.25f, 0.5f});
    CHECK(scaled(FittedScaling(Scaling::Unit, inside), inside) == std::vector<float>{0.25f, 0.5f});
  }

  TEST_CASE("standardise and minmax work per feature, and constant features become zero") {
    const Tensor values = tensor<float>({2, 3}, {1, 10, 0.1f, 3, 50, 0.1f});
    const FittedScaling standard(Scaling::Standardise, values);
    CHECK(scaled(standard, values) == std::vector<float>{-1, -1, 0, 1, 1, 0});
    CHECK(standard.scale()[1] == doctest::Approx(20));
    CHECK(standard.offset()[1] == doctest::Approx(30));
    CHECK(scaled(FittedScaling(Scaling::MinMax, values), values) ==
          std::vector<float>{0, 0, 0, 1, 1, 0});
  }

  TEST_CASE("only the training rows count") {
    const Tensor values = tensor<std::int16_t>({3, 1}, {0, 30, 10});
    const std::array<std::uint32_t, 2> rows{0, 2};
    const FittedScaling scaling(Scaling::MinMax, values, rows);
    CHECK(scaled(scaling, values) == std::vector<float>{0, 3, 1});
    CHECK(scaling.range().greatest == 1);
  }

  TEST_CASE("undo leads back to the file's values") {
    const Tensor values = tensor<double>({2, 2}, {1001, -3, 1003, 5});
    for (const Scaling kind : {Scaling::None, Scaling::Unit, Scaling::Symmetric,
                               Scaling::Standardise, Scaling::MinMax}) {
      const FittedScaling scaling(kind, values);
      std::vector<float> back = scaled(scaling, values);
      scaling.undo(back);
      for (std::size_t i = 0; i < 4; ++i) {
        CHECK(back[i] == doctest::Approx(values.values<double>()[i]).epsilon(1e-4));
      }
    }
  }

  TEST_CASE("auto looks at values and shape") {
    CHECK(FittedScaling(Scaling::Auto, tensor<std::uint8_t>({1, 1, 2}, {0, 9})).kind() ==
          Scaling::Unit);
    CHECK(FittedScaling(Scaling::Auto, tensor<std::uint8_t>({1, 2}, {0, 9})).kind() ==
          Scaling::Standardise);
    CHECK(FittedScaling(Scaling::Auto, tensor<float>({1, 2}, {0, 0.5f})).kind() == Scaling::None);
  }

  TEST_CASE("one-hot rows are known to sum to one") {
    CHECK(FittedScaling(Scaling::None, tensor<float>({2, 2}, {0, 1, 0.5f, 0.5f}))
              .range()
              .sums_to_one);
    CHECK_FALSE(
        FittedScaling(Scaling::None, tensor<float>({2, 2}, {0, 1, 1, 1})).range().sums_to_one);
    CHECK_FALSE(FittedScaling(Scaling::None, tensor<float>({1, 2}, {2, -1})).range().sums_to_one);
  }

  TEST_CASE("values that are not finite are refused with their place") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH_AS(check_finite(tensor<float>({2, 2}, {0, 0, 0, nan}), "f.npy"),
                         "f.npy: sample 1, feature 1: nan is not a finite number of 32 bits",
                         DataError);
    CHECK_THROWS_WITH_AS(check_finite(tensor<double>({1, 1}, {1e300}), "f.npy"),
                         "f.npy: sample 0, feature 0: 1e+300 is not a finite number of 32 bits",
                         DataError);
    CHECK_NOTHROW(check_finite(tensor<std::uint8_t>({1, 1}, {3}), "f.npy"));
  }

  TEST_CASE("scalings have names") {
    CHECK(scaling_named("minmax") == Scaling::MinMax);
    CHECK(name_of(Scaling::Symmetric) == "symmetric");
    CHECK_THROWS_AS(scaling_named("unity"), ConfigError);
  }
}
