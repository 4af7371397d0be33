#include <cli/stop_signal.hpp>

#include <signal.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

namespace hourglass::cli {

namespace {

std::atomic<bool> stop{false};
std::string_view told;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// Only what may be called within a signal handler.
void handle(int signal) {
  const int error = errno;
  if (stop.exchange(true) && signal == SIGINT) {
    ::signal(SIGINT, SIG_DFL);
    ::raise(SIGINT);
  }
  for (const std::string_view part : {std::string_view("\n"), told, std::string_view("\n")}) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, part.data(), part.size());
  }
  errno = error;
}

/// Where the handler runs: generated code of oneDNN takes the stack pointer for a register of its
/// own, so that what a signal puts "on the stack" would land in the midst of a matrix.
alignas(64) std::array<std::byte, 64 * 1024> handler_stack;

}  // namespace

std::atomic<bool>& stop_on_signals(std::string_view line) {
  told = line;
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return stop;
}

}  // namespace hourglass::cli
