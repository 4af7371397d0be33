#include <hourglass/nn/gaussian.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <cmath>
#include <numbers>
#include <vector>

namespace hourglass {

using test::Numbers;
using test::tensor;
using test::Values;

TEST_SUITE("nn/gaussian") {
  TEST_CASE("the KL to a standard normal is 0 for that one itself, and as by hand elsewhere") {
    const Tensor mean = tensor({2, 3}, {0, 1, -2, 0, 0, 0.5f});
    const Tensor log_variance = tensor({2, 3}, {0, 0, 1, -2, 0, 0.5f});
    const Numbers each =
        test::run([](Values v) { return kl_to_standard_normal_per_dimension(v[0], v[1]); },
                  {mean, log_variance});
    const float e = std::numbers::e_v<float>;
    const Numbers expected{0,
                           0.5f,
                           (4 + e - 1 - 1) / 2,
                           (std::exp(-2.0f) - 1 + 2) / 2,
                           0,
                           (0.25f + std::exp(0.5f) - 1 - 0.5f) / 2};
    test::check_near(each, expected);
    test::check_near(
        test::run([](Values v) { return kl_to_standard_normal(v[0], v[1]); }, {mean, log_variance}),
        {expected[0] + expected[1] + expected[2], expected[3] + expected[4] + expected[5]});
  }

  TEST_CASE("log densities are complete, and broadcast") {
    const Tensor z = tensor({2, 2}, {0, 1, 2, -1});
    const float log_two_pi = std::log(2 * std::numbers::pi_v<float>);
    test::check_near(test::run([](Values v) { return log_standard_normal(v[0]); }, {z}),
                     {-log_two_pi - 0.5f, -log_two_pi - 2.5f});
    const Tensor mean = tensor({1, 2}, {1, 0}), log_variance = tensor({1, 2}, {0, std::log(4.0f)});
    test::check_near(
        test::run([](Values v) { return log_normal(v[0], v[1], v[2]); }, {z, mean, log_variance}),
        {-log_two_pi - std::log(2.0f) - 0.5f - 0.125f,
         -log_two_pi - std::log(2.0f) - 0.5f - 0.125f});
    const Numbers each =
        test::run([](Values v) { return log_normal_per_dimension(v[0], v[1], v[2]); },
                  {z, mean, log_variance});
    CHECK(each[3] == doctest::Approx(-log_two_pi / 2 - std::log(2.0f) - 0.125f));
  }

  TEST_CASE("KL and log densities have gradients") {
    const std::vector<Tensor> inputs{test::random_tensor({2, 3}, 1), test::random_tensor({2, 3}, 2),
                                     test::random_tensor({2, 3}, 3)};
    test::check_gradient([](Values v) { return kl_to_standard_normal(v[0], v[1]); },
                         {inputs[0], inputs[1]});
    test::check_gradient([](Values v) { return log_normal(v[0], v[1], v[2]); }, inputs);
    test::check_gradient([](Values v) { return log_standard_normal(v[0]); }, {inputs[0]});
  }
}

}  // namespace hourglass
