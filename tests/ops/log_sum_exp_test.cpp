#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/log_sum_exp.hpp>

#include <cmath>

namespace hourglass::test {

TEST_SUITE("ops/log_sum_exp") {
  TEST_CASE("it is the logarithm of a sum, and does not overflow") {
    const float two = std::log(2.0f), three = std::log(3.0f);
    const Tensor x = tensor({2, 3}, {0, two, three, 1000, 1000, -1000});
    check_near(run([](Values v) { return log_sum_exp(v[0], 1); }, {x}),
               {std::log(6.0f), 1000 + two});
    check_near(run([](Values v) { return log_mean_exp(v[0], -1); }, {x}),
               {two, 1000 + std::log(2 / 3.0f)});
    check_near(run([](Values v) { return log_mean_exp(v[0], 0); }, {tensor({1, 2}, {-3, 5})}),
               {-3, 5});
  }

  TEST_CASE("it has a gradient along any axis") {
    const Tensor x = random_tensor({2, 3, 4}, 1);
    for (const int axis : {0, 1, 2}) {
      check_gradient([=](Values v) { return log_sum_exp(v[0], axis); }, {x});
    }
    CHECK_THROWS_AS(run([](Values v) { return log_sum_exp(v[0], 3); }, {x}), ShapeError);
  }
}

}  // namespace hourglass::test
