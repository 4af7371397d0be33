#include <doctest/doctest.h>
#include <support/program.hpp>
#include <support/runs.hpp>
#include <support/scratch_folder.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

/// What plugin-check says of the fixture with this fault.
Finished checked(const std::string& fault, const std::vector<std::string>& more = {}) {
  const ScratchFolder folder;
  std::vector<std::string> arguments = {"plugin-check",
                                        HOURGLASS_TEST_PLUGINS "/conformance/faulty.so"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return hourglass_command(folder.path(), arguments, {"HOURGLASS_TEST_FAULT=" + fault});
}

#if defined(__SANITIZE_ADDRESS__)  // keeps what is freed to itself, so that leaks cannot be checked
constexpr std::size_t kChecks = 14;
#else
constexpr std::size_t kChecks = 15;
#endif

/// The names of the checks whose line has this word.
std::vector<std::string> checks_that(const std::string& word, const std::string& output) {
  std::vector<std::string> names;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, verdict;
    if (words >> name >> verdict && verdict == word) names.push_back(name);
  }
  return names;
}

/// That the fault fails one check alone, and what is said of it, which is returned in one line.
std::string check_that_only(const std::string& check, const std::string& fault,
                            const std::string& sentence) {
  const Finished result = checked(fault);
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 5);
  CHECK(checks_that("FAILED", result.out) == std::vector<std::string>{check});
  std::string one_line = result.out;
  for (std::size_t at = 0; (at = one_line.find("\n      ", at)) != one_line.npos;) {
    one_line.replace(at, 7, " ");
  }
  CHECK(contains(one_line, sentence));
  return one_line;
}

}  // namespace

TEST_SUITE("conformance/plugin_check") {
  TEST_CASE("a plugin in order passes every check") {
    const ScratchFolder folder;
    const std::string junit = (folder / "report.xml").string();
    const Finished result = checked("", {"--junit", junit});
    CAPTURE(result.out);
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(checks_that("passed", result.out).size() == kChecks);
    CHECK(contains(result.out, "all is as it should be"));
    CHECK(contains(testing::read_all(junit), "tests=\"15\" failures=\"0\""));
  }

  TEST_CASE("an option without a meaning fails options alone") {
    check_that_only("options", "options", "model.latent has no meaning; describe it");
  }
  TEST_CASE("a default outside of its range fails options, and cannot be tried") {
    const Finished result = checked("default");
    CHECK(result.code == 5);
    CHECK(checks_that("FAILED", result.out) == std::vector<std::string>{"options", "experiment"});
    CHECK(contains(result.out, "model.weight must be >= 0, got -1"));
    CHECK(contains(result.out, "--set model.latent=4"));
  }
  TEST_CASE("a part with a wrong gradient and a small share in the loss fails gradients alone") {
    check_that_only("gradients", "small-share", "part \"length\", parameter ");
  }
  TEST_CASE("a backward that is wrong fails gradients alone") {
    check_that_only("gradients", "gradients",
                    "train step \"reconstruction\", parameter \"encoder.0.weight\", along its "
                    "gradient: the gradient says ");
  }
  TEST_CASE("a parameter that nothing depends on fails parameters alone") {
    check_that_only("parameters", "parameters",
                    "no gradient reaches the parameter \"unused.weight\"");
  }
  TEST_CASE("a loss that leads elsewhere fails learning alone") {
    check_that_only("learning", "learning", "check the sign and the target of the losses");
  }
  TEST_CASE("a prior of another size than the code fails uses alone") {
    check_that_only("uses", "uses", "draw codes from the prior: ");
  }
  TEST_CASE("a loss that is a sum over the batch fails batches alone") {
    check_that_only("batches", "summed", "as the mean of its halves");
  }
  TEST_CASE("codes that depend on the batch fail batches alone") {
    check_that_only("batches", "batches", "the code of a sample changes by ");
  }
  TEST_CASE("a loss that is coupled over the batch and does not say so fails batches alone") {
    check_that_only("batches", "coupled", "model.train_step(\"reconstruction\").coupled()");
  }
  TEST_CASE("randomness of a plugin's own fails repeatable alone") {
    check_that_only("repeatable", "repeatable",
                    "\" differs between two equal trainings; what is random must come");
  }
  TEST_CASE("what a kernel keeps from step to step fails resume alone") {
    check_that_only("resume", "resume", "belongs into a parameter, or a state of model.state");
  }
  TEST_CASE("an option that throws within its range fails random-options alone") {
    check_that_only("random-options", "random-options", "model.latent=12");
  }
  TEST_CASE("an option that divides by zero at its end fails edge-options alone") {
    const std::string said =
        check_that_only("edge-options", "edge-options", "with model.weight=0: ");
    CHECK(contains(said, " was the check's and is gone; "));  // of the files that it names
  }
  TEST_CASE("a crash on a sample that is not a number fails bad-input alone") {
    check_that_only("bad-input", "bad-input", "it crashes: Aborted");
  }
  TEST_CASE("a result that depends on the number of threads fails threads alone") {
    check_that_only("threads", "threads", " with one thread and ");
  }
#if !defined(__SANITIZE_ADDRESS__)
  TEST_CASE("a kernel that allocates and forgets fails leaks alone") {
    check_that_only("leaks", "leaks", "a step leaves ");
  }
#endif

  TEST_CASE("a plugin that cannot be loaded fails loading, and nothing else is tried") {
    const Finished result =
        hourglass_command({"plugin-check", HOURGLASS_TEST_PLUGINS "/crashes.so"});
    CHECK(result.code == 5);
    CHECK(checks_that("FAILED", result.out) == std::vector<std::string>{"loading"});
    CHECK(checks_that("skipped", result.out).size() == 14);
    CHECK(contains(result.out, "crashes"));
  }

  TEST_CASE("faults of what is set are those of the command, not of the plugin") {
    const Finished result =
        checked("default", {"--set", "model.weight=-2", "--set", "model.latnt=4"});
    CHECK(result.code == 2);
    CHECK(contains(result.err, "--set model.weight=-2: model.weight must be >= 0, got -2"));
    CHECK(contains(result.err, "--set model.latnt=4: "));
    CHECK_FALSE(contains(result.err, "got -1"));
    CHECK(checks_that("FAILED", result.out).empty());
  }

  TEST_CASE("a signal stops it, and nothing is left behind") {
    for (const int signal : {SIGINT, SIGTERM}) {
      CAPTURE(signal);
      const ScratchFolder folder;
      const ScratchFolder reports;
      const std::string junit = (reports / "report.xml").string();
      ChildProcess child(
          {HOURGLASS_PROGRAM, "plugin-check", HOURGLASS_TEST_PLUGINS "/hangs.so", "--junit", junit},
          folder.path(), {"TMPDIR=" + folder.path().string()});
      const auto is_empty = [&] { return std::filesystem::is_empty(folder.path()); };
      for (int i = 0; i < 10'000 && is_empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      REQUIRE_FALSE(is_empty());
      child.signal(signal);
      const Finished result = child.wait();
      CHECK(result.code == 6);
      CHECK(contains(result.err, "stopping"));
      CHECK(contains(result.out, "interrupted"));
      CHECK_FALSE(std::filesystem::exists(junit));  // without results it would pass for a success
      CHECK(is_empty());
    }
  }

  TEST_CASE("a report that cannot be written is told before anything is tried") {
    const ScratchFolder folder;
    const Finished result = checked("", {"--junit", (folder / "missing/report.xml").string()});
    CHECK(result.code == 1);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "missing/report.xml: cannot write"));
  }

  TEST_CASE("a plugin that is not there is a missing file") {
    const Finished result = hourglass_command({"plugin-check", "missing.so"});
    CHECK(result.code == 3);
    CHECK(contains(result.err, "missing.so: there is no such file; name the plugin's .so"));
  }
}
