#include <hourglass/config/parse.hpp>
#include <hourglass/sweep/points.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace hourglass;

namespace {

config::Node yaml(const std::string& text) { return config::parse_text(text, "p.yaml"); }

std::vector<std::string> labels_of_points(const std::vector<Settings>& points) {
  std::vector<std::string> out;
  for (const Settings& each : points) out.push_back(label_of(each));
  return out;
}

}  // namespace

TEST_SUITE("sweep/points") {
  TEST_CASE("a grid is every combination, its first key varying slowest, and zip goes together") {
    SweepFile sweep;
    sweep.grid = {{"a", yaml("[1, 2]").items()}, {"b", yaml("[x, y]").items()}};
    CHECK(labels_of_points(listed_points(sweep)) ==
          std::vector<std::string>{"a=1, b=x", "a=1, b=y", "a=2, b=x", "a=2, b=y"});
    sweep.grid.pop_back();
    sweep.zip = {{"c", yaml("[3, 4]").items()}, {"d", yaml("[[5], {e: 6}]").items()}};
    CHECK(labels_of_points(listed_points(sweep)) ==
          std::vector<std::string>{"a=1, c=3, d=[5]", "a=1, c=4, d={e: 6}", "a=2, c=3, d=[5]",
                                   "a=2, c=4, d={e: 6}"});
  }

  TEST_CASE("a sweep of nothing but seeds has one point, the base") {
    CHECK(labels_of_points(listed_points({})) == std::vector<std::string>{"the base"});
  }

  TEST_CASE("more random draws begin with the same") {
    const auto few = random_points(5, 3, 1), many = random_points(9, 3, 1);
    CHECK(std::equal(few.begin(), few.end(), many.begin()));
    CHECK(random_points(5, 3, 2) != few);
  }

  TEST_CASE("of 2^k Sobol points each half, quarter and eighth of a coordinate has as many") {
    for (const std::uint64_t seed : {0u, 1u, 5u}) {
      const auto points = sobol_points(64, 5, seed);
      for (std::size_t k = 0; k < 5; ++k) {
        std::vector<int> eighths(8);
        for (const auto& point : points) ++eighths[static_cast<std::size_t>(point[k] * 8)];
        CHECK(eighths == std::vector<int>(8, 8));
      }
    }
    CHECK(sobol_points(4, 2, 1) != sobol_points(4, 2, 2));
  }

  TEST_CASE("of two coordinates of 16 Sobol points each sixteenth of the square has one") {
    std::set<std::pair<int, int>> cells;
    for (const auto& point : sobol_points(16, 2, 3)) {
      cells.emplace(static_cast<int>(point[0] * 4), static_cast<int>(point[1] * 4));
    }
    CHECK(cells.size() == 16);
  }

  TEST_CASE("a restricted key is set only where another one, set or in the base, has its value") {
    SweepFile sweep;
    sweep.base = yaml("{variant: vae, model: {latent: 4}}");
    sweep.set = {{"model.beta", yaml("2")}};
    sweep.when = {{"model.beta", "variant", {yaml("vae")}}};
    CHECK(label_of(applicable(sweep, {})) == "model.beta=2");
    CHECK(label_of(applicable(sweep, {{"variant", yaml("vanilla")}})) == "variant=vanilla");
    CHECK(label_of(applicable(sweep, {{"variant", yaml("vae")}})) == "model.beta=2, variant=vae");
    sweep.when = {{"model.beta", "model.latent", yaml("[4, 8]").items()}};
    CHECK(label_of(applicable(sweep, {})) == "model.beta=2");
    CHECK(label_of(applicable(sweep, {{"model.latent", yaml("5")}})) == "model.latent=5");
  }
}
