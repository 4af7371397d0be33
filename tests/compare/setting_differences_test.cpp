#include <hourglass/compare/setting_differences.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

using namespace hourglass;
using namespace hourglass::compare;

TEST_SUITE("compare/setting_differences") {
  TEST_CASE("settings are told apart by whether all groups have them alike") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.settings = "model: {latent: 4, beta: 1}\ntrain: {epochs: 5}\n"});
    test::put_run(folder, "b", {.settings = "model: {latent: 8}\ntrain: {epochs: 5.0}\n"});
    const SettingDifferences all = setting_differences(compare_runs({.words = {folder.path()}}));
    CHECK(all.groups == 2);
    CHECK(all.shared ==
          Point{{"train.epochs", point_value("5")}, {"variant", text_value("vanilla")}});
    REQUIRE(all.different.size() == 2);
    CHECK(all.different[0].key == "model.latent");
    CHECK(all.different[0].values[1] == point_value("8"));
    CHECK(all.different[1].key == "model.beta");
    CHECK(all.different[1].values[0] == point_value("1"));
    CHECK(!all.different[1].values[1]);
  }

  TEST_CASE("experiment files of a sweep are read for it") {
    ScratchFolder folder;
    for (int i = 0; i < 2; ++i) {
      test::put_run(folder, text("s/runs/", i),
                    {.settings = text("train: {epochs: ", i + 1, "}\n")});
    }
    folder.put("s/points.csv", "id,status,seed,train.epochs\n0,completed,1,1\n1,completed,1,2\n");
    const Comparison comparison = compare_runs({.words = {folder / "s"}});
    const SettingDifferences both = setting_differences(comparison);
    REQUIRE(both.different.size() == 1);
    CHECK(both.different[0].key == "train.epochs");
    CHECK(setting_differences(comparison, 1).different.empty());
  }
}
