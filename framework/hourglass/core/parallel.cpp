#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>

#include <malloc.h>
#include <omp.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>

namespace hourglass {

namespace {

/// The processors that this process was given, as they were before any thread was pinned.
const cpu_set_t& given_processors() {
  static const cpu_set_t given = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  return given;
}

}  // namespace

int processor_count() { return CPU_COUNT(&given_processors()); }
int thread_count() { return omp_get_max_threads(); }
int thread_index() { return omp_get_thread_num(); }

namespace {

bool placed_by_user() {
  for (const char* name : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

/// The processor that is number `n` of those in `set`, alone.
cpu_set_t nth_processor(const cpu_set_t& set, int n) {
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &set) && n-- == 0) CPU_SET(processor, &one);
  }
  return one;
}

/// Gives each thread of the team a processor of its own. Left to itself the system now and then
/// puts two of them on one for seconds, and a step takes as long as with one thread. A team
/// smaller than the machine must not crowd with others on the first processors: it stays free.
void place_team() {
  if (placed_by_user()) return;
  const cpu_set_t& given = given_processors();
  const bool pinned = thread_count() > 1 && thread_count() == processor_count();
#pragma omp parallel
  {
    const cpu_set_t place = pinned ? nth_processor(given, omp_get_thread_num()) : given;
    sched_setaffinity(0, sizeof place, &place);
  }
}

/// Leaves signals from outside to other threads. Generated code of oneDNN takes the stack pointer
/// for a register of its own: a handler must not run on such a thread's stack.
void refuse_signals() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
    sigdelset(&signals, fault);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

void start_threads(int threads) {
  // oneDNN takes and frees large buffers within a product. Left to itself, malloc would come to
  // keep them in its heap, which grows by one after the other for want of a hole of just that size.
  // Without AVX-512 products take many between half a MiB and one.
  mallopt(M_MMAP_THRESHOLD, isa() == Isa::V4 ? 4 << 20 : 512 << 10);
  flush_denormals();  // workers inherit the control word of the thread that creates them
  omp_set_dynamic(0);
  if (threads > 0) omp_set_num_threads(threads);
#pragma omp parallel
  {
    flush_denormals();
    if (omp_get_thread_num() > 0) refuse_signals();
  }
  place_team();
}

void use_any_processor() { sched_setaffinity(0, sizeof(cpu_set_t), &given_processors()); }

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
