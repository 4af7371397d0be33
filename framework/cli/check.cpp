#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/shipped_experiments.hpp>
#include <cli/stop_signal.hpp>
#include <cli/terminal.hpp>
#include <hourglass/experiment/check.hpp>
#include <hourglass/sweep/check_sweep.hpp>
#include <hourglass/sweep/sweep_file.hpp>

namespace hourglass::cli {

namespace {

int check_many(const Arguments& arguments) {
  if (!arguments.set.empty()) {
    throw UsageError(
        "hourglass check: a sweep has its own `set`; --set is for one experiment\n"
        "see: hourglass check --help");
  }
  std::atomic<bool>& stop = stop_on_signals();
  Environment environment(arguments);
  print(check_sweep(arguments.words[0], environment.surroundings(), stop));
  return 0;
}

int run_check(const Arguments& arguments) {
  expect_experiment(arguments.words[0]);
  if (is_sweep_file(arguments.words[0])) return check_many(arguments);
  Environment environment(arguments);
  print(check_experiment(arguments.words[0], arguments.set, environment.surroundings()));
  return 0;
}

}  // namespace

Command check_command() {
  return {.name = "check",
          .words = "EXPERIMENT.yaml|SWEEP.yaml",
          .summary = "show every error of a file, or what it comes to: graph, parameters, memory",
          .details =
              "Nothing is kept. Of a sweep: its points, and about how long they take and how much\n"
              "memory, from a moment's training of a few of them.",
          .least_words = 1,
          .most_words = 1,
          .options = {set_option(), threads_option(), data_root_option(), plugin_option()},
          // Processes part from one that has a single thread.
          .team =
              [](const Arguments& arguments) {
                return is_sweep_file(arguments.words[0]) ? 1 : arguments.threads;
              },
          .run = run_check};
}

}  // namespace hourglass::cli
