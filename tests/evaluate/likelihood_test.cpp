// Linear Gaussian models, whose likelihoods and bounds are known.
#include "latent_model.hpp"
#include "measures.hpp"

#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

using namespace hourglass;
using test::number;
using test::protocol;

namespace {

const double kLogTwoPi = std::log(2 * std::numbers::pi);

// x = w z + b + noise, z and the noise standard normal.
constexpr float kWeight[] = {1.5f, -0.5f}, kBias[] = {0.25f, 0.5f};
constexpr double kSquares = 1.5 * 1.5 + 0.5 * 0.5;

// q(z | x) = N(w (x - b) / (1 + w w), `spread` / (1 + w w)): the posterior itself where `spread`
// is 1.
std::unique_ptr<Model> linear(double spread, const std::string& options = "likelihood: gaussian") {
  auto model = small::make_linear_vae("{" + options + "}", {2});
  const auto per = static_cast<float>(1 / (1 + kSquares));
  small::set(*model, "mean.weight", {kWeight[0] * per, kWeight[1] * per});
  small::set(*model, "mean.bias", {-per * (kWeight[0] * kBias[0] + kWeight[1] * kBias[1])});
  small::set(*model, "log_variance.weight", {0, 0});
  small::set(*model, "log_variance.bias", {static_cast<float>(std::log(spread / (1 + kSquares)))});
  small::set(*model, "decoder.0.weight", {kWeight[0], kWeight[1]});
  small::set(*model, "decoder.0.bias", {kBias[0], kBias[1]});
  return model;
}

// -log N(x; b, I + w w^T), by its determinant 1 + w w and the inverse I - w w^T / (1 + w w).
double negative_log_density(const float* x) {
  const double a = x[0] - kBias[0], b = x[1] - kBias[1];
  const double along = a * kWeight[0] + b * kWeight[1];
  return 0.5 * (a * a + b * b - along * along / (1 + kSquares) + std::log(1 + kSquares)) +
         kLogTwoPi;
}

double mean_negative_log_density(const std::vector<float>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); i += 2) sum += negative_log_density(&x[i]);
  return sum / (static_cast<double>(x.size()) / 2);
}

}  // namespace

TEST_SUITE("evaluate/likelihood") {
  TEST_CASE("weights by the exact posterior give the density itself with any number of draws") {
    const auto x = test::normal_values(80, 1);
    const double expected = mean_negative_log_density(x);
    const auto model = linear(1);
    for (const char* draws : {"{samples: 1}", "{samples: 3}", "{samples: 120}"}) {
      const Measures measures = test::measured("likelihood", *model, small::test_data(x, 2), draws);
      CHECK(number(measures, "test/likelihood/negative_importance_bound") ==
            doctest::Approx(expected).epsilon(1e-5));
    }
  }

  TEST_CASE("the terms of the evidence lower bound are those of the formula") {
    const auto x = test::normal_values(8000, 2);
    const auto model = linear(3);
    const Measures measures = test::measured("likelihood", *model, small::test_data(x, 2));
    // Over draws of z the squared error has the mean |x - w m - b|^2 + v w w.
    const double variance = 3 / (1 + kSquares);
    double nll = 0, kl = 0;
    for (std::size_t i = 0; i < x.size(); i += 2) {
      const double a = x[i] - kBias[0], b = x[i + 1] - kBias[1];
      const double mean = (a * kWeight[0] + b * kWeight[1]) / (1 + kSquares);
      const double c = a - mean * kWeight[0], d = b - mean * kWeight[1];
      nll += 0.5 * (c * c + d * d + variance * kSquares) + kLogTwoPi;
      kl += 0.5 * (mean * mean + variance - 1 - std::log(variance));
    }
    nll /= 4000;
    kl /= 4000;
    CHECK(number(measures, "test/likelihood/kl") == doctest::Approx(kl).epsilon(1e-5));
    // Noise: about 1.4 nats a sample, over 4000 samples.
    CHECK(std::abs(number(measures, "test/likelihood/negative_log_likelihood") - nll) < 0.1);
    CHECK(number(measures, "test/likelihood/negative_elbo") ==
          doctest::Approx(number(measures, "test/likelihood/negative_log_likelihood") + kl)
              .epsilon(1e-5));
    CHECK(number(measures, "test/likelihood/bits_per_dimension") ==
          doctest::Approx(number(measures, "test/likelihood/negative_elbo") /
                          (2 * std::numbers::ln2)));
    CHECK(measures.find("test/likelihood/negative_importance_bound") == nullptr);
  }

  TEST_CASE("the importance bound begins at the negative bound and falls to the density") {
    const auto x = test::normal_values(8000, 3);
    const auto model = linear(3);
    const DataSet data = small::test_data(x, 2);
    double before = 0;
    for (const int draws : {1, 2, 10, 300}) {
      const Measures measures =
          test::measured("likelihood", *model, data, text("{samples: ", draws, "}"));
      const double bound = number(measures, "test/likelihood/negative_importance_bound");
      if (draws == 1) {
        CHECK(std::abs(bound - number(measures, "test/likelihood/negative_elbo")) < 0.1);
      } else {
        CHECK(bound < before);
      }
      before = bound;
    }
    CHECK(before == doctest::Approx(mean_negative_log_density(x)).epsilon(0.002));
  }

  TEST_CASE("the importance bound is that of all weights taken at once") {
    const auto x = test::normal_values(2 * 30, 7);
    const auto model = linear(0.02);  // draws too narrow: ever larger weights come
    const DataSet data = small::test_data(x, 2);
    std::vector<std::vector<double>> weights(30);
    model->log_weights(*data.find("test"), split_number("test"), 170,
                       [&](std::span<const std::uint32_t> indices, std::span<const float> some) {
                         const std::size_t each = some.size() / indices.size();
                         for (std::size_t i = 0; i < some.size(); ++i) {
                           weights[indices[i / each]].push_back(some[i]);
                         }
                       });
    double expected = 0;
    for (const auto& own : weights) {
      REQUIRE(own.size() == 170);
      double sum = 0;
      for (const double weight : own) sum += std::exp(weight);
      expected -= std::log(sum / 170) / 30;
    }
    CHECK(number(test::measured("likelihood", *model, data, "{samples: 170}"),
                 "test/likelihood/negative_importance_bound") ==
          doctest::Approx(expected).epsilon(1e-9));
  }

  TEST_CASE("a sample's likelihood depends on no batch") {
    const auto x = test::normal_values(2 * 43, 4);
    const auto model = linear(3);
    const DataSet data = small::test_data(x, 2);
    const Measures all = test::measured("likelihood", *model, data, "{samples: 70}");
    double bound = 0, elbo = 0;
    for (std::uint32_t i = 0; i < 43; ++i) {
      DataSet one = data;
      one.splits["test"] =
          std::make_shared<ChosenSource>(*data.find("test"), std::vector<std::uint32_t>{i});
      const Measures measures = test::measured("likelihood", *model, one, "{samples: 70}");
      bound += number(measures, "test/likelihood/negative_importance_bound") / 43;
      elbo += number(measures, "test/likelihood/negative_elbo") / 43;
    }
    CHECK(number(all, "test/likelihood/negative_importance_bound") ==
          doctest::Approx(bound).epsilon(1e-6));
    CHECK(number(all, "test/likelihood/negative_elbo") == doctest::Approx(elbo).epsilon(1e-6));
  }

  TEST_CASE("a limit takes samples from the whole split and the protocol says how many") {
    const auto model = linear(1);
    const DataSet data = small::test_data(test::normal_values(40, 5), 2);
    const Measures measures = test::measured("likelihood", *model, data, "{limit: 4, samples: 6}");
    DataSet part = data;
    part.splits["test"] = std::make_shared<ChosenSource>(*data.find("test"), spread(20, 4));
    CHECK(number(measures, "test/likelihood/negative_elbo") ==
          number(test::measured("likelihood", *model, part), "test/likelihood/negative_elbo"));
    CHECK(protocol(measures, "test/likelihood/negative_elbo") ==
          "nats per sample; mean over 4 samples, evenly spread over the split of "
          "negative_log_likelihood + kl, one draw of the code each");
    CHECK(protocol(measures, "test/likelihood/negative_importance_bound").find("k = 6 draws") !=
          std::string::npos);
  }

  TEST_CASE("grey targets under a Bernoulli distribution are told from a likelihood") {
    const std::string caution = "not a likelihood: grey targets under a Bernoulli distribution";
    const auto cautioned = [&](Model& model, const std::vector<float>& x) {
      return protocol(test::measured("likelihood", model, small::test_data(x, 2)),
                      "test/likelihood/negative_elbo")
                 .find(caution) != std::string::npos;
    };
    const auto bernoulli = linear(1, "likelihood: bernoulli");
    CHECK_FALSE(cautioned(*bernoulli, {0, 1, 1, 1}));
    CHECK(cautioned(*bernoulli, {0, 1, 1, 0.5f}));
    CHECK_FALSE(cautioned(*linear(1), {0, 1, 1, 0.5f}));
  }

  TEST_CASE("likelihoods are refused where a variant declares none") {
    const DataSet data = small::test_data({0, 1}, 2);
    const auto fault = [&](Model& model, const std::string& options) {
      return make_metric({"likelihood", {}, config::parse_text(options, "test.yaml")})
          ->fault(model, data);
    };
    CHECK(fault(*linear(1), "{samples: 5}").empty());
    CHECK(fault(*small::make("{latent: 1}", {2}), "{}") ==
          "needs a variant with an evidence lower bound, such as vae; leave it out");
    const auto unweighted = linear(1, "likelihood: gaussian, weighted: false");
    CHECK(fault(*unweighted, "{}").empty());
    CHECK(fault(*unweighted, "{samples: 5}") ==
          "needs a variant with importance weights for samples: 5; leave samples out");
  }

  TEST_CASE("all that a likelihood runs is compiled before") {
    const auto model = linear(1);
    const DataSet data = small::test_data(test::normal_values(2 * 43, 6), 2);
    const auto metric =
        make_metric({"likelihood", {}, config::parse_text("{samples: 70}", "test.yaml")});
    metric->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
  }
}
