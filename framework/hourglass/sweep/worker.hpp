#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/sweep/plan.hpp>
#include <hourglass/sweep/sweep_folder.hpp>
#include <hourglass/train/trainer.hpp>

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace hourglass {

/// What a process of a sweep is to do.
struct WorkerTask {
  const SweepRun& run;
  std::filesystem::path folder;
  int threads = 1;
  /// It ends after this epoch, its state saved, as if it had been interrupted.
  std::int64_t until = 0;
  /// The epochs that it has behind it.
  std::int64_t done = 0;
  /// Called in the new process before anything else; may be empty.
  std::function<void()> begin = {};
};

/// A run in a process of its own: a crash or a lack of memory is its own, and its folder is as that
/// of any run. The process is forked, and shares with all others what had been read before
/// (DataCache); so whoever makes one must have a single thread, and never have had more, since
/// OpenMP's threads do not survive a fork. It dies when its parent does. What it says goes to
/// `log.txt` in its folder; how far it is comes through a pipe.
class Worker {
 public:
  /// Starts the process. `stop` is what SIGINT and SIGTERM set in it. Throws IoError.
  Worker(const WorkerTask& task, const Surroundings& surroundings, std::atomic<bool>& stop);
  /// Kills it, if it runs.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Becomes readable when there is something to read, and when the process has ended.
  int descriptor() const { return pipe_; }
  pid_t process() const { return process_; }
  /// Reads what it has told. Returns whether it has ended.
  bool read();
  /// How far it is, as it has told last.
  const TrainProgress& progress() const { return progress_; }
  /// Asks it to save its state and end.
  void stop() const;

  /// Once it has ended: what came of it. Failed has a message.
  SweepStatus status() const { return status_; }
  const std::string& message() const { return message_; }

 private:
  void take(const std::string& line);
  void finish();

  pid_t process_ = -1;
  int pipe_ = -1;
  std::string unread_;
  TrainProgress progress_;
  SweepStatus status_ = SweepStatus::Running;
  std::string message_;
};

}  // namespace hourglass
