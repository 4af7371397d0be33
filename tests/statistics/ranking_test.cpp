#include <hourglass/core/random.hpp>
#include <hourglass/statistics/ranking.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using namespace hourglass;

namespace {

using Scores = std::vector<float>;
using Truth = std::vector<std::uint8_t>;

// Every pair of a positive sample and another.
double slow_auroc(const Scores& scores, const Truth& positive) {
  double won = 0, pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (positive[i] == 0 || positive[j] != 0) continue;
      won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
      pairs += 1;
    }
  }
  return won / pairs;
}

// Precision and recall anew at each threshold.
double slow_average_precision(const Scores& scores, const Truth& positive) {
  double sum = 0, recall_before = 0;
  const std::set<float> thresholds(scores.begin(), scores.end());
  for (auto at = thresholds.rbegin(); at != thresholds.rend(); ++at) {
    double found = 0, taken = 0, all = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      all += positive[i];
      if (scores[i] < *at) continue;
      taken += 1;
      found += positive[i];
    }
    sum += (found / all - recall_before) * found / taken;
    recall_before = found / all;
  }
  return sum;
}

}  // namespace

TEST_SUITE("statistics/ranking") {
  TEST_CASE("the area under the curve is that of a case counted by hand") {
    // Of six pairs, 0.9 wins three, 0.4 wins one and ties one.
    const Scores scores = {0.9f, 0.1f, 0.4f, 0.4f, 0.8f};
    const Truth positive = {1, 0, 1, 0, 0};
    CHECK(auroc(scores, positive) == doctest::Approx(4.5 / 6));
    // Thresholds 0.9, 0.8, 0.4: recall 1/2, 1/2, 1; precision 1, 1/2, 2/4.
    CHECK(average_precision(scores, positive) == doctest::Approx(0.5 * 1 + 0.5 * 0.5));
  }

  TEST_CASE("equal scores rank nothing, and perfect ones everything") {
    CHECK(auroc(Scores{2, 2, 2, 2}, Truth{1, 0, 0, 0}) == 0.5);
    CHECK(average_precision(Scores{2, 2, 2, 2}, Truth{1, 0, 0, 0}) == 0.25);
    CHECK(auroc(Scores{1, 2, 3}, Truth{0, 1, 1}) == 1);
    CHECK(average_precision(Scores{1, 2, 3}, Truth{0, 1, 1}) == 1);
    CHECK(auroc(Scores{3, 2, INFINITY}, Truth{1, 1, 0}) == 0);
  }

  TEST_CASE("rankings of one kind alone have no area") {
    CHECK(std::isnan(auroc(Scores{1, 2}, Truth{1, 1})));
    CHECK(std::isnan(average_precision(Scores{1, 2}, Truth{0, 0})));
    CHECK(std::isnan(auroc(Scores{}, Truth{})));
  }

  TEST_CASE("areas agree with slow references, ties included, in any order") {
    for (const std::uint32_t values : {3u, 20u, 1000000u}) {
      CAPTURE(values);
      RandomStream random(7, "ranking", values);
      Scores scores;
      Truth positive;
      for (int i = 0; i < 200; ++i) {
        positive.push_back(random.below(5) == 0);
        scores.push_back(static_cast<float>(random.below(values) + positive.back() * values / 3));
      }
      const double area = auroc(scores, positive), precision = average_precision(scores, positive);
      CHECK(area == doctest::Approx(slow_auroc(scores, positive)).epsilon(1e-12));
      CHECK(precision == doctest::Approx(slow_average_precision(scores, positive)).epsilon(1e-12));
      const Scores backwards(scores.rbegin(), scores.rend());
      const Truth truth_backwards(positive.rbegin(), positive.rend());
      CHECK(auroc(backwards, truth_backwards) == area);
      CHECK(average_precision(backwards, truth_backwards) == precision);
    }
  }

  TEST_CASE("a quantile is the least score that the part does not exceed") {
    const Scores scores = {5, 1, 4, 2, 3};
    CHECK(quantile(scores, 0.2) == 1);
    CHECK(quantile(scores, 0.21) == 2);
    CHECK(quantile(scores, 0.8) == 4);
    CHECK(quantile(scores, 1) == 5);
    Scores twenty(20);
    for (int i = 0; i < 20; ++i) twenty[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
    CHECK(quantile(twenty, 0.95) == 19);
  }
}
