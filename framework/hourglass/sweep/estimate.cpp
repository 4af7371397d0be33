#include <hourglass/core/error.hpp>
#include <hourglass/storage/temporary_folder.hpp>
#include <hourglass/sweep/estimate.hpp>
#include <hourglass/sweep/worker.hpp>

#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTraining = std::chrono::milliseconds(700);
constexpr auto kLongest = std::chrono::seconds(20);  // until it trains at all

/// Memory of a process as the system counts it.
void read_memory(pid_t process, RunCost& cost) {
  std::ifstream file(text("/proc/", process, "/smaps_rollup"));
  std::string name, unit;
  std::uint64_t kibibytes = 0, resident = 0, own = 0;
  std::string heading;
  std::getline(file, heading);
  while (file >> name >> kibibytes >> unit) {
    if (name == "Rss:") resident = kibibytes;
    if (name == "Private_Clean:" || name == "Private_Dirty:") own += kibibytes;
  }
  cost.memory = std::max(cost.memory, resident * 1024);
  cost.of_its_own = std::max(cost.of_its_own, own * 1024);
}

/// Epochs that a progress report says are done.
double epochs_done(const TrainProgress& progress) {
  if (progress.steps == 0) return 0;
  return static_cast<double>(progress.epoch - 1) +
         static_cast<double>(progress.step) / static_cast<double>(progress.steps);
}

}  // namespace

RunCost try_run(const SweepRun& run, int threads, const Surroundings& surroundings,
                std::atomic<bool>& stop) {
  RunCost cost;
  const TemporaryFolder folder("check");
  const WorkerTask task{
      .run = run, .folder = folder.path() / "run", .threads = threads, .until = run.epochs()};
  Worker worker(task, surroundings, stop);
  const auto start = Clock::now();
  Clock::time_point first, last;
  double from = 0, to = 0;
  while (!stop) {
    pollfd file{worker.descriptor(), POLLIN, 0};
    ::poll(&file, 1, 100);
    if (worker.read()) {
      if (worker.status() == SweepStatus::Failed) cost.fault = worker.message();
      break;
    }
    const double done = epochs_done(worker.progress());
    if (done > to) {
      last = Clock::now();
      to = done;
      if (from == 0) {
        first = last;
        from = done;
      }
      read_memory(worker.process(), cost);
    }
    if (from > 0 && Clock::now() - first > kTraining && to > from) break;
    if (Clock::now() - start > kLongest && from == 0) break;
  }
  const double whole = static_cast<double>(run.epochs());
  if (to > from) {
    cost.seconds = std::chrono::duration<double>(last - first).count() / (to - from) * whole;
  } else {
    cost.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return cost;
}

}  // namespace hourglass
