#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

std::size_t number_of_metric(const Comparison& comparison, const std::string& name) {
  for (std::size_t i = 0; i < comparison.metrics.size(); ++i) {
    if (comparison.metrics[i].name == name) return i;
  }
  FAIL("no metric ", name);
  return 0;
}

std::string variant_of(const Comparison& comparison, std::size_t group) {
  return find_value(comparison.groups[group].group.point, "variant")->text;
}

}  // namespace

TEST_SUITE("compare/comparison") {
  TEST_CASE("groups stand in the order of the first metric, with what was shown of each") {
    ScratchFolder folder;
    test::put_runs(folder, "worst", "test/a/psnr", {10, 11.1, 12, 13.1});
    test::put_runs(folder, "best", "test/a/psnr", {20, 21, 22.1, 23});
    test::put_runs(folder, "close", "test/a/psnr", {20, 21, 21, 23.1});
    const Comparison of = compare_runs({.words = {folder.path()}});
    const std::size_t psnr = number_of_metric(of, "test/a/psnr");
    REQUIRE(of.groups.size() == 3);
    CHECK(of.chosen == std::vector<std::size_t>{psnr});
    CHECK(variant_of(of, 0) == "best");
    CHECK(variant_of(of, 1) == "close");
    CHECK(variant_of(of, 2) == "worst");
    CHECK(of.groups[0].mean(psnr) == doctest::Approx(21.525));
    CHECK(of.pairs.size() == 3);
    CHECK(standings(of, psnr) ==
          std::vector<Standing>{Standing::Open, Standing::Open, Standing::Worse});
  }

  TEST_CASE("a group is best where it has been shown to be better than each other") {
    ScratchFolder folder;
    test::put_runs(folder, "worst", "test/p/mmd", {30, 31, 32.1, 33});
    test::put_runs(folder, "best", "test/p/mmd", {10, 11.1, 12, 13});
    test::put_runs(folder, "other", "test/p/mmd", {20, 21, 22.1, 23.1});
    const Comparison of = compare_runs({.words = {folder.path()}});
    CHECK(standings(of, of.chosen[0]) ==
          std::vector<Standing>{Standing::Best, Standing::Worse, Standing::Worse});
  }

  TEST_CASE("numbers that are not finite or missing make n smaller, for that metric") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1, .metrics = {{"test/loss", "1.0"}, {"test/x", "5.0"}}});
    test::put_run(folder, "b", {.seed = 2, .metrics = {{"test/loss", ".nan"}}});
    test::put_run(folder, "c", {.seed = 3, .metrics = {{"test/loss", "3.0"}, {"test/x", ".inf"}}});
    const Comparison of = compare_runs({.words = {folder.path()}});
    REQUIRE(of.groups.size() == 1);
    CHECK(of.groups[0].group.counted.size() == 3);
    const MetricSummary* loss = of.groups[0].find(number_of_metric(of, "test/loss"));
    CHECK(loss->estimate.n == 2);
    CHECK(loss->not_finite == 1);
    CHECK(loss->estimate.mean == 2);
    const MetricSummary* x = of.groups[0].find(number_of_metric(of, "test/x"));
    CHECK(x->estimate.n == 1);
    CHECK(std::isnan(x->estimate.sd));
  }

  TEST_CASE("only completed runs count") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1, .metrics = {{"test/loss", "1.0"}}});
    test::put_run(folder, "b",
                  {.seed = 2, .status = "diverged", .metrics = {{"test/loss", "9.0"}}});
    const Comparison of = compare_runs({.words = {folder.path()}});
    CHECK(of.groups[0].mean(of.chosen[0]) == 1);
    CHECK(of.groups[0].group.runs.size() == 2);
  }

  TEST_CASE("metrics can be chosen, and fronts of any two that have a direction") {
    ScratchFolder folder;
    const auto put = [&](const std::string& variant, const std::string& loss,
                         const std::string& parameters) {
      test::put_run(folder, variant,
                    {.variant = variant,
                     .metrics = {{"test/a/psnr", loss}, {"test/kl", "1"}},
                     .resources = "parameters: " + parameters + "\n"});
    };
    put("small", "10", "100");
    put("large", "20", "900");
    put("silly", "15", "950");
    const Comparison of = compare_runs({.words = {folder.path()},
                                        .metrics = {"parameters", "psnr", "test/a/psnr"},
                                        .pareto = "psnr,parameters"});
    CHECK(of.metrics_asked);
    CHECK(of.chosen.size() == 2);
    CHECK(variant_of(of, 0) == "small");
    REQUIRE(of.pareto.has_value());
    CHECK(of.pareto->groups == std::vector<std::size_t>{1, 0});
    const auto asked = [&](const std::string& pareto) {
      compare_runs({.words = {folder.path()}, .pareto = pareto});
    };
    CHECK_THROWS_WITH_AS(asked("psnr"),
                         "--pareto wants two metrics with a comma between, got \"psnr\"",
                         ConfigError);
    CHECK_THROWS_AS(asked("a,b,c"), ConfigError);
    CHECK_THROWS_WITH_AS(asked("psnr,test/a/psnr"),
                         "--pareto wants two metrics, got test/a/psnr twice", ConfigError);
    CHECK_THROWS_WITH_AS(asked("psnr,kl"),
                         "--pareto: nobody knows which way test/kl is better, so it has no front",
                         ConfigError);
  }

  TEST_CASE("what does not compare is noted") {
    ScratchFolder folder;
    test::put_runs(folder, "a", "test/loss", {1, 2});
    test::put_runs(folder, "b", "test/loss", {1, 2});
    const Comparison of = compare_runs({.words = {folder.path()}});
    REQUIRE(of.notes.size() == 1);
    CHECK(of.notes[0] == "test/loss: each variant's own objective; compare variants by a measure");
    CHECK(of.metrics[of.chosen[0]].direction == Direction::Unknown);  // so none is named the best
    CHECK(of.pairs.empty());
    std::string other = test::result_text({.metrics = {{"test/reconstruction/psnr", "1"}}});
    folder.put("c/result.yaml", other);
    other.replace(other.find("mean over images"), 4, "most");
    folder.put("d/result.yaml", other);
    const Comparison two = compare_runs({.words = {folder / "c", folder / "d"}});
    CHECK(two.metrics[two.chosen[0]].unit == "dB");
    CHECK(two.notes.at(1) ==
          "test/reconstruction/psnr: not all runs took it in the same way; see protocol in their "
          "result.yaml");
  }

  TEST_CASE("a folder without runs is an error, damaged runs alone are none") {
    ScratchFolder folder;
    folder.put("empty/x", "");
    CHECK_THROWS_WITH_AS(compare_runs({.words = {folder / "empty"}}),
                         text("there are no runs to compare: ", (folder / "empty").string(),
                              " holds no run and no sweep")
                             .c_str(),
                         ConfigError);
    folder.put("a/result.yaml", "status: [");
    const Comparison of = compare_runs({.words = {folder / "a"}});
    CHECK(of.groups.empty());
    CHECK(of.ungrouped.size() == 1);
  }
}
