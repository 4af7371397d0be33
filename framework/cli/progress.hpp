#pragma once

#include <hourglass/experiment/run.hpp>

#include <chrono>
#include <string>

namespace hourglass::cli {

/// The progress of a run on standard error: one line, drawn again and again, on a terminal; a line
/// an epoch elsewhere.
class Progress final : public RunObserver {
 public:
  /// `quiet`: warnings only.
  explicit Progress(bool quiet);
  /// Wipes the bar.
  ~Progress() override;

  void note(const std::string& line) override;
  void warning(const std::string& line) override;
  void progress(const TrainProgress& progress) override;
  void epoch_done(const TrainProgress& progress, const NamedNumbers& row) override;

 private:
  void wipe();
  void say(const std::string& line);

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_drawn_{};
};

/// The bar for a terminal of `width` columns; parts that do not fit are left out, the bar first.
std::string progress_line(const TrainProgress& progress, int width);

/// Shows how far fetching is: a line that is drawn again on a terminal, elsewhere one a file.
class FetchDisplay {
 public:
  FetchDisplay();
  void show(const std::string& name, std::uint64_t done, std::uint64_t bytes);
  /// The file is there; `what` says how it came.
  void finish(const std::string& name, const std::string& what);

 private:
  bool terminal_;
  std::chrono::steady_clock::time_point last_drawn_{};
};

}  // namespace hourglass::cli
