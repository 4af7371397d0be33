#include <hourglass/graph/autodiff.hpp>
#include <hourglass/nn/likelihood.hpp>
#include <hourglass/ops/mean.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>
#include <support/ranges.hpp>

#include <cmath>
#include <numbers>
#include <vector>

namespace hourglass {

using test::kShares;
using test::kUnit;
using test::kWide;
using test::Numbers;
using test::tensor;
using test::Values;
using Variance = GaussianLikelihood::Variance;

namespace {

/// -log p(x | y) in a store of the test's own.
GradientFunction negative_log(const LikelihoodOptions& options, VariableStore& store,
                              bool training = false, const ValueRange& range = kUnit) {
  return [=, &store](Values v) {
    Parameters parameters(v[0].graph(), store, Initializer(), 1);
    return Likelihood(options, range, parameters, training).negative_log(v[0], v[1]);
  };
}

Numbers losses(const LikelihoodOptions& options, const Tensor& y, const Tensor& x) {
  VariableStore store;
  return test::run(negative_log(options, store), {y, x});
}

}  // namespace

TEST_SUITE("nn/likelihood") {
  TEST_CASE("Bernoulli is the cross-entropy of a sigmoid, summed over features") {
    const Tensor y = tensor({2, 2}, {0, 2, -1, 100}), x = tensor({2, 2}, {1, 0.25f, 0, 1});
    test::check_near(
        losses(BernoulliLikelihood{}, y, x),
        {std::log(2.0f) + std::log1p(std::exp(2.0f)) - 0.5f, std::log1p(std::exp(-1.0f))});
  }

  TEST_CASE("a Gaussian of fixed variance is complete, with half and constant") {
    const Tensor y = tensor({2, 2}, {0, 1, 2, 3}), x = tensor({2, 2}, {0, 3, 2, 2});
    const float log_two_pi = std::log(2 * std::numbers::pi_v<float>);
    GaussianLikelihood gaussian;
    test::check_near(losses(gaussian, y, x), {log_two_pi + 2, log_two_pi + 0.5f});
    gaussian.value = 4;
    test::check_near(losses(gaussian, y, x),
                     {log_two_pi + std::log(4.0f) + 0.5f, log_two_pi + std::log(4.0f) + 0.125f});
  }

  TEST_CASE("a learned variance starts at 1 and a step later has moved to where the error is") {
    VariableStore store;
    Graph graph;
    const Value y = graph.constant(tensor({1, 2}, {0, 0})),
                x = graph.constant(tensor({1, 2}, {2, 2}));
    Parameters parameters(graph, store, Initializer(), 1);
    GaussianLikelihood learned;
    learned.variance = Variance::Learned;
    const Value loss = mean(Likelihood(learned, kWide, parameters, true).negative_log(y, x));
    const Value s = parameters.existing("likelihood.log_variance");
    const Value slope = gradients(loss, std::vector<Value>{s})[0];
    Arena arena;
    Program program(graph, {loss, slope}, {}, arena);
    program.run({});
    const double log_two_pi = std::log(2 * std::numbers::pi);
    CHECK(program.fetched(0)[0] == doctest::Approx(log_two_pi + 4).epsilon(1e-5));
    // d/ds (features s - 8 exp(-s)) / 2 at s = 0: (2 - 8) / 2.
    CHECK(program.fetched(1)[0] == doctest::Approx(-3).epsilon(1e-4));
  }

  TEST_CASE("an optimal variance is the batch's error in training and its average elsewhere") {
    const Tensor y = tensor({2, 2}, {0, 0, 0, 0}), x = tensor({2, 2}, {2, 0, 2, 4});
    GaussianLikelihood optimal;
    optimal.variance = Variance::Optimal;
    const float log_two_pi = std::log(2 * std::numbers::pi_v<float>);
    VariableStore store;
    // The mean squared error is 24 / 4.
    test::check_near(
        test::run(negative_log(optimal, store, true, kWide), {y, x}),
        {4 / 12.0f + log_two_pi + std::log(6.0f), 20 / 12.0f + log_two_pi + std::log(6.0f)});
    // The average is still what it starts with, 1.
    test::check_near(test::run(negative_log(optimal, store, false, kWide), {y, x}),
                     {2 + log_two_pi, 10 + log_two_pi});
  }

  TEST_CASE("categorical is the cross-entropy of a softmax") {
    const Tensor y = tensor({1, 3}, {1, 2, 4}), x = tensor({1, 3}, {0, 1, 0});
    test::check_near(losses(CategoricalLikelihood{}, y, x),
                     {std::log(std::exp(1.0f) + std::exp(2.0f) + std::exp(4.0f)) - 2});
  }

  TEST_CASE("each likelihood has its gradient") {
    const Tensor y = test::random_tensor({2, 3}, 1), x = test::random_tensor({2, 3}, 2, 0.1f, 0.9f);
    GaussianLikelihood fixed, learned;
    fixed.value = 0.5;
    learned.variance = Variance::Learned;
    for (const LikelihoodOptions& options : std::vector<LikelihoodOptions>{
             BernoulliLikelihood{}, fixed, learned, CategoricalLikelihood{}}) {
      test::check_gradient(
          [&](Values v) {
            // Outlives the graph that the check makes.
            static std::vector<std::unique_ptr<VariableStore>> stores;
            stores.push_back(std::make_unique<VariableStore>());
            const std::vector<Value> both{v[0], v[0].graph().constant(x)};
            return negative_log(options, *stores.back())(both);
          },
          {y});
    }
  }

  TEST_CASE("auto takes Bernoulli within 0 and 1, else Gaussian, and says whether it is proper") {
    VariableStore store;
    Graph graph;
    Parameters parameters(graph, store, Initializer(), 1);
    const Likelihood grey(AutoLikelihood{}, kUnit, parameters, false);
    CHECK(grey.name() == "bernoulli");
    CHECK_FALSE(grey.is_proper());
    const ValueRange binary{.least = 0, .greatest = 1, .binary = true};
    CHECK(Likelihood(AutoLikelihood{}, binary, parameters, false).is_proper());
    const Likelihood wide(AutoLikelihood{}, kWide, parameters, false);
    CHECK(wide.name() == "gaussian");
    CHECK(wide.is_proper());
  }

  TEST_CASE("data that do not fit a likelihood are refused with their range") {
    CHECK(Likelihood::fault(BernoulliLikelihood{}, kWide) ==
          "cannot be bernoulli: the data lie in [-3, 5], it needs [0, 1]; set dataset.scaling to "
          "unit or minmax, or use gaussian");
    CHECK(Likelihood::fault(CategoricalLikelihood{}, kUnit).starts_with("cannot be categorical"));
    CHECK(Likelihood::fault(CategoricalLikelihood{}, kShares).empty());
    CHECK(Likelihood::fault(GaussianLikelihood{}, kWide).empty());
  }
}

}  // namespace hourglass
