#include <cli/commands.hpp>
#include <cli/crash_report.hpp>
#include <cli/shipped_experiments.hpp>
#include <cli/terminal.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/cpu.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/versions.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <new>

namespace hourglass::cli {
namespace {

// The exit codes that scripts rely on; 6 is `run`'s own, for a run that was interrupted.
enum ExitCode {
  kDone = 0,
  kFailed = 1,
  kBadUsage = 2,
  kBadData = 3,
  kDiverged = 4,
  kBadPlugin = 5,
};

std::vector<Command> all_commands() {
  return {run_command(),      sweep_command(),   compare_command(),     check_command(),
          init_command(),     encode_command(),  reconstruct_command(), generate_command(),
          score_command(),    plugins_command(), new_plugin_command(),  plugin_check_command(),
          datasets_command(), info_command()};
}

/// How the first experiment to run is named from here.
std::string quickstart() {
  const auto file = shipped_experiment("quickstart.yaml");
  if (!file) return "experiments/quickstart.yaml";
  std::error_code error;
  const std::string from_here = std::filesystem::proximate(*file, error).string();
  return error || from_here.starts_with("..") ? file->string() : from_here;
}

std::string overview(const std::vector<Command>& commands) {
  std::string out =
      "usage: hourglass COMMAND [words and options]\n\n"
      "Trains autoencoders as experiment files say, and keeps what they learn.\n\nCommands:\n";
  for (const Command& command : commands) {
    out +=
        "  " + command.name + std::string(14 - command.name.size(), ' ') + command.summary + "\n";
  }
  return text(
      out,
      "\nhourglass COMMAND --help tells more; hourglass --version shows the version.\n"
      "Exit codes: 0 done, 2 usage or experiment file, 3 a file that is missing or damaged,\n"
      "4 training diverged, 5 plugin refused, 6 interrupted with its state saved, 1 all else.\n"
      "A second Ctrl-C ends the program at once; a shell shows that as 130.\n"
      "A first run: hourglass run ",
      quickstart(), "\n");
}

bool has(std::span<const std::string> tokens, std::string_view token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

/// `hourglass` without a command: help or version were asked for, or something is missing.
int without_command(const std::vector<Command>& commands, std::span<const std::string> tokens) {
  if (has(tokens, "--version")) {
    print(text("hourglass ", program_version(), "\n"));
    return kDone;
  }
  if (has(tokens, "--help") || has(tokens, "-h")) {
    print(overview(commands));
    return kDone;
  }
  if (tokens.empty()) {
    print_message(overview(commands));
    return kBadUsage;
  }
  const std::vector<std::string> valid = {"--help", "--version"};
  throw UsageError(text("hourglass: no command before or after \"", tokens.front(), "\"",
                        config::suggestion(tokens.front(), valid), "\nsee: hourglass --help"));
}

/// An option that no command has would make its value look like the command.
void check_options(const std::vector<Command>& commands, std::span<const std::string> tokens) {
  std::vector<std::string> valid = {"--help", "--version"};
  for (const Command& command : commands) {
    for (const Option& option : command.options) {
      const std::string name = "--" + option.name;
      if (!has(valid, name)) valid.push_back(name);
    }
  }
  for (const std::string& token : tokens) {
    const std::string name = token.substr(0, token.find('='));
    if (!name.starts_with("--") || has(valid, name)) continue;
    throw UsageError(text("hourglass: unknown option \"", harmless(name), "\"",
                          config::suggestion(name, valid), "\nsee: hourglass --help"));
  }
}

const Command& find_command(const std::vector<Command>& commands,
                            std::span<const std::string> tokens, std::size_t at) {
  const std::string& name = tokens[at];
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  check_options(commands, tokens.first(at));
  throw UsageError(text("hourglass: unknown command \"", harmless(name), "\"",
                        config::suggestion(name, names), "\nsee: hourglass --help"));
}

int dispatch(std::vector<std::string> tokens) {
  const std::vector<Command> commands = all_commands();
  const std::size_t at = command_position(commands, tokens);
  if (at == tokens.size()) return without_command(commands, tokens);
  const Command& command = find_command(commands, tokens, at);
  tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(at));

  const Arguments arguments = parse(command, tokens);
  if (arguments.help) {
    print(help_text(command, terminal_width(STDOUT_FILENO)));
    return kDone;
  }
  isa();  // a bad HOURGLASS_ISA is told before anything is done
  start_threads(command.team == nullptr ? arguments.threads : command.team(arguments));
  return command.run(arguments);
}

int fail(const std::exception& error, ExitCode code) {
  print_message(error.what());
  return code;
}

int guarded(std::vector<std::string> tokens) {
  try {
    const int code = dispatch(std::move(tokens));
    flush_output();
    return code;
  } catch (const ConfigError& error) {
    return fail(error, kBadUsage);
  } catch (const ShapeError& error) {  // layers that do not fit each other: the file's fault
    return fail(error, kBadUsage);
  } catch (const DataError& error) {
    return fail(error, kBadData);
  } catch (const DivergedError& error) {
    return fail(error, kDiverged);
  } catch (const PluginError& error) {
    return fail(error, kBadPlugin);
  } catch (const std::bad_alloc&) {
    print_message("hourglass: there is not enough memory");
    return kFailed;
  } catch (const std::exception& error) {
    return fail(error, kFailed);
  }
}

}  // namespace
}  // namespace hourglass::cli

namespace {

/// GNU OpenMP's threads wait for each other by spinning, for milliseconds unless told otherwise:
/// where other programs use the processors too, they spin away the time that the thread they wait
/// for would need, and training comes to a crawl. How long they spin can be told only before the
/// program is loaded, hence the second start.
void start_again_with_short_spins(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("GOMP_SPINCOUNT", "3000", 0);
  execv("/proc/self/exe", argv);  // returns only if that failed; then it runs as it is
}

}  // namespace

int main(int argc, char** argv) {
  start_again_with_short_spins(argv);
  hourglass::cli::report_crashes();
  return hourglass::cli::guarded(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
