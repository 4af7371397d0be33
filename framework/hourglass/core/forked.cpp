#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

namespace hourglass {

namespace {

using Clock = std::chrono::steady_clock;

// The first byte that the child tells once the function is through.
constexpr char kReturned = 'r', kThrew = 't';

void write_all(int file, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno != EINTR) return;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void call_here(const std::function<std::string()>& function, int pipe, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it has ended before that was set
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, file);
  std::string told;
  try {
    told = kReturned + function();
  } catch (const std::exception& error) {
    told = kThrew + std::string(error.what());
  } catch (...) {
    told = kThrew + std::string("something that is no std::exception");
  }
  write_all(pipe, told);
  ::_exit(0);  // nothing of the parent's is flushed or destroyed here
}

/// How often it is looked whether to stop.
constexpr std::chrono::milliseconds kLook(100);

bool is_set(const std::atomic<bool>* stop) { return stop != nullptr && *stop; }

// What is told until the pipe closes, the time is up or `stop` is set; whether it closed.
bool read_until(int pipe, Clock::time_point end, const std::atomic<bool>* stop, std::string& told) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0 || is_set(stop)) return false;
    pollfd file{pipe, POLLIN, 0};
    const auto wait = stop == nullptr ? left : std::min(left, kLook);
    const int ready = ::poll(&file, 1, static_cast<int>(wait.count()));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    char bytes[4096];
    const ssize_t count = ::read(pipe, bytes, sizeof bytes);
    if (count == 0) return true;
    if (count > 0) told.append(bytes, static_cast<std::size_t>(count));
  }
}

// Whether the child ended in time. One that has closed its pipe is about to, or has done it by
// itself and lives on.
bool wait_until(pid_t child, Clock::time_point end, const std::atomic<bool>* stop, int& status) {
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return true;
    if (ended < 0 && errno != EINTR) return true;  // somebody else has waited for it
    if (Clock::now() >= end || is_set(stop)) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

ForkedEnding call_forked(const std::function<std::string()>& function,
                         std::chrono::milliseconds limit, const std::atomic<bool>* stop) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) {
    throw IoError(text("cannot make a pipe: ", std::strerror(errno)));
  }
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    const int error = errno;
    ::close(pipe[0]);
    ::close(pipe[1]);
    throw IoError(text("cannot start a process: ", std::strerror(error)));
  }
  if (child == 0) call_here(function, pipe[1], parent);
  ::close(pipe[1]);
  const Clock::time_point end = Clock::now() + limit;
  std::string told;
  const bool closed = read_until(pipe[0], end, stop, told);
  ::close(pipe[0]);
  ForkedEnding ending;
  int status = 0;
  if (!closed || !wait_until(child, end, stop, status)) {
    (is_set(stop) ? ending.stopped : ending.timed_out) = true;
    ::kill(child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return ending;
  }
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
  if (told.empty()) return ending;
  ending.returned = told[0] == kReturned;
  ending.threw = told[0] == kThrew;
  ending.message = told.substr(1);
  return ending;
}

std::string way_of_ending(const ForkedEnding& ending, std::chrono::milliseconds limit) {
  if (ending.timed_out) {
    return text("does not come back within ", std::chrono::duration<double>(limit).count(),
                " seconds");
  }
  if (ending.signal != 0) return text("crashes: ", ::strsignal(ending.signal));
  return text("ends the program with exit code ", ending.exit_code);
}

}  // namespace hourglass
