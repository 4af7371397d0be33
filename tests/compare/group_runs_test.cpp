#include <hourglass/compare/group_runs.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

struct Grouped {
  std::vector<Run> runs;
  GroupedRuns of;
};

Grouped group(const std::vector<std::string>& words) {
  const FoundRuns found = find_runs(words);
  Grouped grouped{.runs = load_runs(found), .of = {}};
  grouped.of = group_runs(grouped.runs, found);
  return grouped;
}

std::vector<std::string> points(const Grouped& grouped) {
  std::vector<std::string> out;
  for (const RunGroup& each : grouped.of.groups) {
    out.push_back(
        text(point_text(each.point), ": ", each.counted.size(), " of ", each.runs.size()));
  }
  return out;
}

std::string latent(int size) {
  return text("dataset:\n  name: glyphs\nmodel:\n  latent: ", size, "\n");
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_SUITE("compare/group_runs") {
  TEST_CASE("loose runs that differ in their seeds alone are one group") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1});
    test::put_run(folder, "b", {.seed = 2});
    CHECK(points(group({folder.path()})) == Lines{"variant vanilla: 2 of 2"});
  }

  TEST_CASE("loose runs are told apart by what runs of a variant disagree on") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1, .settings = latent(8)});
    test::put_run(folder, "b", {.seed = 1, .settings = latent(16)});
    test::put_run(folder, "c", {.seed = 2, .settings = latent(8)});
    CHECK(points(group({folder.path()})) ==
          Lines{"model.latent 8: 2 of 2", "model.latent 16: 1 of 1"});
    test::put_run(folder, "d", {.variant = "vae", .settings = "dataset:\n  name: glyphs\n"});
    CHECK(points(group({folder.path()})) == Lines{"variant vanilla, model.latent 8: 2 of 2",
                                                  "variant vanilla, model.latent 16: 1 of 1",
                                                  "variant vae: 1 of 1"});
  }

  TEST_CASE("settings of some variants alone tell nothing apart, those that all have do") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.settings = "model:\n  loss: x\ntrain:\n  batch: 64\n"});
    test::put_run(folder, "b",
                  {.variant = "vae", .settings = "model:\n  beta: 1\ntrain:\n  batch: 32\n"});
    CHECK(points(group({folder.path()})) ==
          Lines{"variant vanilla, train.batch 64: 1 of 1", "variant vae, train.batch 32: 1 of 1"});
  }

  TEST_CASE("a setting that only one run of a variant has tells it apart") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.settings = "train:\n  optimizer:\n    adam:\n      beta1: 0.9\n"});
    test::put_run(folder, "b",
                  {.settings = "train:\n  optimizer:\n    sgd:\n      momentum: 0.0\n"});
    CHECK(points(group({folder.path()})) == Lines{"train.optimizer.adam.beta1 0.9: 1 of 1",
                                                  "train.optimizer.sgd.momentum 0: 1 of 1"});
  }

  TEST_CASE("names, seeds and what is only measured or kept tell nothing apart") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1, .settings = "evaluate: [probe]\n"});
    test::put_run(folder, "b",
                  {.seed = 2,
                   .settings = "evaluate: [reconstruction]\nlatents:\n  splits: null\n"
                               "train:\n  checkpoint:\n    keep: 9\n"});
    CHECK(points(group({folder.path()})) == Lines{"variant vanilla: 2 of 2"});
  }

  TEST_CASE("runs of a sweep have its swept keys, and no others that follow from these") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/1", {.seed = 1, .settings = latent(8)});
    test::put_run(folder, "s/runs/2",
                  {.variant = "vae", .seed = 1, .settings = latent(16) + "  beta: 0.50\n"});
    folder.put("s/points.csv",
               "id,status,seed,variant,model.beta\n"
               "1,completed,1,vanilla,\n"
               "2,completed,1,vae,0.5\n"
               "3,waiting,2,vae,0.5\n"
               "4,stopped,3,vae,0.5\n");
    const Grouped grouped = group({folder / "s"});
    CHECK(points(grouped) ==
          Lines{"variant vanilla: 1 of 1", "variant vae, model.beta 0.5: 1 of 3"});
    CHECK(grouped.of.groups[1].with_status(Status::Waiting) == 1);
    CHECK(grouped.of.groups[1].with_status(Status::Stopped) == 1);
  }

  TEST_CASE("runs of one row of a sweep that differ in a setting are groups of their own") {
    ScratchFolder folder;
    for (int seed = 1; seed <= 4; ++seed) {
      test::put_run(folder, text("s/runs/", seed),
                    {.seed = seed,
                     .settings = latent(8) + text("train: {epochs: ", seed > 2 ? 4 : 5,
                                                  "}\nlatents: {splits: ", seed, "}\n")});
    }
    test::put_run(folder, "s/runs/6", {.variant = "vae", .settings = latent(8)});
    test::put_run(folder, "s/runs/7", {.seed = 7});
    std::filesystem::remove(folder / "s/runs/7/experiment.yaml");
    folder.put("s/points.csv",
               "id,status,seed,model.latent\n1,completed,1,8\n2,completed,2,8\n3,waiting,3,8\n"
               "4,waiting,4,8\n5,waiting,5,8\n6,completed,1,8\n7,completed,7,8\n");
    CHECK(points(group({folder / "s"})) ==
          Lines{"model.latent 8, variant vanilla, train.epochs 5: 2 of 3",
                "model.latent 8, variant vanilla, train.epochs 4: 2 of 2",
                "model.latent 8, variant vae: 1 of 1", "model.latent 8, variant vanilla: 1 of 1"});
  }

  TEST_CASE("the experiment file says of which point a run is, not its row") {
    ScratchFolder folder;
    for (int i = 1; i <= 5; ++i) {
      test::put_run(folder, text("s/runs/", i), {.seed = i, .settings = latent(i < 4 ? 2 : 4)});
    }
    folder.put("s/points.csv",
               "id,status,seed,model.latent\n1,completed,1,7\n2,completed,2,2\n3,completed,3,\n"
               "4,completed,4,4\n5,completed,5,\n6,waiting,6,2\n");
    CHECK(points(group({folder / "s"})) ==
          Lines{"model.latent 2: 3 of 4", "model.latent 4: 2 of 2"});
  }

  TEST_CASE("lists and maps are called what the sweep calls them, where that is so") {
    ScratchFolder folder;
    const auto put = [&](int id, int width, const std::string& likelihood) {
      test::put_run(folder, text("s/runs/", id),
                    {.seed = id,
                     .settings = text("model:\n  encoder: [{dense: {width: ", width,
                                      ", bias: true}}]\n  likelihood: ", likelihood, "\n")});
    };
    put(1, 16, "{auto: {}}");
    put(2, 16, "{auto: {}}");
    put(3, 32, "{gaussian: {variance: fixed, value: 1.0}}");
    put(4, 64, "{gaussian: {variance: fixed, value: 2.0}}");
    folder.put("s/points.csv",
               "id,status,seed,model.encoder.0.dense,model.likelihood\n1,completed,1,16,auto\n"
               "2,completed,2,,\n3,completed,3,32,gaussian\n4,completed,4,32,gaussian\n");
    CHECK(
        points(group({folder / "s"})) ==
        Lines{"model.encoder.0.dense 16, model.likelihood auto: 2 of 2",
              "model.encoder.0.dense 32, model.likelihood gaussian: 1 of 1",
              "model.encoder.0.dense {width: 64, bias: true}, model.likelihood gaussian: 1 of 1"});
    put(4, 32, "{gaussian: {variance: fixed, value: 2.0}}");
    CHECK(points(group({folder / "s"})).at(2) ==
          "model.encoder.0.dense 32, model.likelihood gaussian, model.likelihood.gaussian.value 2: "
          "1 of 1");
  }

  TEST_CASE("a sweep over seeds alone is one group, named by the variant") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/1", {.seed = 1});
    folder.put("s/points.csv", "id,status,seed\n1,completed,1\n2,waiting,2\n");
    CHECK(points(group({folder / "s"})) == Lines{"variant vanilla: 1 of 2"});
  }

  TEST_CASE("a sweep and a loose run have all keys, looked up in the experiment") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/1", {.seed = 1, .settings = latent(8)});
    folder.put("s/points.csv", "id,status,seed,model.latent\n1,completed,1,8.0\n2,waiting,2,8.0\n");
    test::put_run(folder, "a", {.seed = 1, .settings = latent(16)});
    test::put_run(folder, "b", {.seed = 2, .settings = latent(8)});
    CHECK(points(group({folder / "s", folder / "a", folder / "b"})) ==
          Lines{"model.latent 8: 2 of 3", "model.latent 16: 1 of 1"});
  }

  TEST_CASE("a seed that is run twice counts once, and a note tells") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1});
    test::put_run(folder, "b", {.seed = 1});
    test::put_run(folder, "c", {.seed = 2});
    const Grouped grouped = group({folder.path()});
    CHECK(points(grouped) == Lines{"variant vanilla: 2 of 3"});
    REQUIRE(grouped.of.notes.size() == 1);
    CHECK(grouped.of.notes[0] == text((folder / "b").string(), " repeats seed 1 of ",
                                      (folder / "a").string(), " and is not counted again"));
  }

  TEST_CASE("runs that did not complete are in their groups and do not count") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1});
    test::put_run(folder, "b", {.seed = 2, .status = "diverged"});
    folder.put("c/experiment.yaml",
               "seed: 3\nvariant: vanilla\nmodel: {latent: 4}\ndataset: {name: glyphs}\n");
    folder.put("d/result.yaml", "\t");
    const Grouped grouped = group({folder.path()});
    CHECK(points(grouped) == Lines{"variant vanilla: 1 of 3"});
    CHECK(grouped.of.groups[0].with_status(Status::Diverged) == 1);
    CHECK(grouped.of.groups[0].with_status(Status::Interrupted) == 1);
    REQUIRE(grouped.of.ungrouped.size() == 1);
    CHECK(grouped.runs[grouped.of.ungrouped[0]].result.folder == (folder / "d").string());
  }

  TEST_CASE("results without experiment files are grouped by their variants") {
    ScratchFolder folder;
    for (const char* variant : {"vae", "vanilla"}) {
      test::put_run(folder, variant, {.variant = variant});
      std::filesystem::remove(folder / variant / "experiment.yaml");
    }
    CHECK(points(group({folder.path()})) ==
          Lines{"variant vae: 1 of 1", "variant vanilla: 1 of 1"});
  }
}
