// Runs of the program itself, killed at whatever moment it is.
#include <doctest/doctest.h>
#include <support/places.hpp>
#include <support/program.hpp>
#include <support/runs.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kVanillaExperiment =
    "name: killed\n"
    "dataset: {name: glyphs, limit: 600, validation: 0.1}\n"
    "variant: vanilla\n"
    "model:\n"
    "  encoder: [{dense: 32, activation: relu}, {dropout: 0.1}]\n"
    "  latent: 4\n"
    "  loss: binary_cross_entropy\n"
    "train:\n"
    "  epochs: 5\n"
    "  batch: 50\n"
    "  checkpoint: {every: 2, keep: 2}\n"
    "  optimizer: {adam: {learning_rate: {cosine: [0.01, 0], epochs: 5, warmup_steps: 7}}}\n";

/// Three train steps on three streams, with optimisers and counts of their own.
constexpr const char* kStreamsExperiment =
    "name: killed\n"
    "dataset: {name: glyphs, limit: 600, validation: 0.1, labelled: 95}\n"
    "variant: streams\n"
    "model:\n"
    "  encoder: [{dense: 32, activation: relu}, {dropout: 0.1}]\n"
    "  latent: 4\n"
    "  labelled_batch: 20\n"
    "  second_batch: 30\n"
    "  classifier_optimizer: {sgd: {learning_rate: 0.05, momentum: 0.9}}\n"
    "  shrink: {cyclic: [0.01, 0.1], epochs: 2}\n"
    "train: {epochs: 5, batch: 50, checkpoint: {every: 2, keep: 2}}\n";

/// One thread: two of them wait for each other for long where tests run side by side.
std::vector<std::string> command(const std::string& output) {
  return {HOURGLASS_PROGRAM, "run",
          "killed.yaml",     "--resume",
          "--output",        output,
          "--threads",       "1",
          "--plugin",        std::string(HOURGLASS_TEST_PLUGINS) + "/streams.so"};
}

int run(const ScratchFolder& scratch, const std::string& output) {
  return ChildProcess(command(output), scratch.path()).wait().code;
}

/// Kills a run as soon as `now` is true. Returns whether it was still running.
template <class Condition>
bool kill_when(const ScratchFolder& scratch, const std::string& output, Condition&& now) {
  ChildProcess child(command(output), scratch.path());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!now() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  child.signal(SIGKILL);
  return child.wait().code == -SIGKILL;
}

std::string differences(const ScratchFolder& scratch, const std::string& output) {
  return test::differing(test::lasting(scratch / "whole"), test::lasting(scratch / output));
}

}  // namespace

TEST_SUITE("experiment/resume") {
  TEST_CASE("a run killed again and again, after any time, ends as an unbroken one") {
    ScratchFolder scratch;
    scratch.put("killed.yaml", kVanillaExperiment);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(scratch, "whole") == 0);
    const auto whole =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    int kills = 0;
    for (int i = 1; i <= 10; ++i) {
      // From a tenth of a run's time to all of it.
      const auto moment = std::chrono::steady_clock::now() + whole * i / 10;
      kills +=
          kill_when(scratch, "timed", [&] { return std::chrono::steady_clock::now() >= moment; });
    }
    CHECK(kills >= 3);
    CHECK(run(scratch, "timed") == 0);
    CHECK(differences(scratch, "timed") == "");
  }

  TEST_CASE("a run of several train steps and streams that is killed ends as an unbroken one") {
    ScratchFolder scratch;
    scratch.put("killed.yaml", kStreamsExperiment);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(scratch, "whole") == 0);
    const auto whole =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    int kills = 0;
    for (int i = 1; i <= 6; ++i) {
      const auto moment = std::chrono::steady_clock::now() + whole * (2 + i) / 10;
      kills +=
          kill_when(scratch, "timed", [&] { return std::chrono::steady_clock::now() >= moment; });
    }
    CHECK(kills >= 2);
    CHECK(run(scratch, "timed") == 0);
    CHECK(differences(scratch, "timed") == "");
  }

  TEST_CASE("a run killed at each of its deeds ends as an unbroken one") {
    ScratchFolder scratch;
    scratch.put("killed.yaml", kVanillaExperiment);
    REQUIRE(run(scratch, "whole") == 0);
    const fs::path folder = scratch / "deeds";
    // The first moment in which each of these is there, or has just been written again.
    const auto appears = [&](const std::string& file) {
      return [path = folder / file] { return fs::exists(path); };
    };
    const auto changes = [&](const std::string& file) {
      std::error_code error;
      return [path = folder / file, before = fs::last_write_time(folder / file, error)] {
        std::error_code ignored;
        return fs::last_write_time(path, ignored) != before;
      };
    };
    CHECK(kill_when(scratch, "deeds", appears("experiment.yaml")));
    CHECK(kill_when(scratch, "deeds", appears("metrics.csv")));
    CHECK(kill_when(scratch, "deeds", appears("checkpoints/best.h5")));
    CHECK(kill_when(scratch, "deeds", changes("checkpoints/last.h5")));
    kill_when(scratch, "deeds", appears("checkpoints/epoch-0002.h5"));
    kill_when(scratch, "deeds", changes("metrics.csv"));
    kill_when(scratch, "deeds", appears("checkpoints/epoch-0004.h5"));
    kill_when(scratch, "deeds", appears("latents.h5"));
    kill_when(scratch, "deeds", changes("figures/reconstructions.png"));
    kill_when(scratch, "deeds", changes("figures/curves.png"));
    CHECK(run(scratch, "deeds") == 0);
    CHECK(differences(scratch, "deeds") == "");
  }

  TEST_CASE("two processes do not share a folder") {
    ScratchFolder scratch;
    scratch.put("killed.yaml", std::string(kVanillaExperiment) + "seed: 2\n");
    std::vector<std::string> endless = command("one");
    endless.insert(endless.end(), {"--set", "train.epochs=1000000"});
    const ChildProcess first(endless, scratch.path());
    for (int i = 0; i < 10'000 && !fs::exists(scratch / "one/experiment.yaml"); ++i) {
      std::this_thread::sleep_for(milliseconds(2));
    }
    const Finished second = ChildProcess(endless, scratch.path()).wait();
    CHECK(second.code == 2);
    CHECK(contains(second.err, "another process is running in this folder"));
  }
}

}  // namespace hourglass
