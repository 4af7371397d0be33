#include <hourglass/core/error.hpp>
#include <hourglass/nn/unit_norm.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <cmath>
#include <vector>

namespace hourglass {

using test::Numbers;
using test::run;
using test::tensor;
using test::Values;

TEST_SUITE("nn/unit_norm") {
  TEST_CASE("slices along an axis come to unit length, and zeros stay zeros") {
    const Tensor x = tensor({2, 3}, {3, 0, 1, 4, 0, -1});
    const Numbers columns = run([](Values v) { return unit_norm(v[0], 0); }, {x});
    const float half = std::sqrt(0.5f);
    const Numbers expected{0.6f, 0, half, 0.8f, 0, -half};
    for (int i = 0; i < 6; ++i) CHECK(columns[i] == doctest::Approx(expected[i]));
    const Numbers rows = run([](Values v) { return unit_norm(v[0], -1); }, {x});
    CHECK(rows[0] == doctest::Approx(3 / std::sqrt(10.0)));
    CHECK(rows[3] == doctest::Approx(4 / std::sqrt(17.0)));
  }

  TEST_CASE("what is left of a vector is perpendicular to the direction") {
    const Tensor x = tensor({2, 2}, {1, 2, 3, 4}), d = tensor({2, 2}, {0, 2, 0, 1});
    // Along axis 0 the directions are (0, 0), which takes nothing, and (2, 1).
    const Numbers y = run([](Values v) { return perpendicular(v[0], v[1], 0); }, {x, d});
    CHECK(y[0] == 1);
    CHECK(y[2] == 3);
    CHECK(y[1] == doctest::Approx(2 - 2 * 8.0 / 5));
    CHECK(y[3] == doctest::Approx(4 - 1 * 8.0 / 5));
  }

  TEST_CASE("both have gradients") {
    const std::vector<Tensor> inputs{test::random_tensor({3, 4}, 1, 0.5f, 1),
                                     test::random_tensor({3, 4}, 2, 0.5f, 1)};
    const auto normed = check_gradients([](Values v) { return unit_norm(v[0], 0); }, {inputs[0]});
    CHECK_MESSAGE(normed.passed, normed.table);
    const auto left =
        check_gradients([](Values v) { return perpendicular(v[0], v[1], 1); }, inputs);
    CHECK_MESSAGE(left.passed, left.table);
  }

  TEST_CASE("an axis outside and shapes that differ are refused") {
    const Tensor x = test::random_tensor({2, 3}, 1), y = test::random_tensor({3, 2}, 1);
    CHECK_THROWS_AS(run([](Values v) { return unit_norm(v[0], 2); }, {x}), ShapeError);
    CHECK_THROWS_WITH_AS(run([](Values v) { return perpendicular(v[0], v[1], 0); }, {x, y}),
                         "[perpendicular] shapes must agree: got [2, 3] and [3, 2]", ShapeError);
  }
}

}  // namespace hourglass
