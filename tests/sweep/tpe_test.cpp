#include <hourglass/core/random.hpp>
#include <hourglass/sweep/points.hpp>
#include <hourglass/sweep/tpe.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

using namespace hourglass;

namespace {

using Function = std::function<double(const std::vector<double>&)>;

/// F. H. Branin's function (1972) on the unit square; its least value is 0.397887.
double branin(const std::vector<double>& u) {
  const double x = 15 * u[0] - 5, y = 15 * u[1];
  const double pi = std::numbers::pi;
  const double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
}

/// J. Hartmann's function of six numbers (1972); its least value is -3.32237.
double hartmann(const std::vector<double>& u) {
  constexpr std::array<double, 4> kAlpha = {1.0, 1.2, 3.0, 3.2};
  constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                               {0.05, 10, 17, 0.1, 8, 14},
                               {3, 3.5, 1.7, 10, 17, 8},
                               {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double kP[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                               {2329, 4135, 8307, 3736, 1004, 9991},
                               {2348, 1451, 3522, 2883, 3047, 6650},
                               {4047, 8828, 8732, 5743, 1091, 381}};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double inner = 0;
    for (std::size_t j = 0; j < 6; ++j) {
      inner += kA[i][j] * (u[j] - kP[i][j] * 1e-4) * (u[j] - kP[i][j] * 1e-4);
    }
    sum -= kAlpha[i] * std::exp(-inner);
  }
  return sum;
}

double best_by_tpe(const Function& function, std::size_t dimensions, int count,
                   std::uint64_t seed) {
  const Tpe tpe(std::vector<std::size_t>(dimensions), 10, seed);
  std::vector<Trial> trials;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < count; ++i) {
    std::vector<double> at = tpe.suggest(static_cast<std::uint64_t>(i), trials);
    const double value = function(at);
    best = std::min(best, value);
    trials.push_back({std::move(at), value});
  }
  return best;
}

double best_by_chance(const Function& function, std::size_t dimensions, int count,
                      std::uint64_t seed) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& at : random_points(count, dimensions, seed)) best = std::min(best, function(at));
  return best;
}

/// How often of ten seeds the search ends below random draws, as many of them.
int wins(const Function& function, std::size_t dimensions, int count) {
  int won = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    won += best_by_tpe(function, dimensions, count, seed) <
                   best_by_chance(function, dimensions, count, seed)
               ? 1
               : 0;
  }
  return won;
}

}  // namespace

TEST_SUITE("sweep/tpe") {
  TEST_CASE("the standard functions have their known least values") {
    CHECK(branin({(std::numbers::pi + 5) / 15, 2.275 / 15}) ==
          doctest::Approx(0.397887).epsilon(1e-5));
    CHECK(hartmann({0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}) ==
          doctest::Approx(-3.32237).epsilon(1e-5));
  }

  TEST_CASE("the search finds better than chance does, with as many trials") {
    CHECK(wins(branin, 2, 60) >= 8);
    CHECK(wins(hartmann, 6, 60) >= 8);
  }

  TEST_CASE("the first points are random, and equal trials give equal suggestions") {
    const Tpe tpe({0, 0}, 3, 7);
    std::vector<Trial> trials;
    for (int i = 0; i < 12; ++i) {
      const auto at = tpe.suggest(static_cast<std::uint64_t>(i), trials);
      CHECK(at == tpe.suggest(static_cast<std::uint64_t>(i), trials));
      for (const double u : at) CHECK((u >= 0 && u < 1));
      trials.push_back({at, branin(at)});
    }
    CHECK(tpe.suggest(2, {}) == tpe.suggest(2, trials));
    CHECK(tpe.suggest(12, trials) != Tpe({0, 0}, 3, 8).suggest(12, trials));
  }

  TEST_CASE("of a choice the value that was good is suggested most") {
    const Tpe tpe({4}, 4, 1);
    std::vector<Trial> trials;
    for (int i = 0; i < 40; ++i) {
      trials.push_back({{(i % 4 + 0.5) / 4}, i % 4 == 2 ? 0.0 : 1.0 + i});
    }
    int third = 0;
    for (std::uint64_t i = 40; i < 60; ++i) {
      const double u = tpe.suggest(i, trials)[0];
      third += u > 0.5 && u < 0.75 ? 1 : 0;
    }
    CHECK(third == 20);
  }

  TEST_CASE("trials that failed are the worst, and no number is none") {
    const Tpe tpe({0}, 2, 1);
    const double none = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    std::vector<Trial> trials;
    for (int i = 0; i < 30; ++i) {
      const double u = (i + 0.5) / 30;
      trials.push_back({{u}, u < 0.8 ? (i % 2 == 0 ? none : infinite) : u});
    }
    int far = 0;
    for (std::uint64_t i = 30; i < 50; ++i) far += tpe.suggest(i, trials)[0] > 0.7 ? 1 : 0;
    CHECK(far >= 16);
  }
}
