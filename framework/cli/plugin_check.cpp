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
#include <filesystem>
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

/// A line a check: its name once it begins, the rest when it has ended.
class CheckDisplay final : public PluginCheckObserver {
 public:
  void begins(const std::string& name) override {
    now_ = name;
    char head[40];
    std::snprintf(head, sizeof head, "  %-16s", name.c_str());
    print(head);
    flush_output();
  }

  void made(const PluginCheckResult& result) override {
    ++made_;
    failures_ += result.status == CheckStatus::Failed;
    char verdict[40];
    std::snprintf(verdict, sizeof verdict, "%-8s%6.1f s  ", word_for(result.status),
                  result.seconds);
    print(text(verdict, result.meaning, "\n"));
    if (result.status != CheckStatus::Skipped || result.seconds > 0) show(result.text);
    flush_output();
  }

  int failures() const { return failures_; }
  /// Where a check is under way.
  std::string interrupted() const {
    const std::string where = now_.empty() ? "" : " in " + now_;
    return text("\n\ninterrupted", where, "; ", made_, " checks were made, ", failures_,
                " failed\n");
  }
  std::string summary() const {
    return failures_ == 0 ? "\nall is as it should be\n"
                          : text("\n", failures_, " of ", made_, " checks failed\n");
  }

 private:
  static void show(const std::string& findings) {
    const auto width = static_cast<std::size_t>(std::max(terminal_width(STDOUT_FILENO), 40));
    std::istringstream lines(findings);
    for (std::string line; std::getline(lines, line);) {
      for (const std::string& part : wrapped(line, width - 6)) {
        print(text("      ", harmless(part, width), "\n"));
      }
    }
  }

  std::string now_;
  int made_ = 0;
  int failures_ = 0;
};

int run_plugin_check(const Arguments& arguments) {
  const PluginCheckRequest request{arguments.words[0], data_root(arguments.data_root),
                                   arguments.set};
  const auto write_junit = [&](const std::vector<PluginCheckResult>& results) {
    if (arguments.junit.empty()) return;
    write_file_atomically(arguments.junit, junit_report(request.file, results));
  };
  const std::atomic<bool>& stop = stop_on_signals("stopping; Ctrl-C ends at once");
  // Where a report cannot be written, it is told before anything is tried; one without results
  // would pass for a success.
  write_junit({});
  std::error_code error;
  if (!arguments.junit.empty()) std::filesystem::remove(arguments.junit, error);
  print(text(harmless(arguments.words[0]), "\n\n"));
  CheckDisplay display;
  const std::vector<PluginCheckResult> results = check_plugin(request, display, stop);
  if (stop) {
    print(display.interrupted());
    return kInterrupted;
  }
  write_junit(results);
  print(display.summary());
  constexpr int kBadPlugin = 5;
  return display.failures() == 0 ? 0 : kBadPlugin;
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
          "--set dataset.name=table.csv --set model.latent=4. Each check has five\n"
          "minutes. The exit code is 5 where a check fails, 6 where they were interrupted.",
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
