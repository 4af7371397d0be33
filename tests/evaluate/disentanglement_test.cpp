#include "factor_grid.hpp"
#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace hourglass;
using test::number;
using test::protocol;

namespace {

constexpr const char* kScores[] = {"factor_vae_score",    "mig",
                                   "dci_disentanglement", "dci_completeness",
                                   "dci_informativeness", "sap"};

/// A code that is `weight` [codes, factors] times the sample.
std::unique_ptr<Model> factor_coder(std::int64_t factors, const std::vector<float>& weight) {
  const std::int64_t codes = std::ssize(weight) / factors;
  auto model = small::make("{latent: " + std::to_string(codes) + "}", {factors});
  small::set(*model, "code.weight", weight);
  return model;
}

Measures scores_of(const DataSet& data, const std::vector<float>& weight, std::uint64_t seed = 1) {
  const auto model = factor_coder(data.sample_shape.size(), weight);
  Measures measures;
  make_metric({"disentanglement"})->measure({*model, data, seed}, measures);
  return measures;
}

double score(const Measures& measures, const char* name) {
  return number(measures, std::string("test/disentanglement/") + name);
}

std::string told(const Measures& measures, const char* name) {
  return protocol(measures, std::string("test/disentanglement/") + name);
}

std::string refusal(const DataSet& data, int latent = 2) {
  const auto model = small::make("{latent: " + std::to_string(latent) + "}", data.sample_shape);
  return make_metric({"disentanglement"})->fault(*model, data);
}

const std::vector<float> kPlain{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

}  // namespace

TEST_SUITE("evaluate/disentanglement") {
  TEST_CASE("codes that are the factors have the best scores, beside a dead code too") {
    const DataSet data = small::of_factors(small::factor_grid({2, 2, 2, 2}, 60));
    std::vector<float> with_dead = kPlain;
    with_dead.insert(with_dead.end(), {0, 0, 0, 0});
    for (const auto& weight : {kPlain, with_dead}) {
      const Measures measures = scores_of(data, weight);
      REQUIRE(measures.numbers().size() == 8);  // two counts among them
      CHECK(score(measures, "factor_vae_score") == 1);
      CHECK(score(measures, "mig") == doctest::Approx(1));
      CHECK(score(measures, "dci_disentanglement") > 0.95);
      CHECK(score(measures, "dci_completeness") > 0.95);
      CHECK(score(measures, "dci_informativeness") == doctest::Approx(1));
      // The second best is right by chance, a half here.
      CHECK(score(measures, "sap") == doctest::Approx(0.5).epsilon(0.1));
    }
  }

  TEST_CASE("a code in which all factors are mixed has low scores, but is as informative") {
    const DataSet data = small::of_factors(small::factor_grid({4, 4, 4, 4}, 4));
    const Measures plain = scores_of(data, kPlain);
    const Measures mixed = scores_of(data, small::even_rotation());
    CHECK(score(plain, "factor_vae_score") == 1);
    CHECK(score(mixed, "factor_vae_score") < 0.35);
    CHECK(score(mixed, "mig") < 0.01);
    CHECK(score(mixed, "dci_disentanglement") < 0.1);
    CHECK(score(mixed, "dci_completeness") < 0.1);
    CHECK(score(mixed, "dci_informativeness") > 0.9);
    CHECK(score(mixed, "sap") < 0.06);
    CHECK(score(plain, "sap") > 0.15);
  }

  TEST_CASE("a random rotation scores less than the factors themselves") {
    const DataSet data = small::of_factors(small::factor_grid({4, 4, 4, 4}, 4));
    const Measures plain = scores_of(data, kPlain);
    const Measures mixed = scores_of(data, test::normal_values(16, 8));
    for (const char* name : kScores) {
      CAPTURE(name);
      if (std::string(name) == "dci_informativeness") continue;
      CHECK(score(mixed, name) < 0.9 * score(plain, name));
    }
  }

  TEST_CASE("a code that is constant tells nothing, and one number has no second") {
    const DataSet data = small::of_factors(small::factor_grid({2, 2}, 100));
    const Measures nothing = scores_of(data, {0, 0});
    for (const char* name :
         {"factor_vae_score", "mig", "dci_disentanglement", "dci_completeness"}) {
      CAPTURE(name);
      CHECK(score(nothing, name) == 0);
    }
    CHECK(score(nothing, "dci_informativeness") == doctest::Approx(0.5).epsilon(0.2));
    const Measures one = scores_of(data, {1, 0});
    CHECK(score(one, "mig") == doctest::Approx(0.5));
    // It finds the first factor always, the other by chance.
    CHECK(score(one, "sap") == doctest::Approx(0.75).epsilon(0.1));
  }

  TEST_CASE("equal seeds measure equally, and another seed other votes") {
    const DataSet data = small::of_factors(small::factor_grid({4, 4, 4, 4}, 2));
    const Measures first = scores_of(data, small::even_rotation());
    CHECK(scores_of(data, small::even_rotation()).numbers() == first.numbers());
    CHECK(scores_of(data, small::even_rotation(), 2).numbers() != first.numbers());
  }

  TEST_CASE("the protocol tells samples, constants and factors") {
    const Measures measures =
        scores_of(small::of_factors(small::factor_grid({3, 1, 110})), {1, 0, 0, 0, 0, 0.001f});
    CHECK(protocol(measures, "test/disentanglement") ==
          "factors f0, f2; cut into 20 bins of equal width, for more than 100 values: f2; codes of "
          "330 samples of the split, chosen and ordered by the seed");
    CHECK(told(measures, "factor_vae_score")
              .find("among 64 samples that share a factor's value, over its variance among 330 "
                    "samples; codes with a variance below 0.05 have no vote") != std::string::npos);
    CHECK(score(measures, "active_codes") == 1);
    CHECK(told(measures, "active_codes") ==
          "how many of the 2 codes have a variance of at least 0.05");
    CHECK(score(measures, "dci_unfinished") == 0);
    CHECK(told(measures, "mig").find("330 samples, codes cut into 20 bins") != std::string::npos);
    CHECK(told(measures, "sap")
              .find("C = 0.01, balanced; fitted to 220 samples, tried on 110 "
                    "others") != std::string::npos);
    const std::string dci = told(measures, "dci");
    CHECK(dci.find("+ 0.001 sum |W|, biases free; orthant-wise L-BFGS to 1e-3 of") !=
          std::string::npos);
    CHECK(dci.find("; fitted to 220 samples, tried on 110 others;") != std::string::npos);
    for (const char* name : kScores) CHECK_FALSE(told(measures, name).empty());
  }

  TEST_CASE("large splits are measured on samples of them") {
    const Measures measures =
        scores_of(small::of_factors(small::factor_grid({10, 10}, 600)), {1, 0, 0, 1});
    CHECK(score(measures, "factor_vae_score") == 1);
    CHECK(protocol(measures, "test/disentanglement").find("codes of 50000 samples") !=
          std::string::npos);
    CHECK(told(measures, "mig").find("10000 samples,") != std::string::npos);
    CHECK(told(measures, "sap").find("fitted to 10000 samples, tried on 5000 others") !=
          std::string::npos);
  }

  TEST_CASE("disentanglement is refused without two factors that vary, and for long codes") {
    CHECK(refusal(small::of_factors(small::factor_grid({2, 2}))).empty());
    const std::string remedy =
        "; measure data with more, such as sprites, glyphs or files whose labels are several "
        "numbers a sample, or leave it out";
    CHECK(refusal(small::test_data({0, 1, 2, 3}, 2)) ==
          "needs two factors that samples were made from, and the test split has none" + remedy);
    CHECK(refusal(small::of_factors(small::factor_grid({1, 3}))) ==
          "needs two factors with two values at least, and in the test split only f1 has" + remedy);
    CHECK(refusal(small::of_factors(small::factor_grid({1, 1}))) ==
          "needs two factors with two values at least, and in the test split none has" + remedy);
    CHECK(refusal(small::of_factors(small::factor_grid({2, 2})), 256).empty());
    CHECK(refusal(small::of_factors(small::factor_grid({2, 2})), 257) ==
          "measures codes of at most 256 numbers, and these have 257; make them shorter, or leave "
          "it out");
  }

  TEST_CASE("all that disentanglement runs is compiled before") {
    const DataSet data = small::of_factors(small::factor_grid({4, 4}, 10));
    const auto model = factor_coder(2, {1, 0, 0, 1});
    const auto metric = make_metric({"disentanglement"});
    metric->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
  }
}
