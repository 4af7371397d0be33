#pragma once

#include <hourglass/core/api.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace hourglass {

/// How a function ended that was called in a process of its own.
struct ForkedEnding {
  /// It returned.
  bool returned = false;
  /// What it returned; of an exception, what it says.
  std::string message;
  bool threw = false;
  bool timed_out = false;  ///< and was killed
  bool stopped = false;    ///< was killed since the caller was told to stop
  int signal = 0;          ///< that ended the process; else 0
  int exit_code = 0;       ///< of a process that ended by itself before the function returned
};

/// Calls `function` in a forked process whose output goes nowhere, and waits for it, at most as
/// long as `limit`: what cannot be trusted not to crash, hang or exit. Where other threads run, it
/// may not need what they may hold (memory is safe), nor parallel regions once one ran in this
/// process. Once `stop` is set, the process is killed. Throws IoError when no process can be
/// started.
HOURGLASS_API ForkedEnding call_forked(const std::function<std::string()>& function,
                                       std::chrono::milliseconds limit,
                                       const std::atomic<bool>* stop = nullptr);

/// Where `function` did not return: in which way, as the end of a sentence that begins with what
/// was called, such as "ends the program with exit code 3".
HOURGLASS_API std::string way_of_ending(const ForkedEnding& ending,
                                        std::chrono::milliseconds limit);

}  // namespace hourglass
