#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/progress.hpp>
#include <cli/run_summary.hpp>
#include <cli/shipped_experiments.hpp>
#include <cli/stop_signal.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>

namespace hourglass::cli {

namespace {

RunOutcome train(const RunRequest& request, const Arguments& arguments) {
  const std::atomic<bool>& stop = stop_on_signals();
  Environment environment(arguments);
  Progress progress(arguments.quiet);
  return run_experiment(request, environment.surroundings(), progress, stop);
}

/// The command that goes on with an interrupted run.
std::string resuming(const Arguments& arguments, const RunOutcome& outcome) {
  std::string out = "hourglass run " + shell_word(arguments.words[0]);
  for (const std::string& each : arguments.set) out += " --set " + shell_word(each);
  out += " --output " + shell_word(outcome.folder.string());
  if (arguments.threads > 0) out += text(" --threads ", arguments.threads);
  return out + same_places(arguments) + " --resume";
}

int run(const Arguments& arguments) {
  expect_experiment(arguments.words[0]);
  RunRequest request{.experiment = arguments.words[0],
                     .overrides = arguments.set,
                     .output = std::nullopt,
                     .resume = arguments.resume};
  if (!arguments.output.empty()) request.output = arguments.output;
  const RunOutcome outcome = train(request, arguments);
  if (outcome.status == RunStatus::Interrupted) {
    print_message("interrupted; the state is saved. To go on: " + resuming(arguments, outcome));
    return kInterrupted;
  }
  print(run_summary(outcome.folder));
  return 0;
}

}  // namespace

Command run_command() {
  return {
      .name = "run",
      .words = "EXPERIMENT.yaml",
      .summary = "train an experiment, measure it, and keep everything in a folder",
      .details =
          "A run that is there already is refused, unless --resume says to go on with "
          "it.\nCtrl-C finishes the step, saves the state and ends with exit code 6; a second "
          "one\nends the program at once (130 in a shell).",
      .least_words = 1,
      .most_words = 1,
      .options = {set_option(),
                  {"output", "DIR", "the run's folder; default: runs/<name>-<seed>",
                   &Arguments::output},
                  {"resume", "", "go on where the run in the folder stopped", &Arguments::resume},
                  threads_option(),
                  data_root_option(),
                  plugin_option(),
                  {"quiet", "", "no progress: warnings and the result only", &Arguments::quiet}},
      .run = run};
}

}  // namespace hourglass::cli
