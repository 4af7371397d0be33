#include <hourglass/compare/run_result.hpp>
#include <hourglass/train/run_folder.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <cmath>
#include <string>

using namespace hourglass;
using namespace hourglass::compare;
using test::WrittenRun;

namespace {

double number_in(const RunResult& run, const std::string& name) {
  for (const auto& [key, value] : run.numbers) {
    if (key == name) return value;
  }
  FAIL("no number ", name);
  return 0;
}

// Of a result.yaml alone.
RunResult read_text_of_result(const std::string& content) {
  ScratchFolder folder;
  folder.put("a/result.yaml", content);
  return read_run(folder / "a", true);
}

}  // namespace

TEST_SUITE("compare/run_result") {
  TEST_CASE("a run says its variant, seed, status, metrics and what it cost") {
    ScratchFolder folder;
    test::put_run(
        folder, "a",
        {.variant = "vae",
         .seed = 7,
         .metrics = {{"test/loss", "247.5"}, {"test/kl", ".nan"}, {"train/loss", "-.inf"}}});
    const RunResult run = read_run(folder / "a", true);
    CHECK(run.variant == "vae");
    CHECK(run.seed == 7);
    CHECK(run.status == Status::Completed);
    CHECK(run.message.empty());
    CHECK(number_in(run, "test/loss") == 247.5);
    CHECK(std::isnan(number_in(run, "test/kl")));
    CHECK(number_in(run, "train/loss") == -INFINITY);
    CHECK(number_in(run, "seconds") == 2.5);
    CHECK(run.numbers.back().first == "seconds");
    CHECK(find_value(run.settings, "model.latent")->text == "4");
    CHECK(run.protocol.front().second == "dB; mean over images");
    CHECK(read_run(folder / "a", false).settings.empty());
  }

  TEST_CASE("a metric that has the name of what a run costs does not count twice") {
    WrittenRun run;
    run.metrics = {{"seconds", "9"}, {"test/loss", "1"}};
    const RunResult read = read_text_of_result(result_text(run));
    CHECK(number_in(read, "seconds") == 2.5);
    CHECK(read.numbers.size() == 3);
  }

  TEST_CASE("names that are one when they are clean are one metric, the first") {
    const RunResult run = read_text_of_result(
        "status: completed\nmetrics:\n  \"a\\nb\": 1\n  \"a\\tb\": 2\n  c: 3\n");
    CHECK(run.status == Status::Completed);
    CHECK(run.numbers == std::vector<std::pair<std::string, double>>{{"a?b", 1}, {"c", 3}});
  }

  TEST_CASE("a run that diverged says why") {
    WrittenRun run;
    run.status = "diverged";
    run.message = "a loss of NaN\\x1b";
    const RunResult read = read_text_of_result(result_text(run));
    CHECK(read.status == Status::Diverged);
    CHECK(read.message == "a loss of NaN?");
  }

  TEST_CASE("a run without a result is running while a process has it, else unfinished") {
    ScratchFolder folder;
    folder.put("a/experiment.yaml", "seed: 3\nvariant: vae\n");
    const RunResult stopped = read_run(folder / "a", false);
    CHECK(stopped.status == Status::Interrupted);
    CHECK(stopped.message == "has no result yet");
    CHECK(stopped.variant == "vae");
    CHECK(stopped.seed == 3);
    const RunFolder live(folder / "a");
    CHECK(read_run(folder / "a", false).status == Status::Running);
  }

  TEST_CASE("damage of every kind is told and never thrown") {
    const auto fault = [](const std::string& content) {
      const RunResult run = read_text_of_result(content);
      CHECK(run.status == Status::Damaged);
      return run.message;
    };
    CHECK(fault("") == "result.yaml is not a map of keys");
    CHECK(fault("[1, 2]\n") == "result.yaml is not a map of keys");
    CHECK(fault("variant: vae\n") == "result.yaml has no status");
    CHECK(fault("status: fine\n") == "result.yaml: status \"fine\" is none that a run has");
    CHECK(fault("status: completed\n") == "result.yaml has no metrics");
    CHECK(fault("status: completed\nmetrics: 3\n") == "result.yaml has no metrics");
    CHECK(fault("status: {a: [\n").starts_with("result.yaml:1:13: not valid YAML"));
    CHECK(fault(std::string("\0\1\2", 3)).starts_with("result.yaml:1:1: "));
    CHECK(fault(std::string(2 << 20, 'a')).starts_with("result.yaml: is too large"));
    CHECK(fault(std::string(100'000, '[')).starts_with("result.yaml:1:"));
    CHECK(fault("status: completed\nmetrics:\n  test/loss: 247.8") ==
          "result.yaml is cut off: its last line has no end");
  }

  TEST_CASE("what cannot be read, or is no run, is damage too") {
    ScratchFolder folder;
    CHECK(read_run(folder / "none", true).message ==
          "holds no run: neither result.yaml nor experiment.yaml");
    std::filesystem::create_directories(folder / "a/result.yaml");
    CHECK(read_run(folder / "a", true).status == Status::Damaged);
    test::put_run(folder, "b", {});
    folder.put("b/experiment.yaml", "a: [1\n");
    CHECK(read_run(folder / "b", true).message.starts_with("experiment.yaml:1:4: "));
    CHECK(read_run(folder / "b", false).status == Status::Completed);
    std::filesystem::create_symlink("result.yaml", folder / "loop");
    std::filesystem::create_symlink("loop", folder / "around");
    std::filesystem::remove(folder / "loop");
    std::filesystem::create_symlink("around", folder / "loop");
    const RunResult loop = read_run(folder / "loop", true);
    CHECK(loop.status == Status::Damaged);
    CHECK(loop.message ==
          "result.yaml: cannot be read: " +
              std::make_error_code(std::errc::too_many_symbolic_link_levels).message());
  }

  TEST_CASE("a status has one name") {
    for (std::size_t i = 0; i < kStatusCount; ++i) {
      CHECK(status_of(name_of(static_cast<Status>(i))) == static_cast<Status>(i));
    }
    CHECK_FALSE(status_of("").has_value());
  }
}
