#include <cli/crash_report.hpp>
#include <cli/signal_handler.hpp>

#include <signal.h>
#include <unistd.h>
#include <string_view>

namespace hourglass::cli {

namespace {

// Only what may be called within a signal handler.
void report(int signal) {
  const auto write = [](std::string_view part) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, part.data(), part.size());
  };
  const char* name = ::sigabbrev_np(signal);
  write("\nhourglass has crashed");
  if (name != nullptr) {
    write(" (SIG");
    write(name);
    write(")");
  }
  write(
      ". Where a variant of your own takes part, hourglass plugin-check tells in what it crashes, "
      "and gdb --args hourglass ... at which place\n");
  ::raise(signal);  // by now with its ordinary effect
}

}  // namespace

void report_crashes() {
#if !defined(__SANITIZE_ADDRESS__)  // which reports them itself, with the place
  handle_on_own_stack({SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}, report,
                      SA_RESETHAND | SA_NODEFER);
#endif
}

}  // namespace hourglass::cli
