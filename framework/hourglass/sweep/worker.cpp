#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/experiment/run.hpp>
#include <hourglass/sweep/worker.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>
#include <sstream>
#include <thread>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

std::atomic<bool>* asked_to_stop = nullptr;  // of this process, once it is a worker

/// A terminal's Ctrl-C reaches the sweep and all its workers, and then the sweep asks them as well:
/// however often it is asked, a worker saves its state. (At once it ends with the sweep.)
void take_signals(std::atomic<bool>& stop) {
  asked_to_stop = &stop;
  struct sigaction action {};
  action.sa_handler = [](int) { *asked_to_stop = true; };
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// How a process ends, told by its exit code. Where it dies without one, the signal tells.
enum Ending { kCompleted = 0, kFailed = 1, kDiverged = 4, kInterrupted = 6 };

std::string in_one_line(std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return message;
}

/// What a run tells within its process: words to its log, numbers to the pipe.
class Teller final : public RunObserver {
 public:
  Teller(int pipe, std::int64_t until, std::atomic<bool>& stop)
      : pipe_(pipe), until_(until), stop_(stop) {}

  void note(const std::string& line) override { std::fprintf(stdout, "%s\n", line.c_str()); }
  void warning(const std::string& line) override { note("warning: " + line); }
  void progress(const TrainProgress& progress) override {
    tell(text("progress ", progress.epoch, " ", progress.epochs, " ", progress.step, " ",
              progress.steps, " ", progress.loss));
  }
  void epoch_done(const TrainProgress& progress, const NamedNumbers&) override {
    if (progress.epoch >= until_) stop_ = true;
  }
  void failed(const std::string& message) {
    note(message);
    tell("message " + in_one_line(message));
  }

 private:
  void tell(const std::string& line) const {
    const std::string whole = line + "\n";
    [[maybe_unused]] const auto written = ::write(pipe_, whole.data(), whole.size());
  }

  int pipe_;
  std::int64_t until_;
  std::atomic<bool>& stop_;
};

/// Of a sweep that was killed a moment ago, a process may still be dying.
void wait_for_predecessor(const fs::path& folder) {
  for (int i = 0; i < 100 && is_in_use(folder); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// What a run by hand is refused for; a sweep has the file written anew.
void remove_damaged_result(const fs::path& result, Teller& teller) {
  std::error_code error;
  if (!fs::exists(result, error)) return;
  try {
    read_written_yaml(result);
  } catch (const DataError& damage) {
    teller.warning(text(damage.what(), "; it is written anew"));
    fs::remove(result, error);
  }
}

int run_here(const WorkerTask& task, const Surroundings& surroundings, int pipe,
             std::atomic<bool>& stop) {
  const bool pauses = task.until < task.run.epochs();
  Teller teller(pipe, pauses ? task.until : INT64_MAX, stop);
  if (pauses && task.done >= task.until) stop = true;  // only its end is missing
  try {
    wait_for_predecessor(task.folder);
    remove_damaged_result(task.folder / "result.yaml", teller);
    start_threads(task.threads);
    const RunOutcome outcome =
        run_experiment(task.run.resolved, task.folder, true, surroundings, teller, stop);
    return outcome.status == RunStatus::Interrupted ? kInterrupted : kCompleted;
  } catch (const DivergedError& error) {
    teller.failed(error.what());
    return kDiverged;
  } catch (const std::bad_alloc&) {
    teller.failed("there is not enough memory");
  } catch (const std::exception& error) {
    teller.failed(error.what());
  }
  return kFailed;
}

/// Standard output and error to the run's log; without one, to nowhere.
void write_to_log(const fs::path& folder) {
  int log = ::open((folder / "log.txt").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (log < 0) log = ::open("/dev/null", O_WRONLY);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const int none = ::open("/dev/null", O_RDONLY);
  ::dup2(none, STDIN_FILENO);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
}

int count_of_threads() {
  int count = 0;
  std::error_code error;
  for ([[maybe_unused]] const auto& each : fs::directory_iterator("/proc/self/task", error))
    ++count;
  return count;
}

}  // namespace

Worker::Worker(const WorkerTask& task, const Surroundings& surroundings, std::atomic<bool>& stop) {
  if (count_of_threads() > 1) throw Error("a process with several threads cannot start runs");
  std::error_code error;
  fs::create_directories(task.folder, error);
  if (error) {
    throw IoError(text(task.folder.string(), ": cannot make the folder: ", error.message()));
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw IoError(text("cannot make a pipe: ", std::strerror(errno)));
  }
  std::fflush(nullptr);  // or both processes would write what is still in the buffers
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw IoError(text("cannot start a process: ", std::strerror(reason)));
  }
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kFailed);  // it died before that took hold
    take_signals(stop);
    ::close(ends[0]);
    if (task.begin) task.begin();
    write_to_log(task.folder);
    const int code = run_here(task, surroundings, ends[1], stop);
    std::fflush(nullptr);
    ::_exit(code);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
  ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

Worker::~Worker() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(pipe_);
}

void Worker::stop() const {
  if (process_ > 0) ::kill(process_, SIGTERM);
}

bool Worker::read() {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(pipe_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;  // nothing more for now
    if (count == 0) break;
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
    for (std::size_t end = unread_.find('\n'); end != unread_.npos; end = unread_.find('\n')) {
      take(unread_.substr(0, end));
      unread_.erase(0, end + 1);
    }
  }
  finish();
  return true;
}

void Worker::take(const std::string& line) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "progress") {
    TrainProgress progress;
    words >> progress.epoch >> progress.epochs >> progress.step >> progress.steps >> progress.loss;
    progress_ = progress;
  } else if (kind == "message") {
    message_ = line.substr(kind.size() + 1);
  }
}

void Worker::finish() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    status_ = SweepStatus::Failed;
    message_ = text("its process was ended by signal ", signal, " (", ::strsignal(signal), ")");
    return;
  }
  switch (WEXITSTATUS(status)) {
    case kCompleted: status_ = SweepStatus::Completed; break;
    case kDiverged: status_ = SweepStatus::Diverged; break;
    case kInterrupted: status_ = SweepStatus::Interrupted; break;
    default: status_ = SweepStatus::Failed;
  }
}

}  // namespace hourglass
