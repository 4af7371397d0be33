#include <cli/sweep_progress.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::cli;

namespace {

SweepProgress some_progress() {
  SweepProgress progress;
  progress.runs = 12;
  progress.completed = 4;
  progress.failed = 1;
  progress.running = {{"model.latent=8, seed 2", 3, 5, 81.25}, {"model.latent=8, seed 3", 0, 5, 0}};
  progress.seconds = 65;
  progress.seconds_left = 41;
  progress.metric = "validation/loss";
  progress.best = 78.214;
  progress.best_label = "model.latent=4";
  return progress;
}

}  // namespace

TEST_SUITE("cli/sweep_progress") {
  TEST_CASE("the table says what is done, what runs and what is best so far") {
    CHECK(sweep_table(some_progress(), 100) ==
          std::vector<std::string>{"completed 4/12  running 2  failed 1  1:05  0:41 left",
                                   "  model.latent=8, seed 2  epoch 3/5  loss 81.25",
                                   "  model.latent=8, seed 3  begins",
                                   "best validation/loss so far 78.21: model.latent=4"});
    CHECK(some_progress().waiting() == 5);
  }

  TEST_CASE("lines of the table are cut where a narrow terminal ends") {
    for (const std::string& line : sweep_table(some_progress(), 20)) CHECK(line.size() < 20);
  }

  TEST_CASE("of many running ones the first sixteen are shown") {
    SweepProgress progress = some_progress();
    progress.running.assign(40, progress.running[0]);
    CHECK(sweep_table(progress, 100).size() == 18);
  }

  TEST_CASE("a run that has ended is a line with what it came to, or why not") {
    EndedRun run{.label = "variant=vae, seed 2",
                 .status = SweepStatus::Completed,
                 .message = "",
                 .value = 78.214,
                 .seconds = 12};
    CHECK(ended_line(run, some_progress()) ==
          "5/12 completed: variant=vae, seed 2  validation/loss 78.21  0:12");
    run.status = SweepStatus::Failed;
    run.value.reset();
    run.message = "there is not enough memory";
    CHECK(ended_line(run, some_progress()) ==
          "5/12 failed: variant=vae, seed 2: there is not enough memory; after 0:12");
  }
}
