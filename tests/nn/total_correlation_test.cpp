#include <hourglass/core/error.hpp>
#include <hourglass/nn/total_correlation.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <cmath>
#include <numbers>
#include <vector>

namespace hourglass {

using test::Numbers;
using test::random_tensor;
using test::Values;

TEST_SUITE("nn/total_correlation") {
  TEST_CASE("minibatch-weighted sampling is what its formula says, term by term") {
    constexpr std::int64_t kBatch = 4, kLatent = 3, kData = 50;
    const Tensor z = random_tensor({kBatch, kLatent}, 1),
                 mean = random_tensor({kBatch, kLatent}, 2),
                 log_variance = random_tensor({kBatch, kLatent}, 3);
    const auto at = [](const Tensor& x, std::int64_t i, std::int64_t d) {
      return static_cast<double>(x.floats()[i * kLatent + d]);
    };
    Numbers expected;
    for (std::int64_t i = 0; i < kBatch; ++i) {
      double joint = 0, product = 1;
      std::vector<double> marginal(kLatent);
      for (std::int64_t j = 0; j < kBatch; ++j) {
        double density = 1;
        for (std::int64_t d = 0; d < kLatent; ++d) {
          const double variance = std::exp(at(log_variance, j, d));
          const double distance = at(z, i, d) - at(mean, j, d);
          const double one = std::exp(-distance * distance / (2 * variance)) /
                             std::sqrt(2 * std::numbers::pi * variance);
          density *= one;
          marginal[d] += one / (kData * kBatch);
        }
        joint += density / (kData * kBatch);
      }
      for (const double each : marginal) product *= each;
      expected.push_back(static_cast<float>(std::log(joint / product)));
    }
    const auto estimate = [](Values v) {
      return total_correlation_by_sampling(v[0], v[1], v[2], kData);
    };
    test::check_near(test::run(estimate, {z, mean, log_variance}), expected, 1e-5f);
    test::check_gradient(estimate, {z, mean, log_variance});
  }

  TEST_CASE("a single dimension has no total correlation") {
    const Numbers got =
        test::run([](Values v) { return total_correlation_by_sampling(v[0], v[1], v[2], 10); },
                  {random_tensor({3, 1}, 1), random_tensor({3, 1}, 2), random_tensor({3, 1}, 3)});
    test::check_near(got, {0, 0, 0});
  }

  TEST_CASE("codes and their distributions must agree in shape") {
    CHECK_THROWS_WITH_AS(
        test::run([](Values v) { return total_correlation_by_sampling(v[0], v[1], v[0], 5); },
                  {random_tensor({3, 2}, 1), random_tensor({2, 2}, 1)}),
        "[total_correlation] needs codes [batch, latent], as many means and logarithms of "
        "variances, and samples: got [3, 2], [2, 2], [3, 2] and 5 samples",
        ShapeError);
  }
}

}  // namespace hourglass
