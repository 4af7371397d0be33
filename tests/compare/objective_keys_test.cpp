#include <hourglass/compare/comparison.hpp>
#include <hourglass/compare/objective_keys.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <algorithm>
#include <string>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

// Two groups of three seeds that differ in these lines of their model.
Comparison of_models(const ScratchFolder& folder, const std::string& first,
                     const std::string& second) {
  for (int seed = 1; seed <= 3; ++seed) {
    const auto put = [&](const std::string& name, const std::string& model, double loss) {
      test::put_run(folder, text(name, seed),
                    {.seed = seed,
                     .metrics = {{"test/loss", text(loss)}, {"test/a/psnr", text(loss)}},
                     .settings = "model:\n  latent: 4\n" + model});
    };
    put("a", first, 1 + 0.01 * seed);
    put("b", second, 2 + 0.02 * seed);
  }
  return compare_runs({.words = {folder.path()}});
}

const MetricInfo& loss_of(const Comparison& comparison) {
  return *std::ranges::find(comparison.metrics, "test/loss", &MetricInfo::name);
}

}  // namespace

TEST_SUITE("compare/objective_keys") {
  TEST_CASE("a loss names no winner where the objective may differ") {
    ScratchFolder folder;
    const Comparison of = of_models(folder, "  beta: 1\n", "  beta: 4\n");
    CHECK(loss_of(of).direction == Direction::Unknown);
    CHECK(loss_of(of).ranked_by == RankedBy::Nothing);
    CHECK(of.metrics[of.chosen.back()].name == "test/loss");
    for (const GroupPair& pair : of.pairs) CHECK(of.metrics[pair.metric].name == "test/a/psnr");
    REQUIRE(of.notes.size() == 1);
    CHECK(of.notes[0] ==
          "test/loss: groups may minimise different things, since they differ in model.beta; "
          "compare them by a measure");
  }

  TEST_CASE("a loss compares groups that differ in training and shapes alone") {
    ScratchFolder folder;
    const Comparison of = of_models(folder, "  decoder: mirror\ntrain:\n  epochs: 3\n",
                                    "  initializer: he\ntrain:\n  epochs: 2\n");
    CHECK(of.keys.size() == 3);
    CHECK(loss_of(of).direction == Direction::Lower);
    CHECK(of.metrics[of.chosen.front()].name == "test/loss");
    CHECK(of.notes.empty());
  }

  TEST_CASE("groups that have no loss do not matter to those that do") {
    ScratchFolder folder;
    test::put_run(folder, "c",
                  {.variant = "vae", .status = "failed", .metrics = {{"test/loss", "1"}}});
    const Comparison of = of_models(folder, "", "  tied: true\n");
    CHECK(of.groups.size() == 3);
    CHECK(loss_of(of).direction == Direction::Lower);
  }
}
