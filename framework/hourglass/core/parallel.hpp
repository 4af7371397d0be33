#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>

namespace hourglass {

/// Processors that the process may use.
HOURGLASS_API int processor_count();

/// Threads of the one team that our kernels and oneDNN share. The team never changes its size
/// while a process computes: GNU OpenMP would build it anew at every region.
HOURGLASS_API int thread_count();

/// The calling thread's number in the team, 0 outside a parallel region.
HOURGLASS_API int thread_index();

/// Sets the team's size, for the calling thread, and makes it flush denormal numbers (Adam's
/// moments decay into them, and they cost a hundred cycles each). Call once, before the first
/// parallel region, from the thread that computes. `threads` <= 0: one per available processor,
/// or OMP_NUM_THREADS. A team of as many threads as the process has processors is pinned, a
/// thread to a processor, unless OMP_PROC_BIND, OMP_PLACES or GOMP_CPU_AFFINITY is set.
/// The other threads of the team take no signals: generated code of oneDNN uses the stack pointer
/// as a register, so a handler in the calling thread must have a stack of its own (SA_ONSTACK).
HOURGLASS_API void start_threads(int threads = 0);

/// Lets the calling thread, which is none of the team, run on every processor that the process
/// has; a thread begins where the one that made it is pinned.
HOURGLASS_API void use_any_processor();

namespace detail {
using RangeFunction = void (*)(void* context, std::int64_t begin, std::int64_t end);
HOURGLASS_API void parallel_for(std::int64_t count, std::int64_t grain, RangeFunction function,
                                void* context);
}  // namespace detail

/// Runs `body(begin, end)` over [0, count), split into one contiguous range a thread. Ranges hold
/// at least `grain` elements: work smaller than that stays on the calling thread, since waking
/// the team costs about a microsecond. `body` must not throw, nor start a parallel region.
///
///     parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) { ... });
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  using Function = std::remove_reference_t<Body>;
  detail::parallel_for(
      count, grain,
      [](void* context, std::int64_t begin, std::int64_t end) {
        (*static_cast<Function*>(context))(begin, end);
      },
      const_cast<std::remove_const_t<Function>*>(std::addressof(body)));
}

}  // namespace hourglass
