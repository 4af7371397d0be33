#include <cli/stop_signal.hpp>

#include <signal.h>
#include <unistd.h>
#include <cerrno>
#include <string_view>

namespace hourglass::cli {

namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// Only what may be called within a signal handler.
void handle(int signal) {
  const int error = errno;
  if (stop.exchange(true) && signal == SIGINT) {
    ::signal(SIGINT, SIG_DFL);
    ::raise(SIGINT);
  }
  constexpr std::string_view line = "\nstopping: the state is being saved; Ctrl-C ends at once\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  errno = error;
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return stop;
}

}  // namespace hourglass::cli
