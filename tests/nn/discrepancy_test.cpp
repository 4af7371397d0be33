#include <hourglass/evaluate/prior_match.hpp>
#include <hourglass/nn/discrepancy.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

namespace hourglass {

using namespace test;

TEST_SUITE("nn/discrepancy") {
  const auto of_two = [](Values in) { return squared_discrepancy(in[0], in[1]); };

  TEST_CASE("two points by hand") {
    double expected = 0;  // of one number each, 2 apart
    for (const double scale : {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0}) {
      expected += 2.0 / 7 * (1 - 2 * scale / (2 * scale + 4));
    }
    const Tensor got = evaluate(of_two, {tensor({1, 1}, {1}), tensor({1, 1}, {3})});
    CHECK(got.floats()[0] == doctest::Approx(expected));
  }

  TEST_CASE("it is what the measure computes in double precision") {
    const Tensor x = random_tensor({20, 3}, 1), y = random_tensor({30, 3}, 2, 0, 2);
    CHECK(evaluate(of_two, {x, y}).floats()[0] ==
          doctest::Approx(squared_discrepancy(x, y)).epsilon(1e-4));
    CHECK(std::abs(evaluate(of_two, {x, x}).floats()[0]) < 1e-6);
  }

  TEST_CASE("its gradient agrees with differences") {
    check_gradient(of_two, {random_tensor({4, 2}, 1), random_tensor({3, 2}, 2)});
  }

  TEST_CASE("rows of two lengths are refused") {
    CHECK_THROWS_AS(evaluate(of_two, {Tensor({2, 3}), Tensor({2, 4})}), ShapeError);
  }
}

}  // namespace hourglass
