#pragma once

#include <atomic>
#include <string_view>

namespace hourglass::cli {

/// The exit code of a command that a signal has stopped, with its state saved.
inline constexpr int kInterrupted = 6;

/// From here on SIGINT and SIGTERM do not end the program but set the flag that is returned, so
/// that a run can save its state first, or a command clear away what it has made. `line`, which
/// must outlive the program, is then written. A second SIGINT ends it at once.
std::atomic<bool>& stop_on_signals(
    std::string_view line = "stopping: the state is being saved; Ctrl-C ends at once");

}  // namespace hourglass::cli
