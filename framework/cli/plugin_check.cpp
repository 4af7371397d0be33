#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/stop_signal.hpp>
#include <cli/terminal.hpp>
#include <hourglass/conformance/plugin_check.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/storage/atomic_file.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace hourglass::cli {

namespace {

const char* word_for(CheckStatus status) {
  switch (status) {
    case CheckStatus::Passed: return "passed";
    case CheckStatus::Failed: return "FAILED";
    case CheckStatus::Skipped: break;
  }
  return "skipped";
}

void show_check(const PluginCheckResult& result) {
  char line[80];
  std::snprintf(line, sizeof line, "  %-16s%-8s%6.1f s  ", result.name.c_str(),
                word_for(result.status), result.seconds);
  print(text(line, result.meaning, "\n"));
  if (result.text.empty() || (result.status == CheckStatus::Skipped && result.seconds == 0)) return;
  const auto width = static_cast<std::size_t>(std::max(terminal_width(STDOUT_FILENO), 40));
  std::istringstream lines(result.text);
  for (std::string line; std::getline(lines, line);) {
    for (const std::string& part : wrapped(line, width - 6)) {
      print(text("      ", harmless(part, width), "\n"));
    }
  }
}

int run_plugin_check(const Arguments& arguments) {
  const PluginCheckRequest request{arguments.words[0], data_root(arguments.data_root),
                                   arguments.set};
  const auto write_junit = [&](const std::vector<PluginCheckResult>& results) {
    if (arguments.junit.empty()) return;
    write_file_atomically(arguments.junit, junit_report(request.file, results));
  };
  const std::atomic<bool>& stop = stop_on_signals("stopping; Ctrl-C ends at once");
  write_junit({});  // where that cannot be, before anything is tried
  print(text(harmless(arguments.words[0]), "\n\n"));
  const std::vector<PluginCheckResult> results =
      check_plugin(request, stop, [](const auto& result) {
        show_check(result);
        flush_output();
      });
  if (stop) return kInterrupted;
  write_junit(results);
  const auto failures =
      std::ranges::count(results, CheckStatus::Failed, &PluginCheckResult::status);
  print(failures == 0 ? text("\nall is as it should be\n")
                      : text("\n", failures, " of ", results.size(), " checks failed\n"));
  constexpr int kBadPlugin = 5;
  return failures == 0 ? 0 : kBadPlugin;
}

}  // namespace

Command plugin_check_command() {
  return {
      .name = "plugin-check",
      .words = "FILE.so",
      .summary = "try a plugin: what must hold of every variant, each in a process of its own",
      .details =
          "The variant is trained on digits that Hourglass draws, for moments. --set changes the\n"
          "experiment that it is tried in, where it needs other data or options of its own:\n"
          "--set dataset.name=table.csv --set model.latent=4. The exit code is 5 where a check\n"
          "fails.",
      .least_words = 1,
      .most_words = 1,
      .options = {set_option(),
                  {"junit", "FILE.xml", "write the results for continuous integration too",
                   &Arguments::junit},
                  data_root_option()},
      .team = [](const Arguments&) { return 1; },  // the processes that it starts have others
      .run = run_plugin_check};
}

}  // namespace hourglass::cli
