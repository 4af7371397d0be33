#include <hourglass/core/random.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>

#include <doctest/doctest.h>
#include <support/program.hpp>
#include <support/runs.hpp>

#include <cstdlib>

namespace fs = std::filesystem;
using namespace hourglass;

namespace {

constexpr const char* kBase =
    "base:\n"
    "  dataset: {name: glyphs, limit: 400, validation: 0.2}\n"
    "  variant: vanilla\n"
    "  model: {latent: 4, encoder: [{dense: 16, activation: relu}]}\n"
    "  train: {epochs: 3, batch: 50, checkpoint: {every: 1, keep: 1}}\n";

/// What must be equal of two sweeps, however they came to it: points.csv, and of every run what
/// does not measure time.
std::map<std::string, std::string> lasting_of_sweep(const fs::path& sweep) {
  std::map<std::string, std::string> all;
  all["points.csv"] = testing::read_all(sweep / "points.csv");
  for (const fs::directory_entry& run : fs::directory_iterator(sweep / "runs")) {
    for (auto& [name, bytes] : test::lasting(run.path())) {
      if (name != "log.txt") all[run.path().filename().string() + "/" + name] = std::move(bytes);
    }
  }
  return all;
}

/// The processes that `parent` has started.
std::vector<pid_t> children_of(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  return {std::istream_iterator<pid_t>(file), {}};
}

std::vector<std::string> sweep_command(const std::string& output) {
  return {HOURGLASS_PROGRAM, "sweep", "many.yaml", "--output", output, "--jobs", "2"};
}

Finished sweep_in(const ScratchFolder& folder, const std::string& output) {
  return ChildProcess(sweep_command(output), folder.path()).wait();
}

std::vector<std::string> column_of(const fs::path& points, const std::string& name) {
  const csv::TextTable table = csv::read_texts(points);
  const auto at = std::ranges::find(table.columns, name) - table.columns.begin();
  std::vector<std::string> cells;
  for (const auto& row : table.rows) cells.push_back(row[static_cast<std::size_t>(at)]);
  return cells;
}

/// How often a test kills: a few times, or in the long form of the suite (HOURGLASS_LONG_TESTS=1)
/// often.
int kills() { return std::getenv("HOURGLASS_LONG_TESTS") != nullptr ? 60 : 6; }

}  // namespace

TEST_SUITE("cli/sweep") {
  TEST_CASE("a sweep runs every point with every seed, each in a folder of its own") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "sweep: {grid: {variant: [vanilla, vae]}, seeds: [1, 2]}\n");
    const Finished first = hourglass_command(folder.path(), {"sweep", "many.yaml"});
    CAPTURE(first.err);
    CHECK(first.code == 0);
    CHECK(contains(first.err, "runs/many: 4 runs, "));
    CHECK(contains(first.err, "4/4 completed: variant=vae, seed "));
    CHECK(contains(first.out, "4 of 4 runs are complete"));
    CHECK_FALSE(contains(first.out, "best "));  // of two losses none is better
    CHECK(contains(first.out, "to compare: hourglass compare runs/many\n"));
    const fs::path sweep = folder / "runs/many";
    CHECK(column_of(sweep / "points.csv", "status") == std::vector<std::string>(4, "completed"));
    CHECK(column_of(sweep / "points.csv", "seed") == std::vector<std::string>{"1", "2", "1", "2"});
    for (const std::string& id : column_of(sweep / "points.csv", "id")) {
      for (const char* file : {"result.yaml", "latents.h5", "figures/curves.png", "log.txt"}) {
        CHECK(fs::exists(sweep / "runs" / id / file));
      }
    }
    // A run of a sweep is a run: `run` comes to the same, byte for byte.
    const std::string id = column_of(sweep / "points.csv", "id")[3];
    const std::string own = (sweep / "runs" / id / "experiment.yaml").string();
    CHECK(hourglass_command(folder.path(), {"run", own, "--output", "alone", "--threads", "1"})
              .code == 0);
    auto there = test::lasting(sweep / "runs" / id);
    there.erase("log.txt");
    CHECK(test::differing(test::lasting(folder / "alone"), there) == "");

    const Finished again = hourglass_command(folder.path(), {"sweep", "many.yaml"});
    CHECK(again.code == 0);
    CHECK_FALSE(contains(again.err, "/4 completed"));
    CHECK(contains(again.out, "4 of 4 runs are complete"));
  }

  TEST_CASE("killed at any moment and run again, a sweep comes to what an unbroken one comes to") {
    const ScratchFolder folder;
    folder.put(
        "many.yaml",
        std::string(kBase) +
            "set: {train.epochs: 12}\nsweep: {grid: {model.latent: [2, 3, 4]}, seeds: [1, 2]}\n");
    REQUIRE(sweep_in(folder, "whole").code == 0);
    const auto whole = lasting_of_sweep(folder / "whole");
    RandomStream random(1, "kills");
    int killed = 0, worker = 0, round = 0;
    while (killed < kills()) {
      const std::string name = "broken" + std::to_string(round++);
      for (;;) {  // until the sweep is through
        ChildProcess sweep(sweep_command(name), folder.path());
        std::this_thread::sleep_for(std::chrono::milliseconds(30 + random.below(700)));
        if (killed < kills() && sweep.runs()) {
          const auto processes = children_of(sweep.id());
          if (random.below(2) == 0 && !processes.empty()) {
            ::kill(processes[random.below(static_cast<std::uint32_t>(processes.size()))], SIGKILL);
            ++worker;
          } else {
            sweep.signal(SIGKILL);
          }
          ++killed;
        }
        const Finished end = sweep.wait();
        if (end.code == 0) break;
        CAPTURE(end.err);
        CHECK((end.code == -SIGKILL || end.code == 1));
      }
      CHECK(test::differing(whole, lasting_of_sweep(folder / name)) == "");
    }
    CAPTURE(worker);
    CHECK(killed == kills());
  }

  TEST_CASE("workers die with their sweep, and the next one has their folders at once") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "set: {train.epochs: 100000}\nsweep: {seeds: [1, 2]}\n");
    ChildProcess sweep(sweep_command("s"), folder.path());
    std::vector<pid_t> workers;
    for (int i = 0; i < 5000 && workers.size() < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      workers = children_of(sweep.id());
    }
    REQUIRE(workers.size() == 2);
    // A second sweep in the folder says so and stops.
    const Finished second = sweep_in(folder, "s");
    CHECK(second.code == 2);
    CHECK(contains(second.err, "s: another process is running in this folder"));
    sweep.signal(SIGKILL);
    sweep.wait();
    const auto lives = [](pid_t worker) { return ::kill(worker, 0) == 0; };
    for (int i = 0; i < 2000 && std::ranges::any_of(workers, lives); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    CHECK_FALSE(lives(workers[0]));
    CHECK_FALSE(lives(workers[1]));
  }

  TEST_CASE("a terminal's Ctrl-C saves every run's state, and the same command goes on") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "set: {train.epochs: 100000}\nsweep: {seeds: [1, 2, 3]}\n");
    ChildProcess sweep(sweep_command("s"), folder.path());
    const auto trains = [&] {
      int runs = 0;
      std::error_code error;
      for (const auto& run : fs::directory_iterator(folder / "s/runs", error)) {
        runs += fs::exists(run.path() / "metrics.csv") ? 1 : 0;
      }
      return runs == 2;
    };
    for (int i = 0; i < 5000 && !trains(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    REQUIRE(trains());
    sweep.signal_group(SIGINT);
    const Finished stopped = sweep.wait();
    CHECK(stopped.code == 6);
    CHECK(contains(stopped.err, "To go on: hourglass sweep many.yaml --jobs 2 --output s\n"));
    CHECK(column_of(folder / "s/points.csv", "status") ==
          std::vector<std::string>{"interrupted", "interrupted", "waiting"});
  }

  TEST_CASE("a run that cannot be run is recorded with its message, and the others go on") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "sweep: {grid: {dataset.limit: [1, 400]}, seeds: [1]}\n");
    const Finished sweep = sweep_in(folder, "s");
    CHECK(sweep.code == 1);
    CHECK(contains(sweep.err, "/2 failed: dataset.limit=1, seed 1: "));
    CHECK(contains(sweep.out, "1 of 2 runs are complete, 1 failed"));
    CHECK(contains(sweep.out, "  failed: dataset.limit=1, seed 1: "));
    CHECK(column_of(folder / "s/points.csv", "status") ==
          std::vector<std::string>{"failed", "completed"});
    const std::string id = column_of(folder / "s/points.csv", "id")[0];
    const std::string result = testing::read_all(folder / ("s/runs/" + id + "/result.yaml"));
    CHECK(contains(result, "status: failed\nmessage: "));
    CHECK(fs::exists(folder / ("s/runs/" + id + "/experiment.yaml")));
    CHECK(sweep_in(folder, "s").code == 1);  // tried once more
  }

  TEST_CASE("a run that diverges is recorded, and not run again") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) +
                   "sweep: {grid: {train.optimizer: [{sgd: {learning_rate: 1.0e+30}}, adam]}}\n");
    const Finished sweep = sweep_in(folder, "s");
    CAPTURE(sweep.err);
    CHECK(sweep.code == 1);
    CHECK(column_of(folder / "s/points.csv", "status") ==
          std::vector<std::string>{"diverged", "completed"});
    const Finished again = sweep_in(folder, "s");
    CHECK(again.code == 1);
    CHECK_FALSE(contains(again.err, "diverged: train"));
    CHECK(contains(again.out, "  diverged: train.optimizer="));
  }

  TEST_CASE("a changed file adds points, keeps what is done, and refuses another meaning") {
    const ScratchFolder folder;
    const auto sweep = [&](const std::string& rest) {
      folder.put("many.yaml", std::string(kBase) + rest);
      return sweep_in(folder, "s");
    };
    REQUIRE(sweep("sweep: {grid: {model.latent: [2, 3]}}\n").code == 0);
    const auto before = lasting_of_sweep(folder / "s");
    const Finished more = sweep("sweep: {grid: {model.latent: [2, 3, 5], variant: [vanilla]}}\n");
    CHECK(more.code == 0);
    CHECK_FALSE(contains(more.err, "model.latent=2"));
    CHECK(contains(more.err, "3/3 completed: model.latent=5, variant=vanilla, seed 1"));
    auto after = lasting_of_sweep(folder / "s");
    for (const auto& [name, bytes] : before) {
      if (name != "points.csv") CHECK(after.at(name) == bytes);
    }
    const Finished other = sweep(
        "set: {train.batch: 40}\nsweep: {grid: {model.latent: [2, 3, 5], variant: [vanilla]}}\n");
    CHECK(other.code == 2);
    CHECK(contains(other.err, "\n  train.batch: 50 in the folder, 40 now\n"));
    CHECK(test::differing(after, lasting_of_sweep(folder / "s")) == "");
    const Finished longer = sweep(
        "set: {train.epochs: 4}\nsweep: {grid: {model.latent: [2, 3, 5], variant: [vanilla]}}\n");
    CHECK(longer.code == 0);
    CHECK(contains(longer.err, "3/3 completed"));
  }

  TEST_CASE("another sweep is refused in a sweep's folder") {
    const ScratchFolder folder;
    folder.put("many.yaml", std::string(kBase) + "sweep: {seeds: [1]}\n");
    REQUIRE(sweep_in(folder, "s").code == 0);
    const auto before = lasting_of_sweep(folder / "s");
    folder.put("many.yaml", "name: other\n" + std::string(kBase) + "sweep: {seeds: [2]}\n");
    const Finished other = sweep_in(folder, "s");
    CHECK(other.code == 2);
    CHECK(
        contains(other.err, "s: the sweep \"many\" is in this folder, and this one is \"other\""));
    CHECK(test::differing(before, lasting_of_sweep(folder / "s")) == "");
  }

  TEST_CASE("a damaged result and a damaged sweep.yaml are written anew") {
    const ScratchFolder folder;
    folder.put("many.yaml", std::string(kBase) + "sweep: {seeds: [1]}\n");
    REQUIRE(sweep_in(folder, "s").code == 0);
    const auto before = lasting_of_sweep(folder / "s");
    const fs::path run = fs::directory_iterator(folder / "s/runs")->path();
    std::ofstream(run / "result.yaml") << "name: [";
    std::ofstream(folder / "s/sweep.yaml") << ": [";
    CHECK(sweep_in(folder, "s").code == 0);
    CHECK(test::differing(before, lasting_of_sweep(folder / "s")) == "");
    CHECK(contains(read_text_file(run / "log.txt"), "it is written anew"));
  }

  TEST_CASE("faults of a sweep are told before anything is made") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "sweep: {grid: {variant: [vanilla], model.beta: [1, 4]}}\n");
    const Finished sweep = sweep_in(folder, "s");
    CHECK(sweep.code == 2);
    CHECK(contains(sweep.err, "many.yaml:6:49: unknown key \"beta\" in model"));
    CHECK_FALSE(fs::exists(folder / "s"));
    CHECK(hourglass_command(folder.path(), {"sweep", "none.yaml"}).code == 3);
    CHECK(hourglass_command(folder.path(), {"sweep", "many.yaml", "--jobs", "0"}).code == 2);
    const Finished run = hourglass_command(folder.path(), {"run", "many.yaml"});
    CHECK(run.code == 2);
    CHECK(contains(run.err, "run it with: hourglass sweep many.yaml"));
  }

  TEST_CASE("halving ends the same points whatever the number of jobs, and however often killed") {
    const ScratchFolder folder;
    folder.put(
        "many.yaml",
        std::string(kBase) +
            "set: {train.epochs: 9}\n"
            "sweep:\n"
            "  grid: {train.optimizer.adam.learning_rate: [3.0e-3, 1.0e-6, 1.0e-7, 1.0e-2]}\n"
            "  seeds: [1, 2]\n"
            "  halving: {first: 1, factor: 3}\n");
    const Finished whole = sweep_in(folder, "whole");
    CAPTURE(whole.err);
    REQUIRE(whole.code == 0);
    CHECK(contains(whole.out, "4 of 8 runs are complete, 4 were ended early"));
    CHECK(contains(whole.out, "best validation/loss: "));
    const std::vector<std::string> statuses = {"completed", "completed", "stopped",   "stopped",
                                               "stopped",   "stopped",   "completed", "completed"};
    CHECK(column_of(folder / "whole/points.csv", "status") == statuses);
    // What was paused and went on is as if it had never paused.
    folder.put("alone.yaml",
               std::string(kBase) +
                   "name: many\nset: {train.epochs: 9}\n"
                   "sweep: {grid: {train.optimizer.adam.learning_rate: [3.0e-3]}, seeds: "
                   "[1, 2]}\n");
    std::vector<std::string> command = sweep_command("alone");
    command[2] = "alone.yaml";
    REQUIRE(ChildProcess(command, folder.path()).wait().code == 0);
    const std::string id = column_of(folder / "alone/points.csv", "id")[0];
    auto paused = test::lasting(folder / ("whole/runs/" + id));
    auto alone = test::lasting(folder / ("alone/runs/" + id));
    paused.erase("log.txt");
    alone.erase("log.txt");
    CHECK(test::differing(paused, alone) == "");

    for (int i = 0; i < 3; ++i) {
      ChildProcess sweep(sweep_command("broken"), folder.path());
      std::this_thread::sleep_for(std::chrono::milliseconds(250 + 150 * i));
      sweep.signal(SIGKILL);
      sweep.wait();
    }
    CHECK(sweep_in(folder, "broken").code == 0);
    CHECK(test::differing(lasting_of_sweep(folder / "whole"),
                          lasting_of_sweep(folder / "broken")) == "");
  }

  TEST_CASE("a search goes on where it was killed, to the same points") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) +
                   "sweep:\n"
                   "  tpe:\n"
                   "    {count: 7, start: 3, parallel: 2, model.latent: {log_whole: [1, 32]},\n"
                   "     train.optimizer.adam.learning_rate: {log_uniform: [1.0e-4, 1.0e-1]}}\n");
    REQUIRE(sweep_in(folder, "whole").code == 0);
    CHECK(column_of(folder / "whole/points.csv", "id").size() == 7);
    for (int i = 0; i < 2; ++i) {
      ChildProcess sweep(sweep_command("broken"), folder.path());
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      sweep.signal(SIGKILL);
      sweep.wait();
    }
    CHECK(sweep_in(folder, "broken").code == 0);
    CHECK(test::differing(lasting_of_sweep(folder / "whole"),
                          lasting_of_sweep(folder / "broken")) == "");
  }

  TEST_CASE("check lists a sweep's points, and says about how long they take") {
    const ScratchFolder folder;
    folder.put("many.yaml",
               std::string(kBase) + "sweep: {grid: {model.latent: [2, 3]}, seeds: [1, 2, 3]}\n");
    const Finished check = hourglass_command(folder.path(), {"check", "many.yaml"});
    CAPTURE(check.err);
    CHECK(check.code == 0);
    CHECK(contains(check.out, "  model.latent=2\n"));
    CHECK(contains(check.out,
                   "# estimate, from 2 points that trained for a moment\n  time        about "));
    CHECK(contains(check.out, "  points      2\n  runs        6, 3 seeds each\n"));
    CHECK(folder.count() == 1);  // nothing is kept
    folder.put("many.yaml", std::string(kBase) + "sweep: {grid: {dataset.limit: [1, 400]}}\n");
    const Finished wrong = hourglass_command(folder.path(), {"check", "many.yaml"});
    CHECK(wrong.code == 2);
    CHECK(contains(wrong.err, "; in the point dataset.limit=1"));
  }
}
