#pragma once

#include <hourglass/sweep/run_sweep.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace hourglass::cli {

/// The progress of a sweep on standard error: on a terminal a table, drawn again and again, of what
/// is done and what runs; elsewhere a line for each run that ends.
class SweepDisplay final : public SweepObserver {
 public:
  /// `quiet`: what failed only.
  explicit SweepDisplay(bool quiet);
  /// Wipes the table.
  ~SweepDisplay() override;

  void note(const std::string& line) override;
  void progress(const SweepProgress& progress) override;
  void run_ended(const EndedRun& run, const SweepProgress& progress) override;

 private:
  void wipe();
  void say(const std::string& line);

  bool quiet_;
  bool terminal_;
  int drawn_ = 0;  // lines
  std::chrono::steady_clock::time_point last_drawn_{};
};

/// The table for a terminal of `width` columns, a line each.
std::vector<std::string> sweep_table(const SweepProgress& progress, int width);

/// "5/12 completed: variant=vae, seed 2  78.21  0:12", with the value of the sweep's metric; or
/// "5/12 failed: variant=vae, seed 2: why; after 0:12".
std::string ended_line(const EndedRun& run, const SweepProgress& progress);

}  // namespace hourglass::cli
