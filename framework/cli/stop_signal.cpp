#include <cli/signal_handler.hpp>
#include <cli/stop_signal.hpp>

#include <signal.h>
#include <unistd.h>
#include <cerrno>
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

}  // namespace

std::atomic<bool>& stop_on_signals(std::string_view line) {
  told = line;
  handle_on_own_stack({SIGINT, SIGTERM}, handle, SA_RESTART);
  return stop;
}

}  // namespace hourglass::cli
