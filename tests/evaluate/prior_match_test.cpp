#include "latent_model.hpp"
#include "measures.hpp"

#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/prior_match.hpp>

#include <doctest/doctest.h>
#include <ops/selection.hpp>

#include <cmath>
#include <string>

using namespace hourglass;
using test::number;
using test::protocol;

namespace {

// Pair by pair.
double mean_kernel(const Tensor& x, const Tensor& y) {
  const std::int64_t size = x.shape()[1];
  double sum = 0;
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
    for (std::int64_t j = 0; j < y.shape()[0]; ++j) {
      double distance = 0;
      for (std::int64_t k = 0; k < size; ++k) {
        const double d = static_cast<double>(x.floats()[i * size + k]) - y.floats()[j * size + k];
        distance += d * d;
      }
      for (const double scale : {.1, .2, .5, 1., 2., 5., 10.}) {
        const double c = 2 * static_cast<double>(size) * scale;
        sum += c / (c + distance) / 7;
      }
    }
  }
  return sum / static_cast<double>(x.shape()[0] * y.shape()[0]);
}

}  // namespace

TEST_SUITE("evaluate/prior_match") {
  TEST_CASE("the discrepancy is that of a sum over pairs") {
    for (const std::int64_t size : {1, 5}) {
      const Tensor x = test::normal({130, size}, 1), y = test::normal({71, size}, 2, 0.5f);
      const double expected = mean_kernel(x, x) + mean_kernel(y, y) - 2 * mean_kernel(x, y);
      CHECK(squared_discrepancy(x, y) == doctest::Approx(expected).epsilon(1e-9));
      CHECK(std::abs(squared_discrepancy(x, x)) < 1e-12);
    }
  }

  TEST_CASE("the discrepancy of two single codes is known by hand") {
    Tensor x(Shape{1, 1}), y(Shape{1, 1});
    x.floats()[0] = 0;
    y.floats()[0] = 1;
    double kernel = 0;
    for (const double c : {.2, .4, 1., 2., 4., 10., 20.}) kernel += c / (c + 1) / 7;
    CHECK(squared_discrepancy(x, y) == doctest::Approx(2 - 2 * kernel));
  }

  TEST_CASE("the discrepancy is the same for any number of threads") {
    const Tensor x = test::normal({300, 3}, 3), y = test::normal({200, 3}, 4);
    test::check_for_any_team([&] { return squared_discrepancy(x, y); });
  }

  TEST_CASE("codes like the prior match it as well as it matches itself, others do not") {
    const auto model = small::make_linear_vae("{latent: 2, likelihood: gaussian}", {2});
    small::set(*model, "mean.weight", {1, 0, 0, 1});
    const DataSet data = small::test_data(test::normal_values(4400, 5), 2);
    const Measures like = test::measured("prior_match", *model, data);
    CHECK(number(like, "test/prior_match/mmd") < 2 * number(like, "test/prior_match/mmd_prior"));
    CHECK(number(like, "test/prior_match/mmd_prior") < 2e-3);
    small::set(*model, "mean.weight", {3, 0, 0, 3});
    const Measures unlike = test::measured("prior_match", *model, data);
    CHECK(number(unlike, "test/prior_match/mmd") > 20 * number(like, "test/prior_match/mmd"));
    CHECK(number(unlike, "test/prior_match/mmd_prior") ==
          number(like, "test/prior_match/mmd_prior"));
    CHECK(protocol(like, "test/prior_match/mmd")
              .find("first 2000 codes, as encode gives them, and 2000 draws; "
                    "prior: a standard normal distribution") != std::string::npos);
  }

  TEST_CASE("codes of a variant without a prior are compared with standard normal ones") {
    const auto model = small::make("{latent: 2}", {2});
    small::set(*model, "code.weight", {1, 0, 0, 1});
    const Measures measures =
        test::measured("prior_match", *model, small::test_data(test::normal_values(2000, 6), 2));
    CHECK(number(measures, "test/prior_match/mmd") <
          2 * number(measures, "test/prior_match/mmd_prior"));
    CHECK(protocol(measures, "test/prior_match/mmd")
              .find("the variant has no prior, and a standard normal") != std::string::npos);
    small::set(*model, "code.bias", {2, 2});
    CHECK(number(test::measured("prior_match", *model,
                                small::test_data(test::normal_values(2000, 6), 2)),
                 "test/prior_match/mmd") > 20 * number(measures, "test/prior_match/mmd"));
  }

  TEST_CASE("moments and active units are those of all codes of the split") {
    const auto model = small::make("{latent: 3}", {3});
    small::set(*model, "code.weight", {1, 0, 0, 0, 1, 0, 0, 0, 1});
    small::set(*model, "code.bias", {0, 0, 1000});
    // Means 3, 4 and 1000; variances 1, 0.0025 and 0.25.
    const DataSet data = small::test_data({2, 3.95f, 0.5f, 4, 4.05f, -0.5f}, 3);
    const Measures measures = test::measured("prior_match", *model, data);
    CHECK(number(measures, "test/prior_match/mean_norm") == doctest::Approx(std::sqrt(25 + 1e6)));
    CHECK(number(measures, "test/prior_match/variance_mean") ==
          doctest::Approx((1 + 0.0025 + 0.25) / 3));
    CHECK(number(measures, "test/prior_match/active_units") == 2);
  }

  TEST_CASE("all that a prior's match runs is compiled before") {
    const auto model = small::make_linear_vae("{latent: 2, likelihood: gaussian}", {2});
    const DataSet data = small::test_data(test::normal_values(60, 7), 2);
    const auto metric = make_metric({"prior_match"});
    metric->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
    for (const CompiledProgram& each : model->compiled()) {
      CHECK(each.program.get().to_text().find("decoder") == std::string::npos);
    }
  }
}
