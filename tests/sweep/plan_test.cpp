#include "sweep_vocabulary.hpp"

#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace hourglass;
using test::faults_of_sweep;
using test::plan_of;

namespace {

std::vector<std::string> ids_of(const Plan& plan) {
  std::vector<std::string> ids;
  for (const SweepPoint& point : plan.points()) {
    for (const SweepRun& run : point.runs) ids.push_back(run.id);
  }
  return ids;
}

}  // namespace

TEST_SUITE("sweep/plan") {
  TEST_CASE("each point runs once with each seed, under an id of its own") {
    const Plan plan = plan_of("sweep: {grid: {model.latent: [2, 8]}, seeds: [3, 4]}\n");
    REQUIRE(plan.points().size() == 2);
    CHECK(plan.size() == 2);
    CHECK(plan.seeds() == 2);
    const SweepRun& last = plan.points()[1].runs[1];
    CHECK(last.seed == 4);
    CHECK(last.resolved.experiment.seed == 4);
    CHECK(last.resolved.experiment.name == "many");
    CHECK(last.resolved.experiment.model.find("latent")->text() == "8");
    CHECK(last.resolved.node.find("seed")->text() == "4");
    CHECK(last.epochs() == 2);
    const auto ids = ids_of(plan);
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 4);
    CHECK(ids[0].size() == 12);
  }

  TEST_CASE("without seeds the base's counts, and without a metric the loss that best goes by") {
    const Plan plan = plan_of("sweep: {grid: {model.latent: [2]}}\n");
    CHECK(plan.seeds() == 1);
    CHECK(plan.points()[0].runs[0].seed == 1);
    CHECK(plan.metric() == "train/loss");
    CHECK(plan_of("set: {dataset.validation: 0.1}\nsweep: {seeds: [1]}\n").metric() ==
          "validation/loss");
    for (const char* splits : {"0.1, 0.0", "0.0, 0.1"}) {  // not all points have one
      CHECK(plan_of(text("sweep: {grid: {dataset.validation: [", splits, "]}}\n")).metric() ==
            "train/loss");
    }
  }

  TEST_CASE("an id is of what is trained, not of how the sweep comes to it") {
    const auto before = ids_of(plan_of("sweep: {grid: {model.latent: [4, 8]}}\n"));
    const auto more =
        ids_of(plan_of("sweep: {grid: {variant: [vanilla, vae], model.latent: [8, 4]}}\n"));
    CHECK(more[1] == before[0]);
    CHECK(more[0] == before[1]);
    // More epochs and other measures are for the same run to go on with, unless they are varied.
    CHECK(ids_of(plan_of("set: {train.epochs: 5, evaluate: [units]}\n"
                         "sweep: {grid: {model.latent: [4, 8]}}\n")) == before);
    const auto epochs = ids_of(plan_of("sweep: {grid: {train.epochs: [2, 3]}}\n"));
    CHECK(epochs[0] != epochs[1]);
    CHECK(ids_of(plan_of("set: {train.batch: 25}\nsweep: {grid: {model.latent: [4, 8]}}\n")) !=
          before);
  }

  TEST_CASE("what was known by its settings keeps its id, whatever the base is now") {
    const KnownIds known = {{"model.latent=4; seed 1", "abc"}};
    const auto ids =
        ids_of(plan_of("set: {train.batch: 25}\nsweep: {grid: {model.latent: [4, 8]}}\n", known));
    CHECK(ids[0] == "abc");
    CHECK(ids[1] != "abc");
  }

  TEST_CASE("points that come to the same experiment are one") {
    CHECK(plan_of("sweep:\n  grid: {variant: [vanilla, vae], model.beta: [1, 4]}\n"
                  "  when: {model.beta: {variant: vae}}\n")
              .points()
              .size() == 3);
    CHECK(plan_of("sweep: {grid: {model.latent: [2, 2, 3]}}\n").points().size() == 2);
  }

  TEST_CASE("an option that a variant does not have is told at its place, with the point") {
    CHECK(faults_of_sweep("sweep: {grid: {variant: [vanilla, vae], model.beta: [1, 4]}}\n")
              .starts_with("6:54: unknown key \"beta\" in model"));
    CHECK(faults_of_sweep("sweep: {grid: {variant: [vanilla, vae], model.beta: [1, 4]}}\n")
              .find("; in the point variant=vanilla, model.beta=1\n") != std::string::npos);
    const std::string twice =
        faults_of_sweep("sweep: {grid: {model.latent: [0, 2], train.batch: [1, 2]}}\n");
    CHECK(twice.starts_with("6:31: model.latent must be"));
    CHECK(twice.ends_with("; in the point model.latent=0, train.batch=1 and 1 other"));
  }

  TEST_CASE("options of the base that another variant lacks are left out, and told") {
    const ScratchFolder folder;
    const auto path = folder.put("many.yaml",
                                 "base:\n  dataset: glyphs\n  variant: vanilla\n"
                                 "  model: {latent: 4, tied: false, loss: binary_cross_entropy}\n"
                                 "sweep: {grid: {variant: [vanilla, vae]}}\n");
    config::Problems problems;
    const Vocabulary words = test::sweep_vocabulary();
    const Plan plan(read_sweep(path, problems), words, problems);
    CHECK(problems.to_text().empty());
    REQUIRE(plan.points().size() == 2);
    const auto& model = [&](std::size_t point) -> const config::Node& {
      return plan.points()[point].runs[0].resolved.experiment.model;
    };
    CHECK(model(0).find("loss")->text() == "binary_cross_entropy");
    CHECK(model(1).find("loss") == nullptr);
    CHECK(model(1).find("latent")->text() == "4");
    CHECK(plan.notes() ==
          std::vector<std::string>{
              "the base's model.tied is left out where variant is vae, which has no such option",
              "the base's model.loss is left out where variant is vae, which has no such option"});
    // What the sweep itself sets is meant for every point that it is set for.
    CHECK(faults_of_sweep("set: {model.tied: false}\nsweep: {grid: {variant: [vae]}}\n")
              .find("unknown key \"tied\" in model") != std::string::npos);
  }

  TEST_CASE("an option of which the sweep sets a part is left out nowhere") {
    const ScratchFolder folder;
    const auto path = folder.put("many.yaml",
                                 "base:\n  dataset: glyphs\n  variant: sparse\n"
                                 "  model: {latent: 4, penalty: {topk: {k: 2}}}\n"
                                 "set: {model.penalty.topk.k: 3}\n"
                                 "sweep: {grid: {variant: [sparse, vanilla]}}\n");
    config::Problems problems;
    const Vocabulary words = test::sweep_vocabulary();
    const Plan plan(read_sweep(path, problems), words, problems);
    CHECK(problems.to_text().find("unknown key \"penalty\" in model") != std::string::npos);
  }

  TEST_CASE("a choice by losses that may stand for different things is told") {
    const auto notes = [](const std::string& sweep) { return plan_of("sweep: " + sweep).notes(); };
    const std::vector<std::string> told = {
        "train/loss judges points that may minimise different things, since model.loss differs; if "
        "so, set sweep.metric to a measure"};
    const std::string search =
        "tpe: {count: 3, start: 3, model.loss: {choice: [squared_error]}, model.latent: {whole: "
        "[1, 9]}}";
    CHECK(notes("{" + search + "}\n") == told);
    CHECK(
        notes("{" + search + ", metric: test/reconstruction/psnr}\n") ==
        std::vector<std::string>{
            "test/reconstruction/psnr chooses by the test split, which makes its results too good; "
            "set dataset.validation, and sweep.metric to a number of that split"});
    const std::string grid = "grid: {model.loss: [squared_error], model.latent: [2, 3]}";
    CHECK(notes("{" + grid + ", halving: {first: 1, factor: 2}}\n") == told);
    CHECK(notes("{" + grid + "}\n").empty());
  }

  TEST_CASE("a metric that runs will not have is told before any runs") {
    const auto fault = [](const std::string& metric, const std::string& more = "") {
      return faults_of_sweep("sweep: {metric: " + metric + ", goal: minimise" + more + "}\n");
    };
    const std::string halving = ", halving: {first: 1, factor: 2}";
    CHECK(fault("test/loss") == "");
    CHECK(fault("train/kl", halving) == "");
    CHECK(fault("test/reconstruction/psnr") == "");
    CHECK(fault("pca/test/reconstruction/psnr") == "");
    CHECK(fault("validation/loss") ==
          "6:17: sweep.metric: \"validation/loss\" needs a validation split, and "
          "dataset.validation is 0");
    CHECK(fault("tset/loss").ends_with("; did you mean \"test/loss\"?"));
    CHECK(fault("loss").starts_with("6:17: sweep.metric: \"loss\" is no number of a run"));
    CHECK(fault("test/probe/linear_accuracy") ==
          "6:17: sweep.metric: \"test/probe/linear_accuracy\" comes from the measure \"probe\", "
          "which evaluate does not have; valid: reconstruction");
    CHECK(fault("test/reconstruction/psnr", halving) ==
          "6:17: sweep.metric: \"test/reconstruction/psnr\" is known at the end of a run, and "
          "halving needs what metrics.csv has after each epoch, such as validation/loss");
  }

  TEST_CASE("what is wrong in every point is told once, without a point") {
    const std::string faults =
        faults_of_sweep("set: {train.batch: -1}\nsweep: {grid: {model.latent: [1, 2]}}\n");
    CHECK(faults.starts_with("6:20: train.batch must be"));
    CHECK(faults.find("in the point") == std::string::npos);
    CHECK(faults.find('\n') == std::string::npos);
  }

  TEST_CASE("a search adds points as far as what it must know is known") {
    Plan plan = plan_of(
        "sweep: {tpe: {count: 6, start: 3, parallel: 2, model.latent: {whole: [1, 64]}}}\n");
    CHECK(plan.points().empty());
    CHECK(plan.size() == 6);
    CHECK(plan.search({}));
    CHECK(plan.points().size() == 3);
    CHECK_FALSE(plan.search({{1.0}, {}, {3.0}}));  // the fourth knows the first two
    CHECK(plan.search({{1.0}, {2.0}, {}}));
    CHECK(plan.points().size() == 4);
    CHECK(plan.search({{1.0}, {2.0}, {3.0}, {4.0}, {5.0}}));
    CHECK(plan.points().size() == 6);
    CHECK_FALSE(plan.search({{1.0}, {2.0}, {3.0}, {4.0}, {5.0}, {6.0}}));
  }

  TEST_CASE("a search chooses the same in whatever order its results come") {
    const auto chosen = [](bool late) {
      Plan plan = plan_of(
          "sweep: {tpe: {count: 8, start: 3, parallel: 2, model.latent: {whole: [1, 64]}}}\n");
      std::vector<std::optional<double>> values;
      const auto value = [&](std::size_t i) { return static_cast<double>((i * 7) % 5); };
      for (int round = 0; round < 50; ++round) {
        plan.search(values);
        values.resize(plan.points().size());
        // One at a time from the front, or all but the front first.
        for (std::size_t i = 0; i < values.size(); ++i) {
          const std::size_t at = late ? values.size() - 1 - i : i;
          if (values[at]) continue;
          values[at] = value(at);
          break;
        }
      }
      std::vector<std::string> labels;
      for (const SweepPoint& point : plan.points()) labels.push_back(point.label());
      return labels;
    };
    CHECK(chosen(false).size() == 8);
    CHECK(chosen(false) == chosen(true));
  }

  TEST_CASE("each combination of the rest has a search of its own, one after another") {
    Plan plan = plan_of(
        "sweep: {grid: {variant: [vanilla, vae]}, tpe: {count: 2, start: 2, model.latent: {whole: "
        "[1, 64]}}}\n");
    plan.search({});
    REQUIRE(plan.points().size() == 4);
    CHECK(plan.points()[0].label().starts_with("variant=vanilla, model.latent="));
    CHECK(plan.points()[2].label().starts_with("variant=vae, model.latent="));
  }

  TEST_CASE("a search learns of its own points alone") {
    const auto chosen = [](const std::string& variants) {
      Plan plan = plan_of("sweep: {grid: {variant: [" + variants +
                          "]}, tpe: {count: 12, start: 3, parallel: 1,"
                          " model.latent: {whole: [1, 64]}}}\n");
      std::vector<std::optional<double>> values;
      for (bool more = true; more;) {
        more = plan.search(values);
        values.clear();
        for (const SweepPoint& point : plan.points()) {
          const double latent = std::stod(point.settings.back().value.text());
          const bool vae = point.settings.front().value.text() == "vae";
          values.push_back(vae ? -latent : latent);  // they want to go to different ends
        }
      }
      std::vector<std::string> labels;
      for (const SweepPoint& point : plan.points()) labels.push_back(point.label());
      return labels;
    };
    const auto both = chosen("vanilla, vae"), alone = chosen("vae");
    REQUIRE(both.size() == 24);
    CHECK(std::vector(both.begin() + 12, both.end()) == alone);
  }
}
