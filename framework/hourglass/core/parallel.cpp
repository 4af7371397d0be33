#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>

#include <omp.h>

#include <algorithm>

namespace hourglass {

int thread_count() { return omp_get_max_threads(); }
int thread_index() { return omp_get_thread_num(); }

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
#pragma omp parallel
  {
    // The whole team takes part, some with nothing to do: its size must not change. The system
    // may grant fewer threads than were asked for (OMP_THREAD_LIMIT).
    const std::int64_t team = std::min<std::int64_t>(parts, omp_get_num_threads());
    const std::int64_t part = omp_get_thread_num();
    if (part < team) function(context, count * part / team, count * (part + 1) / team);
  }
}

}  // namespace detail
}  // namespace hourglass
