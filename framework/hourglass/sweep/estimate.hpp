#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/sweep/plan.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace hourglass {

/// What a run was seen to need.
struct HOURGLASS_API RunCost {
  double seconds = 0;            ///< of all its epochs, without the measures at the end
  std::uint64_t memory = 0;      ///< bytes that its process has
  std::uint64_t of_its_own = 0;  ///< those that it shares with no other
  std::string fault;             ///< why it cannot be run; empty where it can
};

/// Trains a run for a moment, in a process of its own and a folder that is removed again.
HOURGLASS_API RunCost try_run(const SweepRun& run, int threads, const Surroundings& surroundings,
                              std::atomic<bool>& stop);

}  // namespace hourglass
