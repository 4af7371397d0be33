#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/terminal.hpp>
#include <hourglass/experiment/check.hpp>

namespace hourglass::cli {

namespace {

int run_check(const Arguments& arguments) {
  Environment environment(arguments);
  print(check_experiment(arguments.words[0], arguments.set, environment.surroundings()));
  return 0;
}

}  // namespace

Command check_command() {
  return {.name = "check",
          .words = "EXPERIMENT.yaml",
          .summary = "show every error of a file, or what it comes to: graph, parameters, memory",
          .details = "Nothing is trained and nothing is written.",
          .least_words = 1,
          .most_words = 1,
          .options = {set_option(), threads_option(), data_root_option(), plugin_option()},
          .run = run_check};
}

}  // namespace hourglass::cli
