#include <cli/crash_report.hpp>

#include <signal.h>
#include <unistd.h>
#include <array>
#include <cstddef>
#include <string_view>

namespace hourglass::cli {

namespace {

// Only what may be called within a signal handler.
void handle(int signal) {
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

// Where the handler runs, since a crash may be for want of stack.
alignas(64) std::array<std::byte, 64 * 1024> crash_stack;

}  // namespace

void report_crashes() {
#if !defined(__SANITIZE_ADDRESS__)  // which reports them itself, with the place
  stack_t stack{};
  stack.ss_sp = crash_stack.data();
  stack.ss_size = crash_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  for (const int each : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    ::sigaction(each, &action, nullptr);
  }
#endif
}

}  // namespace hourglass::cli
