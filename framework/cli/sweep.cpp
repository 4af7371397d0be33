#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/shipped_experiments.hpp>
#include <cli/stop_signal.hpp>
#include <cli/sweep_progress.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/sweep/run_sweep.hpp>

namespace hourglass::cli {

namespace {

constexpr int kSomeFailed = 1;

/// The command that does what is missing.
std::string again(const Arguments& arguments, const SweepOutcome& outcome) {
  std::string out = "hourglass sweep " + shell_word(arguments.words[0]);
  if (arguments.jobs != kNoNumber) out += text(" --jobs ", arguments.jobs);
  return out + " --output " + shell_word(outcome.folder.string()) + same_places(arguments);
}

std::string summary(const SweepOutcome& outcome) {
  const SweepProgress& end = outcome.end;
  std::string out = text(end.completed, " of ", end.runs, " runs are complete");
  if (end.stopped > 0) out += text(", ", end.stopped, " were ended early");
  if (end.failed > 0) out += text(", ", end.failed, " failed or diverged");
  out += text("; ", clock_text(end.seconds), "\n");
  for (const EndedRun& each : outcome.failures) {
    out += text("  ", name_of(each.status), ": ", harmless(each.label), ": ",
                harmless(each.message, 1000), "\n");
  }
  if (end.best) {
    out += text("best ", outcome.metric, ": ", short_number(*end.best), ", ",
                harmless(end.best_label), "\n");
  }
  return out + text("to compare: hourglass compare ", shell_word(outcome.folder.string()), "\n");
}

SweepOutcome sweep(const Arguments& arguments) {
  expect_experiment(arguments.words[0]);
  SweepRequest request{.file = arguments.words[0], .output = {}, .jobs = {}};
  if (!arguments.output.empty()) request.output = arguments.output;
  if (arguments.jobs != kNoNumber) request.jobs = arguments.jobs;
  std::atomic<bool>& stop = stop_on_signals();
  Environment environment(arguments);
  SweepDisplay display(arguments.quiet);
  return run_sweep(request, environment.surroundings(), display, stop);
}

int run_many(const Arguments& arguments) {
  if (arguments.jobs != kNoNumber && arguments.jobs < 1) {
    throw UsageError(text("hourglass sweep: --jobs must be >= 1, got ", arguments.jobs,
                          "\nsee: hourglass sweep --help"));
  }
  const SweepOutcome outcome = sweep(arguments);
  if (outcome.interrupted) {
    print_message("interrupted; every run's state is saved. To go on: " +
                  again(arguments, outcome));
    return kInterrupted;
  }
  print(summary(outcome));
  return outcome.failures.empty() ? 0 : kSomeFailed;
}

}  // namespace

Command sweep_command() {
  return {
      .name = "sweep",
      .words = "SWEEP.yaml",
      .summary = "run the many experiments of one file, on all processors",
      .details =
          "Running it again finishes what is missing: what is complete stays, what was\n"
          "interrupted goes on, what failed is tried once more. Exit code 1 where a run failed\n"
          "or diverged; the others are complete all the same.\n"
          "Ctrl-C saves the state of every run and ends with exit code 6.",
      .least_words = 1,
      .most_words = 1,
      .options = {{"jobs", "N",
                   "runs at a time; default: one a processor, where there are as many runs. The "
                   "processors are shared among them",
                   &Arguments::jobs},
                  {"output", "DIR", "the sweep's folder; default: runs/<name>", &Arguments::output},
                  data_root_option(),
                  plugin_option(),
                  {"quiet", "", "no progress: warnings and the result only", &Arguments::quiet}},
      .team = [](const Arguments&) { return 1; },
      .run = run_many};
}

}  // namespace hourglass::cli
