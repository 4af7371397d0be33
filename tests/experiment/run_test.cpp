#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/experiment/check.hpp>
#include <hourglass/experiment/prepare.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/runs.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using test::Bench;
using test::differing;
using test::lasting;
using Overrides = std::vector<std::string>;

bool noted(const Bench& bench, const std::string& part) {
  return std::ranges::any_of(bench.notes,
                             [&](const auto& note) { return note.find(part) != note.npos; });
}

}  // namespace

TEST_SUITE("experiment/run") {
  TEST_CASE("a test loss that is not finite is warned of and recorded, and the run completes") {
    Bench bench;
    const Tensor samples = test::uniform({20, 5}, 1);
    const auto values = samples.floats();
    bench.scratch.put(
        "data.npz",
        testing::zip(
            {{"x_train.npy",
              testing::npy("<f4", "(20, 5)", testing::raw<float>({values.begin(), values.end()}))},
             {"x_test.npy",
              testing::npy("<f4", "(1, 5)", testing::raw<float>({0, 1e30f, 0, 0, 0}))}}));
    const std::string data = "dataset.name=" + (bench.scratch / "data.npz").string();
    const RunOutcome outcome = bench.run("a", false, {data, "dataset.validation=0", "evaluate=[]"});
    CHECK(outcome.status == RunStatus::Completed);
    CHECK(std::ranges::count_if(bench.notes, [](const std::string& note) {
            return note.starts_with("warning: ") && note.find("not finite: test/loss") != note.npos;
          }) == 3);
    CHECK(bench.content("a/metrics.csv").ends_with(",inf\n"));
    CHECK(bench.content("a/result.yaml").find("  test/loss: .inf\n") != std::string::npos);
    const RunOutcome again = bench.run("a", true, {data, "dataset.validation=0", "evaluate=[]"});
    CHECK(again.metrics == outcome.metrics);
  }

  TEST_CASE("a run leaves everything that its folder should hold") {
    Bench bench;
    const RunOutcome outcome = bench.run("a");
    CHECK(outcome.status == RunStatus::Completed);
    for (const char* file :
         {"experiment.yaml", "environment.yaml", "metrics.csv", "timing.csv", "result.yaml",
          "latents.h5", "checkpoints/last.h5", "checkpoints/best.h5", "figures/curves.png",
          "figures/reconstructions.png"}) {
      CAPTURE(file);
      CHECK(fs::exists(bench.at(std::string("a/") + file)));
    }
    CHECK(bench.result("a", "name") == "small");
    CHECK(bench.result("a", "variant") == "vanilla");
    CHECK(bench.result("a", "seed") == "3");
    CHECK(bench.result("a", "status") == "completed");
    CHECK(bench.result("a", "epochs") == "3");
    CHECK(bench.result("a", "steps") == "12");  // 60 samples: 12 for testing, 10 for validation
    CHECK(bench.result("a", "parameters") == "71");
    CHECK(bench.result("a", "code_size") == "2");
    CHECK(bench.result("a", "compression_ratio") == "2.5");

    // The last row of metrics.csv, then the measures.
    const csv::Table metrics = csv::read(bench.at("a/metrics.csv"));
    REQUIRE(outcome.metrics.size() > 3);
    CHECK(outcome.metrics[0].first == "train/loss");
    CHECK(outcome.metrics[1].first == "validation/loss");
    CHECK(outcome.metrics[2].first == "test/loss");
    CHECK(outcome.metrics[2].second == metrics.rows.back()[4]);
    const auto has = [&](const char* name) {
      return std::ranges::find(outcome.metrics, name, &NamedNumbers::value_type::first) !=
             outcome.metrics.end();
    };
    CHECK(has("test/reconstruction/squared_error_per_feature"));
    CHECK(has("pca/test/reconstruction/squared_error_per_feature"));
    const std::string result = bench.content("a/result.yaml");
    CHECK(result.find("\nmetrics:\n  train/loss: ") != result.npos);
  }

  TEST_CASE(
      "equal experiments give equal runs, from the resolved file too, and other seeds do not") {
    Bench bench;
    bench.run("a");
    bench.run("b");
    CHECK(differing(lasting(bench.at("a")), lasting(bench.at("b"))) == "");
    bench.scratch.put("small.yaml", bench.content("a/experiment.yaml"));
    bench.run("c");
    CHECK(differing(lasting(bench.at("a")), lasting(bench.at("c"))) == "");
    bench.run("d", false, {"seed=4"});
    CHECK(bench.content("a/metrics.csv") != bench.content("d/metrics.csv"));
  }

  TEST_CASE("a folder with a run in it is refused without --resume") {
    Bench bench;
    bench.run("a");
    const auto before = lasting(bench.at("a"));
    const std::string message = bench.at("a").string() +
                                ": there is a run in this folder already; continue it with "
                                "--resume, or choose another folder with --output";
    CHECK_THROWS_WITH_AS(bench.run("a"), message.c_str(), ConfigError);
    CHECK(differing(before, lasting(bench.at("a"))) == "");

    fs::create_directories(bench.at("b/checkpoints"));  // as a run leaves it that never began
    CHECK(bench.run("b").status == RunStatus::Completed);
    bench.scratch.put("latents.h5", "");
    CHECK_THROWS_AS(bench.run("."), ConfigError);
    CHECK(bench.content("latents.h5").empty());
  }

  TEST_CASE("resuming where there is no checkpoint starts from the beginning") {
    Bench bench;
    bench.run("whole");
    bench.run("missing", true);
    fs::create_directories(bench.at("empty"));
    bench.run("empty", true);
    bench.run("begun");
    fs::remove(bench.at("begun/checkpoints/last.h5"));
    bench.run("begun", true);
    for (const char* run : {"missing", "empty", "begun"}) {
      CAPTURE(run);
      CHECK(differing(lasting(bench.at("whole")), lasting(bench.at(run))) == "");
    }
  }

  TEST_CASE("a run whose last checkpoint is damaged or gone goes on from the newest other") {
    Bench bench;
    // The best epoch is not the newest one.
    bench.write(
        "train: {optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}, checkpoint: {every: 2}}\n");
    const Overrides epochs{"train.epochs=7"};
    bench.run("whole", false, epochs);
    const auto best = read_checkpoint_header(bench.at("whole/checkpoints/best.h5")).epoch;
    REQUIRE(best < 6);
    const auto copy = [&](const std::string& run) {
      fs::copy(bench.at("whole"), bench.at(run), fs::copy_options::recursive);
      return run + "/checkpoints/";
    };
    const auto cut = [&](const std::string& file) {
      const std::string all = bench.content(file);
      bench.scratch.put(file, all.substr(0, all.size() / 2));
    };
    const auto check = [&](const std::string& run, const std::string& from, std::int64_t epoch) {
      CHECK(bench.run(run, true, epochs).status == RunStatus::Completed);
      CHECK(noted(bench, text("resuming after epoch ", epoch, ", step ", 4 * epoch)));
      CHECK(noted(bench, "warning: resumed from " + bench.at(from).string() +
                             ", the newest checkpoint that is whole: last.h5 is not"));
      return differing(lasting(bench.at("whole")), lasting(bench.at(run)));
    };
    cut(copy("damaged") + "last.h5");
    CHECK(check("damaged", "damaged/checkpoints/epoch-0006.h5", 6) == "");
    CHECK(noted(bench, "warning: " + bench.at("damaged/checkpoints/last.h5").string() + ": "));

    const std::string gone = copy("gone");
    fs::remove(bench.at(gone + "last.h5"));
    cut(gone + "epoch-0006.h5");
    CHECK(check("gone", gone + "epoch-0004.h5", 4) == "");

    const std::string only_best = copy("best");
    for (const char* file : {"last.h5", "epoch-0004.h5", "epoch-0006.h5"}) {
      fs::remove(bench.at(only_best + file));
    }
    // What is older than the best is not made again.
    CHECK(check("best", only_best + "best.h5", best) ==
          (best < 4 ? "" : "checkpoints/epoch-0004.h5 "));

    const std::string none = copy("none");
    for (const char* file : {"last.h5", "epoch-0004.h5", "epoch-0006.h5", "best.h5"}) {
      cut(none + file);
    }
    CHECK(bench.run("none", true, epochs).status == RunStatus::Completed);
    CHECK(noted(bench,
                "warning: no checkpoint of the folder is whole: training starts from the "
                "beginning"));
    CHECK(differing(lasting(bench.at("whole")), lasting(bench.at("none"))) == "");

    // What a newer program has written is whole, though not for this one.
    const std::string newer = copy("newer");
    for (const char* file : {"last.h5", "epoch-0004.h5", "epoch-0006.h5", "best.h5"}) {
      hdf5::Writer out(bench.at(newer + file));
      out.set_attribute("", "format", std::string("hourglass-checkpoint"));
      out.set_attribute("", "format_version", std::int64_t{99});
      out.commit();
    }
    const auto before = lasting(bench.at("newer"));
    CHECK_THROWS_WITH_AS(bench.run("newer", true, epochs),
                         doctest::Contains("has format version 99"), DataError);
    CHECK(differing(before, lasting(bench.at("newer"))) == "");
  }

  TEST_CASE("text files of the folder that are damaged are told as such") {
    Bench bench;
    bench.run("a");
    bench.scratch.put("a/result.yaml", "\t: {");
    CHECK_THROWS_AS(bench.run("a", true), DataError);
    bench.scratch.put("a/experiment.yaml", "name: [a\n");
    CHECK_THROWS_AS(bench.run("a", true), DataError);
  }

  TEST_CASE("without its experiment.yaml a run is compared by its checkpoint") {
    Bench bench;
    bench.run("a", false, {}, "batch");
    fs::remove(bench.at("a/experiment.yaml"));
    CHECK_THROWS_WITH_AS(bench.run("a", true, {"model.latent=3"}),
                         doctest::Contains("model.latent: 2 in the folder, 3 now"), ConfigError);
    CHECK(bench.run("a", true).status == RunStatus::Completed);
  }

  TEST_CASE("going on with another version of the variant is told") {
    Bench bench;
    bench.run("a", false, {}, "batch");
    {
      const Surroundings surroundings{test::plugins(), {}};
      Prepared again = prepare(bench.at("a/experiment.yaml"), {}, surroundings);
      compile_programs(again.resolved.experiment, *again.model, again.data);
      const fs::path last = bench.at("a/checkpoints/last.h5");
      std::vector<std::string> notes;
      const TrainingState state = read_training(last, *again.model, notes);
      CheckpointIdentity identity = read_checkpoint_header(last).identity;
      identity.variant_version = "0.9.9";
      write_checkpoint(last, *again.model, identity, state);
    }
    CHECK(bench.run("a", true).status == RunStatus::Completed);
    CHECK(noted(bench, "warning: the checkpoint was written by version 0.9.9 of the variant "));
  }

  TEST_CASE("a picture that cannot be drawn is a warning, and the measures stay") {
    Bench bench;
    fs::create_directories(bench.at("a/figures/reconstructions.png/in the way"));
    const RunOutcome outcome = bench.run("a");
    CHECK(outcome.status == RunStatus::Completed);
    CHECK(noted(
        bench, "warning: " + bench.at("a/figures/reconstructions.png").string() + ": not drawn: "));
    CHECK(fs::exists(bench.at("a/figures/latent.png")));
    CHECK(bench.content("a/result.yaml").find("test/reconstruction/squared_error_per_feature: ") !=
          std::string::npos);
  }

  TEST_CASE("a result that cannot be written does not hide that training diverged") {
    Bench bench;
    bench.write(
        "train: {optimizer: {sgd: {learning_rate: {step: 1.0e-3, factor: 1.0e30, epochs: 1}}}}\n");
    struct Spoiling final : RunObserver {
      explicit Spoiling(const Bench& folder) : bench(folder) {}
      void progress(const TrainProgress&) override {}
      void epoch_done(const TrainProgress&, const NamedNumbers&) override {
        bench.scratch.put("a/metrics.csv", "epoch,step\nx,y\n");
      }
      void note(const std::string&) override {}
      void warning(const std::string& line) override { warnings += line + "\n"; }
      const Bench& bench;
      std::string warnings;
    } observer(bench);
    std::atomic<bool> stop{false};
    const RunRequest request{.experiment = bench.at("small.yaml"),
                             .overrides = {"train.batch=10"},
                             .output = bench.at("a")};
    CHECK_THROWS_AS(run_experiment(request, {test::plugins(), {}}, observer, stop), DivergedError);
    CHECK(observer.warnings.find(bench.at("a/result.yaml").string() + ": not written: ") !=
          std::string::npos);
  }

  TEST_CASE("every program and its memory is known before the first step") {
    Bench bench;
    const Tensor samples = test::uniform({4700, 5}, 1);
    const auto values = samples.floats();
    bench.scratch.put(
        "data.npy",
        testing::npy("<f4", "(4700, 5)", testing::raw<float>({values.begin(), values.end()})));
    bench.write("evaluate: [reconstruction, units]\n");
    const Surroundings surroundings{test::plugins(), {}};
    const Overrides options{"dataset.test=0.5", "train.batch=500", "train.epochs=1"};
    Prepared prepared = prepare(bench.at("small.yaml"), options, surroundings);
    const Experiment& experiment = prepared.resolved.experiment;
    compile_programs(experiment, *prepared.model, prepared.data);
    const auto compiled = prepared.model->compiled().size();
    const std::size_t planned = prepared.model->memory().total();
    // 2350 samples for testing, 470 for validation, 1880 for training; pictures show 3 and 2000.
    CHECK(compiled == 3 + 3 + 3);

    RunFolder folder(bench.at("planned"));
    test::Watcher watcher;
    std::atomic<bool> stop{false};
    TrainingState state;
    TrainerSetup setup;
    setup.options = experiment.train;
    train(*prepared.model, prepared.data, folder, setup, state, watcher, stop);
    Measures measures;
    for (const char* name : {"reconstruction", "units"}) {
      make_metric({name})->measure({*prepared.model, prepared.data, 1}, measures);
    }
    write_latents(folder.latents(), *prepared.model, prepared.data, {"train", "test"});
    CHECK(draw_run_figures(folder.figures(), *prepared.model, prepared.data,
                           csv::read(folder.metrics()))
              .empty());
    CHECK(prepared.model->compiled().size() == compiled);
    CHECK(prepared.model->memory().total() == planned);

    // The run tells it before its first step, and `check` the same.
    bench.run("a", false, options);
    const auto note = std::ranges::find_if(
        bench.notes, [](const auto& line) { return line.starts_with("memory: "); });
    REQUIRE(note != bench.notes.end());
    CHECK(note->ends_with(" MiB beside the data"));
    const std::string check = check_experiment(bench.at("small.yaml"), options, surroundings);
    const std::size_t at = check.find("\n  memory      ");
    REQUIRE(at != check.npos);
    CHECK(std::stod(check.substr(at + 15)) ==
          doctest::Approx(std::stod(note->substr(8))).epsilon(0.05));
  }

  TEST_CASE("a completed run says so and stays as it is") {
    Bench bench;
    const RunOutcome first = bench.run("a");
    const std::string result = bench.content("a/result.yaml");
    const RunOutcome second = bench.run("a", true);
    CHECK(second.status == RunStatus::AlreadyCompleted);
    CHECK(second.metrics == first.metrics);
    CHECK(noted(bench, "this run is complete; nothing is left to do"));
    CHECK(bench.content("a/result.yaml") == result);
  }

  TEST_CASE("a run that ended early is complete, too, and more epochs change nothing but itself") {
    Bench bench;
    bench.write("train: {optimizer: {sgd: {learning_rate: 0}}, early_stopping: {patience: 1}}\n");
    bench.run("a", false, {"train.epochs=9"});
    CHECK(noted(bench, "stopped early after epoch 2: the best was epoch 1"));
    CHECK(bench.result("a", "epochs") == "2");
    CHECK(bench.run("a", true, {"train.epochs=9"}).status == RunStatus::AlreadyCompleted);
    CHECK(bench.run("a", true, {"train.epochs=12"}).status == RunStatus::Completed);
    bench.run("b", false, {"train.epochs=12"});
    CHECK(differing(lasting(bench.at("a")), lasting(bench.at("b"))) == "");
  }

  TEST_CASE("other measures of a finished run are the same as from the start, without training") {
    Bench bench;
    const Overrides other{"evaluate=[units]", "evaluate_weights=best", "latents.splits=[test]"};
    bench.run("whole", false, other);
    bench.run("a");
    const std::string timing = bench.content("a/timing.csv");
    bench.scratch.put("a/figures/anomalies.png", "of a measure that is no longer asked for");
    CHECK(bench.run("a", true, other).status == RunStatus::Completed);
    CHECK(differing(lasting(bench.at("whole")), lasting(bench.at("a"))) == "");
    CHECK(bench.content("a/timing.csv") == timing);
    CHECK(bench.run("a", true, other).status == RunStatus::AlreadyCompleted);
  }

  TEST_CASE("a run whose experiment lacks an option with a default is the same experiment") {
    Bench bench;
    bench.run("a");
    std::string experiment = bench.content("a/experiment.yaml");
    const std::string option = "  binarise: none\n";
    REQUIRE(experiment.find(option) != experiment.npos);
    experiment.erase(experiment.find(option), option.size());
    bench.scratch.put("a/experiment.yaml", experiment);
    CHECK(bench.run("a", true).status == RunStatus::AlreadyCompleted);
    CHECK_THROWS_AS(bench.run("a", true, {"dataset.binarise=threshold"}), ConfigError);
  }

  TEST_CASE("more epochs on a finished run are the same as from the start") {
    Bench bench;
    // A rate that moves by epochs, kept checkpoints from before, and measures of the best epoch.
    bench.write(
        "train: {optimizer: {sgd: {learning_rate: {step: 0.5, factor: 0.5, epochs: 2, "
        "warmup_epochs: 1}, momentum: 0.9}}, checkpoint: {every: 1, keep: 4}}\n"
        "evaluate_weights: best\n");
    bench.run("a", false, {"train.epochs=4"});
    bench.run("a", true, {"train.epochs=6"});
    CHECK(noted(bench, "resuming after epoch 4, step 16"));
    bench.run("b", false, {"train.epochs=6"});
    CHECK(differing(lasting(bench.at("a")), lasting(bench.at("b"))) == "");
  }

  TEST_CASE("another experiment in the folder is refused with both values") {
    Bench bench;
    bench.run("a");
    const auto message = [&](const Overrides& overrides) {
      try {
        bench.run("a", true, overrides);
      } catch (const ConfigError& error) {
        return std::string(error.what());
      }
      return std::string("it went on");
    };
    const std::string got = message({"model.latent=3", "train.optimizer.adam.learning_rate=0.5"});
    CAPTURE(got);
    CHECK(got.find("the run in this folder is another experiment, so it cannot be resumed:") !=
          got.npos);
    CHECK(got.find("\n  model.latent: 2 in the folder, 3 now") != got.npos);
    CHECK(got.find("\n  train.optimizer.adam.learning_rate: 0.001 in the folder, 0.5 now") !=
          got.npos);
    CHECK(message({"train.epochs=2"})
              .find("train.epochs: 3 in the folder, 2 now; it may grow, not shrink") != got.npos);

    // Before the first checkpoint, too.
    fs::remove(bench.at("a/checkpoints/last.h5"));
    CHECK(message({"model.latent=3"}).find("model.latent: 2 in the folder, 3 now") != got.npos);
  }

  TEST_CASE("a run does not go on with other data") {
    Bench bench;
    bench.run("a", false, {}, "batch");
    const auto resume = [&](const Tensor& samples) {
      const auto values = samples.floats();
      bench.scratch.put("data.npy",
                        testing::npy("<f4", text("(", samples.shape()[0], ", 5)"),
                                     testing::raw<float>({values.begin(), values.end()})));
      return bench.run("a", true).status;
    };
    const std::string lasting = bench.content("a/checkpoints/last.h5");
    Tensor changed = test::uniform({60, 5}, 1);
    changed.floats()[7] += 0.25f;
    for (const Tensor& other : {changed, test::uniform({61, 5}, 1)}) {
      CHECK_THROWS_WITH_AS(resume(other),
                           doctest::Contains("are no longer those that this run was trained on"),
                           ConfigError);
    }
    CHECK(bench.content("a/checkpoints/last.h5") == lasting);
    CHECK(resume(test::uniform({60, 5}, 1)) == RunStatus::Completed);
  }

  TEST_CASE("a second process in the folder is refused") {
    Bench bench;
    const RunFolder held(bench.at("a"));
    CHECK_THROWS_WITH_AS(bench.run("a"), doctest::Contains("another process is running in this "),
                         ConfigError);
    CHECK_THROWS_AS(bench.run("a", true), ConfigError);
  }

  TEST_CASE("interrupted in training or in measuring, a run ends as if it had not been") {
    Bench bench;
    bench.run("whole");
    for (const char* place : {"batch", "measuring"}) {
      CAPTURE(place);
      CHECK(bench.run(place, false, {}, place).status == RunStatus::Interrupted);
      CHECK(bench.result(place, "status") == "interrupted");
      CHECK(bench.run(place, true).status == RunStatus::Completed);
      CHECK(differing(lasting(bench.at("whole")), lasting(bench.at(place))) == "");
    }
    CHECK(bench.run("late", false, {}, "writing").status == RunStatus::Completed);
  }

  TEST_CASE("a run that diverged says so, keeps its state, and does so again") {
    Bench bench;
    bench.write("train: {optimizer: {sgd: {learning_rate: 1.0e30}}}\n");
    CHECK_THROWS_AS(bench.run("a"), DivergedError);
    CHECK(bench.result("a", "status") == "diverged");
    CHECK(bench.result("a", "epochs") == "0");
    CHECK(bench.result("a", "steps") == "1");
    CHECK(bench.result("a", "message").find("step 2") != std::string::npos);
    const std::string last = bench.content("a/checkpoints/last.h5");
    CHECK_THROWS_AS(bench.run("a", true), DivergedError);
    CHECK(bench.content("a/checkpoints/last.h5") == last);
  }

  TEST_CASE("the best weights are measured and encoded where the experiment says so") {
    Bench bench;
    bench.write("train: {optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}}\n");
    bench.run("last", false, {"train.epochs=6"});
    bench.run("best", false, {"train.epochs=6", "evaluate_weights=best"});
    REQUIRE(read_checkpoint_header(bench.at("best/checkpoints/best.h5")).epoch < 6);
    CHECK(bench.content("last/metrics.csv") == bench.content("best/metrics.csv"));
    const auto first = [&](const char* run) {
      const Tensor codes =
          hdf5::Reader(bench.at(std::string(run) + "/latents.h5")).read("test/codes");
      return std::vector<float>(codes.floats().begin(), codes.floats().end());
    };
    CHECK(first("last") != first("best"));
    const std::string result = bench.content("best/result.yaml");
    const auto epoch = read_checkpoint_header(bench.at("best/checkpoints/best.h5")).epoch;
    CHECK(result.find(text("measures, codes and pictures are of the best checkpoint: epoch ", epoch,
                           " of 6")) != result.npos);
  }

  TEST_CASE("best weights that are gone when they are to be measured are told with a way out") {
    Bench bench;
    bench.write("evaluate_weights: best\n");
    bench.run("a", false, {}, "measuring");
    const std::string whole = bench.content("a/checkpoints/best.h5");
    for (const bool damaged : {false, true}) {
      CAPTURE(damaged);
      fs::remove(bench.at("a/checkpoints/best.h5"));
      if (damaged) bench.scratch.put("a/checkpoints/best.h5", whole.substr(0, whole.size() / 2));
      CHECK_THROWS_WITH_AS(bench.run("a", true), doctest::Contains("put a whole copy of it back"),
                           DataError);
      CHECK(bench.result("a", "status") == "failed");
      CHECK(bench.result("a", "message").find("of epoch 3, the best, were in it") !=
            std::string::npos);
    }
    bench.scratch.put("a/checkpoints/best.h5", whole);
    bench.run("a", true);
    CHECK(bench.result("a", "status") == "completed");
  }

  TEST_CASE("a warm start takes another run's weights, and frozen ones stay") {
    Bench bench;
    bench.run("first");
    const std::string from = "init_from=" + bench.at("first/checkpoints/last.h5").string();
    bench.run("second", false, {from, "freeze=[encoder, code.bias]"});
    CHECK(noted(bench, "init_from: took 8 parameters from "));
    const hdf5::Reader a(bench.at("first/checkpoints/last.h5"));
    const hdf5::Reader b(bench.at("second/checkpoints/last.h5"));
    const auto same = [&](const std::string& path) {
      const Tensor x = a.read("parameters/" + path), y = b.read("parameters/" + path);
      return std::ranges::equal(x.floats(), y.floats());
    };
    CHECK(same("encoder.0.weight"));
    CHECK(same("encoder.0.bias"));
    CHECK(same("code.bias"));
    CHECK_FALSE(same("code.weight"));
    CHECK_FALSE(same("decoder.0.weight"));
    CHECK(b.list("optimizer/reconstruction").size() == 5);

    CHECK_THROWS_WITH_AS(bench.run("third", false, {"init_from=nowhere.h5"}),
                         ("nowhere.h5: there is no such run or checkpoint; looked for " +
                          fs::absolute("nowhere.h5").string())
                             .c_str(),
                         DataError);
    for (const char* name : {"enc", "encoder.00", "decoders"}) {
      CAPTURE(name);
      CHECK_THROWS_WITH_AS(
          bench.run("fourth", false, {text("freeze=[", name, "]")}),
          doctest::Contains(text("freeze.0 names \"", name, "\", which is no parameter's").c_str()),
          ConfigError);
    }
    CHECK_FALSE(fs::exists(bench.at("fourth")));
  }

  TEST_CASE("a warm start from a run's folder takes the weights that the run means") {
    Bench bench;
    bench.write("train: {optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}}\n");
    for (const std::string weights : {"last", "best"}) {
      CAPTURE(weights);
      bench.run(weights, false, {"train.epochs=6", "evaluate_weights=" + weights});
      bench.run("from-" + weights, false, {"init_from=" + bench.at(weights).string()}, "batch");
      CHECK(noted(bench, "init_from: took 8 parameters from " +
                             bench.at(weights + "/checkpoints/" + weights + ".h5").string()));
    }
    fs::create_directories(bench.at("bare"));
    CHECK_THROWS_WITH_AS(bench.run("none", false, {"init_from=" + bench.at("bare").string()}),
                         doctest::Contains(": is no run with a checkpoint ("), DataError);
  }

  TEST_CASE("a model that does not fit the data is refused before anything is written") {
    Bench bench;
    CHECK_THROWS_WITH_AS(
        bench.run("a", false, {"model.encoder=[{dense: 5}, {reshape: [2, 2]}]"}),
        doctest::Contains(
            "--set model.encoder=[{dense: 5}, {reshape: [2, 2]}]: model.encoder.1 does "
            "not fit what comes before it: layer encoder.1: "),
        ConfigError);
    CHECK_THROWS_WITH_AS(
        bench.run("a", false,
                  {"model.output=softmax", "latents.splits=[train, test, validation]",
                   "dataset.validation=0"}),
        doctest::Contains("--set model.output=softmax: model.output cannot be softmax: "),
        ConfigError);
    CHECK_THROWS_WITH_AS(
        bench.run("a", false,
                  {"model.output=softmax", "latents.splits=[train, test, validation]",
                   "dataset.validation=0"}),
        doctest::Contains("latents.splits.2 is validation, which data does not have; it has: test, "
                          "train"),
        ConfigError);
    CHECK_THROWS_WITH_AS(
        bench.run(
            "a", false,
            {"dataset.labelled=7", "latents.splits=[test, validation]", "dataset.validation=0"}),
        doctest::Contains("--set dataset.labelled=7: dataset.labelled asks for 7 samples, but 0 "
                          "training samples carry a label"),
        ConfigError);
    CHECK_THROWS_WITH_AS(
        bench.run(
            "a", false,
            {"dataset.labelled=7", "latents.splits=[test, validation]", "dataset.validation=0"}),
        doctest::Contains("latents.splits.1 is validation, which data does not have"), ConfigError);
    CHECK_FALSE(fs::exists(bench.at("a")));
  }

  TEST_CASE("a run whose pictures have no text says so") {
    Bench bench;
    const char* before = std::getenv("HOURGLASS_FONT");
    const std::string kept = before == nullptr ? "" : before;
    setenv("HOURGLASS_FONT", "/nowhere/font.ttf", 1);
    bench.run("a", false, {"train.epochs=1"});
    setenv("HOURGLASS_FONT", kept.c_str(), 1);
    CHECK(std::ranges::count(bench.notes,
                             "no font is found, so pictures have no text; name one in "
                             "HOURGLASS_FONT") == 1);
  }

  TEST_CASE("a run folder without a name of its own lies under runs, by name and seed") {
    Bench bench;
    const fs::path before = fs::current_path();
    fs::current_path(bench.scratch.path());
    std::atomic<bool> stop{false};
    test::RunWatcher observer(stop, "");
    const RunOutcome outcome = run_experiment({.experiment = "small.yaml",
                                               .overrides = {"train.epochs=1"},
                                               .output = std::nullopt,
                                               .resume = false},
                                              {test::plugins(), {}}, observer, stop);
    fs::current_path(before);
    CHECK(outcome.folder == "runs/small-3");
    CHECK(fs::exists(bench.at("runs/small-3/result.yaml")));
  }
}

}  // namespace hourglass
