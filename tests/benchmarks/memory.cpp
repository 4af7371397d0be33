// hourglass-memory WORKLOAD BATCH: whether what a process grows by, from before a training is
// compiled to after some steps, is what was planned before the first, within a tenth; and whether
// the plan, scratch included, takes no more than 60 % of the sum of all values. A
// process of its own: anything else that computes would leave traces.

#include "workloads.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/resident.hpp>
#include <hourglass/data/loader.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace hourglass;

double mib(std::size_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

constexpr double kLargestShare = 0.6;

bool grows_as_planned(const bench::Workload& work) {
  const MemorySource source(bench::samples_of(work, work.samples), {},
                            std::make_shared<FittedScaling>());
  Loader loader(source, {.batch = work.batch, .drop_last = true, .seed = 1});
  loader.next();  // the data and their batches are no part of the plan

  const std::size_t before = resident_bytes();
  const auto model = bench::model_of(work);
  std::vector<TrainProgram>& programs = model->train(work.batch);
  const ModelMemory plan = model->memory();
  const int steps = std::min(work.window, 10);
  for (int step = 0; step < steps; ++step) {
    const Batch& batch = loader.next();
    for (TrainProgram& each : programs) {
      each.program.feed("input", batch.samples);
      if (!each.program.run({.seed = 1, .step = step})) return false;
    }
  }
  const double grown = mib(resident_bytes()) - mib(before), planned = mib(plan.total());
  const double error = grown / planned - 1;
  const double share =
      static_cast<double>(plan.largest.arena) / static_cast<double>(plan.largest.values);
  std::printf(
      "workload=%s batch=%lld grown_mib=%.2f planned_mib=%.2f error=%.1f%% variables=%.2f "
      "arena=%.2f values=%.2f scratch=%.2f share=%.1f%% constants=%.2f code=%.2f kernels=%.2f\n",
      work.name.c_str(), static_cast<long long>(work.batch), grown, planned, 100 * error,
      mib(plan.variables), mib(plan.arena), mib(plan.largest.values), mib(plan.largest.scratch),
      100 * share, mib(plan.constants), mib(plan.code), mib(plan.kernels));
  return std::abs(error) <= 0.1 && share <= kLargestShare;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: hourglass-memory WORKLOAD BATCH\n");
    return 2;
  }
  start_threads();
  try {
    return grows_as_planned(bench::workload(words[1], std::atoll(words[2]))) ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "hourglass-memory: %s\n", error.what());
    return 1;
  }
}
