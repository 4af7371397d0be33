#pragma once

#include <hourglass/core/parallel.hpp>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <support/places.hpp>
#include <support/scratch_folder.hpp>

/// What a program left behind when it ended.
struct Finished {
  int code = 0;  ///< exit code; the negative number of the signal that ended it
  std::string out;
  std::string err;
};

/// A program that runs beside the test, in a folder of its choice and a process group of its own.
/// Its output goes to files, so that it never waits for the test to read; it is killed with the
/// object.
///
///     ChildProcess child({HOURGLASS_PROGRAM, "run", "a.yaml"}, scratch.path());
///     child.signal(SIGINT);
///     CHECK(child.wait().code == 6);
class ChildProcess {
 public:
  /// `environment` is added to the test's own, from which variables of Hourglass are taken out.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& folder,
               const std::vector<std::string>& environment = {}) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, (output_ / "out").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, (output_ / "err").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    std::vector<std::string> variables = environment;
    variables.push_back("OMP_NUM_THREADS=1");  // tests run beside each other on few processors
    for (char** each = ::environ; *each != nullptr; ++each) {
      const std::string variable = *each;
      if (!variable.starts_with("HOURGLASS_")) variables.push_back(variable);
    }
    // Where the test's team of threads has pinned this one is no concern of the program's.
    cpu_set_t pinned;
    ::sched_getaffinity(0, sizeof pinned, &pinned);
    hourglass::use_any_processor();
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&pid_, command[0].c_str(), &actions, &attributes,
                                    pointers(command).data(), pointers(variables).data());
    ::sched_setaffinity(0, sizeof pinned, &pinned);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  ~ChildProcess() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t id() const { return pid_; }
  /// Whether it still runs.
  bool runs() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }
  void signal(int number) const { ::kill(pid_, number); }
  /// As a terminal does: to the program and all that it has started.
  void signal_group(int number) const { ::kill(-pid_, number); }

  /// Waits for the end. Throws after a minute.
  Finished wait() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it does not end");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    pid_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content("out"),
            content("err")};
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& each : texts) result.push_back(const_cast<char*>(each.c_str()));
    result.push_back(nullptr);
    return result;
  }
  std::string content(const char* name) const {
    std::ifstream file(output_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  ScratchFolder output_;
  pid_t pid_ = -1;
};
