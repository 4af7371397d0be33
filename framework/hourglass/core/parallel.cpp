#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>

#include <omp.h>

#include <algorithm>

namespace hourglass {

int thread_count() { return omp_get_max_threads(); }

void start_threads(int threads) {
  flush_denormals();  // workers inherit the control word of the thread that creates them
  omp_set_dynamic(0);
  if (threads > 0) omp_set_num_threads(threads);
#pragma omp parallel
  flush_denormals();
}

namespace detail {

void parallel_for(std::int64_t count, std::int64_t grain, RangeFunction function, void* context) {
  if (count <= 0) return;
  const std::int64_t threads = thread_count();
  const std::int64_t parts =
      std::clamp<std::int64_t>(count / std::max<std::int64_t>(grain, 1), 1, threads);
  if (parts == 1) return function(context, 0, count);
    // The whole team takes part, some with nothing to do: its size must not change.
#pragma omp parallel
  {
    const std::int64_t part = omp_get_thread_num();
    if (part < parts) function(context, count * part / parts, count * (part + 1) / parts);
  }
}

}  // namespace detail
}  // namespace hourglass
