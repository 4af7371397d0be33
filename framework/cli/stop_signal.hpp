#pragma once

#include <atomic>

namespace hourglass::cli {

/// The exit code of a command that a signal has stopped, with its state saved.
inline constexpr int kInterrupted = 6;

/// From here on SIGINT and SIGTERM do not end the program but set the flag that is returned, so
/// that a run can save its state first. A second SIGINT ends it at once.
std::atomic<bool>& stop_on_signals();

}  // namespace hourglass::cli
