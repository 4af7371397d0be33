#include "sweep_vocabulary.hpp"

#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using test::faults_of_sweep;

TEST_SUITE("sweep/sweep_file") {
  TEST_CASE("a sweep reads its base, beginning at its own folder, and has its file's name") {
    const ScratchFolder folder;
    folder.put("base.yaml", "dataset: glyphs\nvariant: vae\n");
    const auto path =
        folder.put("sweeps/many.yaml", "base: ../base.yaml\nsweep: {seeds: [4, 5]}\n");
    config::Problems problems;
    const SweepFile sweep = read_sweep(path, problems);
    CHECK(problems.to_text().empty());
    CHECK(sweep.name == "many");
    CHECK(sweep.base.find("variant")->text() == "vae");
    CHECK(sweep.base.find("dataset")->find("name")->text() == "glyphs");
    CHECK(sweep.seeds == std::vector<std::int64_t>{4, 5});
    CHECK(sweep.lower_is_better);
  }

  TEST_CASE("every block is read") {
    const ScratchFolder folder;
    config::Problems problems;
    const SweepFile sweep = test::sweep_of(
        folder,
        "set: {train.batch: 25}\n"
        "sweep:\n"
        "  grid: {variant: [vanilla, vae]}\n"
        "  zip: {model.latent: [2, 4], train.epochs: [3, 5]}\n"
        "  random: {count: 3, train.optimizer.adam.learning_rate: {log_uniform: [1.0e-4, "
        "1.0e-2]}}\n"
        "  sobol: {count: 2, dataset.validation: {uniform: [0.1, 0.2]}}\n"
        "  tpe: {count: 9, start: 4, parallel: 3, model.encoder.0.dense: {whole: [4, 8]}}\n"
        "  seeds: [1, 2]\n"
        "  seed: 7\n"
        "  when: {model.beta: {variant: vae}, train.batch: {variant: [vae, vanilla]}}\n"
        "  halving: {first: 2, factor: 2}\n"
        "  metric: test/probe/knn_accuracy\n",
        problems);
    // model.beta is restricted, and nobody sets it
    CHECK(problems.size() == 1);
    CHECK(sweep.set.front().key == "train.batch");
    CHECK(sweep.keys() == std::vector<std::string>{"variant", "model.latent", "train.epochs",
                                                   "train.optimizer.adam.learning_rate",
                                                   "dataset.validation", "model.encoder.0.dense"});
    CHECK(sweep.random->count == 3);
    CHECK(sweep.sobol->count == 2);
    CHECK(sweep.tpe->draws.count == 9);
    CHECK(sweep.tpe->start == 4);
    CHECK(sweep.tpe->parallel == 3);
    CHECK(sweep.seed == 7);
    CHECK(sweep.when.size() == 2);
    CHECK(sweep.when[1].values.size() == 2);
    CHECK(sweep.halving->first == 2);
    CHECK_FALSE(sweep.lower_is_better);
  }

  TEST_CASE("the resolved file has its base in it, and reads back to the same") {
    const ScratchFolder folder;
    config::Problems problems;
    const SweepFile sweep = test::sweep_of(
        folder, "sweep: {grid: {model.latent: [1, 2]}, halving: {factor: 2}}\n", problems);
    const std::string text = config::emit(sweep.node);
    const SweepFile again = read_sweep(folder.put("again.yaml", text), problems);
    CHECK(problems.to_text().empty());
    CHECK(config::emit(again.node) == text);
    CHECK(again.name == "many");
  }

  TEST_CASE("every fault of a file comes with its place") {
    CHECK(faults_of_sweep("sweep: {gird: {variant: [vae]}}\n") ==
          "6:9: unknown key \"gird\" in sweep; did you mean \"grid\"?");
    CHECK(faults_of_sweep("sweep: {grid: {seed: [1], name: [a]}}\n") ==
          "6:16: sweep.grid.seed: the seeds of runs are listed in sweep.seeds\n"
          "6:27: sweep.grid.name: runs have the name of their sweep");
    CHECK(faults_of_sweep("sweep: {grid: {model.latent: 3}}\n") ==
          "6:30: sweep.grid.model.latent must be a list of one value or more, got 3");
    CHECK(faults_of_sweep("sweep: {zip: {model.latent: [1, 2], train.batch: [1]}}\n") ==
          "6:50: sweep.zip: lists go together, and must be of one length; model.latent has 2 "
          "values, train.batch has 1");
    CHECK(faults_of_sweep("sweep: {grid: {model.latent: [1]}, zip: {model.latent: [1]}}\n") ==
          "6:42: model.latent is varied in sweep.grid already, and again in sweep.zip");
    CHECK(faults_of_sweep("sweep: {random: {model.latent: {whole: [1, 3]}}}\n") ==
          "6:17: sweep.random needs count, the number of draws");
    CHECK(faults_of_sweep("sweep: {random: {count: 0, model.latent: {whole: [1, 3]}}}\n")
              .starts_with("6:25: sweep.random.count must be"));
    CHECK(faults_of_sweep("sweep: {seeds: [1, 1]}\n") == "6:16: sweep.seeds has a seed twice");
    CHECK(faults_of_sweep("sweep: {when: {model.beta: {variant: vae}}}\n") ==
          "6:16: sweep.when restricts \"model.beta\", which neither sweep nor set gives a value");
    CHECK(faults_of_sweep("sweep: {grid: {variant: [vae], model.beta: [1]},"
                          " when: {model.beta: {variant: vaa}}}\n") ==
          "6:79: sweep.when: variant is vaa in no point; did you mean \"vae\"?");
    CHECK(faults_of_sweep("set: {model.tied: true}\n"
                          "sweep: {seeds: [1], when: {model.tied: {variant: [vanilla, vae]}}}\n")
              .empty());
    CHECK(faults_of_sweep("sweep: {metric: train/kl}\n") ==
          "6:17: sweep.metric: which way \"train/kl\" is better is not known; say goal: minimise "
          "or maximise");
    CHECK(faults_of_sweep("sweep: {metric: train/los}\n") ==
          "6:17: unknown sweep.metric \"train/los\"; did you mean \"train/loss\"?");
    CHECK(faults_of_sweep("sweep: {grid: {variant: [vae, vanilla]}, halving: {first: 1}}\n") ==
          "6:51: sweep.halving would compare the losses of different variants, which are different "
          "things; set sweep.metric to a measure, or do not vary variant");
    CHECK(faults_of_sweep("").find("sweep") != std::string::npos);
  }

  TEST_CASE("a base that is not there, or is no experiment, is told") {
    const ScratchFolder folder;
    config::Problems problems;
    CHECK_THROWS_AS(
        read_sweep(folder.put("a.yaml", "base: none.yaml\nsweep: {seeds: [1]}\n"), problems),
        DataError);
    folder.put("list.yaml", "[1, 2]\n");
    read_sweep(folder.put("a.yaml", "base: list.yaml\nsweep: {seeds: [1]}\n"), problems);
    read_sweep(folder.put("b.yaml", "base: a.yaml\nsweep: {seeds: [1]}\n"), problems);
    CHECK(problems.messages() == std::vector<std::string>{"base: list.yaml is no experiment",
                                                          "base: a.yaml is a sweep itself"});
  }

  TEST_CASE("one experiment in place of a sweep is told as such") {
    const ScratchFolder folder;
    config::Problems problems;
    read_sweep(folder.put("a.yaml", "variant: vae\ndataset: glyphs\n"), problems);
    CHECK(
        problems.messages() ==
        std::vector<std::string>{"this is one experiment, not a sweep of several; `hourglass run` "
                                 "runs it, and a sweep names it as its base"});
  }

  TEST_CASE("a sweep is told from an experiment by its key") {
    const ScratchFolder folder;
    CHECK(is_sweep_file(folder.put("a.yaml", "sweep: {}\n")));
    CHECK_FALSE(is_sweep_file(folder.put("b.yaml", "variant: vae\n")));
    CHECK_FALSE(is_sweep_file(folder.put("c.yaml", "{sweep: [\n")));
    CHECK_FALSE(is_sweep_file(folder / "none.yaml"));
  }
}
