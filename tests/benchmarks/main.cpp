// Steps of a workload through the runtime that trains experiments, data loading included; one line
// a measurement. `hourglass-bench --help` tells its arguments.

#include "workloads.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/loader.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr const char* kUsage =
    "usage: hourglass-bench WORKLOAD [BATCH] [--profile]\n\n"
    "Measures steps of a workload: W1 to W7, W3-ssim, W7-dense and W8 train, I1 infers.\n"
    "  BATCH       samples a step; default: the workload's own, for I1 both 1 and 1024\n"
    "  --profile   shows where a step's time goes, kernel by kernel\n"
    "  --help      shows this help\n"
    "OMP_NUM_THREADS: threads. PEAK_GFLOPS: the machine's peak, for flop_fraction.\n";

using namespace hourglass;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_gflops() {
  const char* peak = std::getenv("PEAK_GFLOPS");
  return peak == nullptr ? 0 : std::atof(peak);
}

/// Trains step after step as the trainer does: the loader's next batch, every training program.
class Stepper {
 public:
  Stepper(Model& model, const Source& source, const bench::Workload& work)
      : model_(model),
        loader_(source, {.batch = work.batch, .shuffle = false, .drop_last = true, .seed = 1}) {
    model.train(work.batch);
  }

  double step() {
    const auto start = Clock::now();
    const Batch& batch = loader_.next();
    waited_ += seconds_since(start);
    double first = 0;
    for (TrainProgram& each : model_.train(batch.size)) {
      each.program.feed("input", batch.samples);
      each.program.run({.seed = 1, .step = count_});
      if (&each == &model_.train(batch.size).front()) first = each.program.fetched(0)[0];
    }
    ++count_;
    return first;
  }

  void profile(std::vector<StepReport>& reports) {
    const Batch& batch = loader_.next();
    Program& program = model_.train(batch.size).front().program;
    program.feed("input", batch.samples);
    program.profile({.seed = 1, .step = count_++}, reports);
  }

  std::int64_t count() const { return count_; }
  double waited() const { return waited_; }

 private:
  Model& model_;
  Loader loader_;
  std::int64_t count_ = 0;
  double waited_ = 0;
};

void print_profile(Stepper& stepper, Model& model, const bench::Workload& work) {
  const int steps = work.window < 10 ? 20 : 200;
  std::vector<StepReport> reports = model.train(work.batch).front().program.steps();
  for (int i = 0; i < steps; ++i) stepper.profile(reports);
  double primitives = 0, own = 0, updates = 0, all = 0;
  for (const StepReport& report : reports) {
    const double us = report.seconds / steps * 1e6;
    const bool ours = report.implementation.starts_with("sweep") || report.implementation == "fold";
    (report.update ? updates : ours ? own : primitives) += us;
    all += us;
    std::printf("  %9.2f us  %-24s %-18s %s\n", us, report.operation.c_str(), report.scope.c_str(),
                report.implementation.c_str());
  }
  const double wait = stepper.waited() / static_cast<double>(stepper.count()) * 1e6;
  const double total = all + wait;
  std::printf(
      "profile workload=%s batch=%lld us_per_step=%.1f primitives=%.1f%% own_kernels=%.1f%% "
      "updates=%.1f%% loading=%.1f%%\n",
      work.name.c_str(), static_cast<long long>(work.batch), total, 100 * primitives / total,
      100 * own / total, 100 * updates / total, 100 * wait / total);
}

void train(const bench::Workload& work, bool profile) {
  const MemorySource source(bench::samples_of(work, work.samples), {},
                            std::make_shared<FittedScaling>());
  const auto model = bench::model_of(work);
  Stepper stepper(*model, source, work);
  double first = 0, last = 0;
  for (int i = 0; i < work.window / 2; ++i) {
    last = stepper.step();
    if (i == 0) first = last;
  }
  std::vector<double> times;
  for (int window = 0; window < 7; ++window) {
    const auto start = Clock::now();
    for (int i = 0; i < work.window; ++i) last = stepper.step();
    times.push_back(seconds_since(start) / work.window);
  }
  std::ranges::sort(times);
  const double median = times[times.size() / 2],
               flop = work.flop_per_sample * static_cast<double>(work.batch);
  const double peak = peak_gflops();
  std::printf(
      "workload=%s peer=own threads=%d batch=%lld samples_per_s=%.0f ms_per_step=%.3f "
      "ms_min=%.3f ms_max=%.3f gflop_per_step=%.4f gflops=%.1f flop_fraction=%.3f "
      "steps=%lld first_loss=%.5f final_loss=%.5f\n",
      work.name.c_str(), thread_count(), static_cast<long long>(work.batch),
      static_cast<double>(work.batch) / median, median * 1e3, times.front() * 1e3,
      times.back() * 1e3, flop * 1e-9, flop / median * 1e-9,
      peak > 0 ? flop / median * 1e-9 / peak : 0, static_cast<long long>(stepper.count()),
      first * work.loss_scale, last * work.loss_scale);
  if (profile) print_profile(stepper, *model, work);
}

void infer(std::int64_t batch, bool profile) {
  const bench::Workload work = bench::workload("I1", batch);
  const Tensor images = bench::samples_of(work, batch);
  const auto model = bench::model_of(work);
  Program& program = model->program(Purpose::Reconstruct, batch);
  program.feed("input", images.floats().data());
  const int repeats = batch == 1 ? 500 : 20;
  const RunState state{.seed = 1, .training = false};
  for (int i = 0; i < repeats; ++i) program.run(state);
  std::vector<double> times;
  for (int window = 0; window < 9; ++window) {
    const auto start = Clock::now();
    for (int i = 0; i < repeats; ++i) program.run(state);
    times.push_back(seconds_since(start) / repeats);
  }
  std::ranges::sort(times);
  const double median = times[4], peak = peak_gflops();
  const double flop = work.flop_per_sample * static_cast<double>(batch);
  std::printf(
      "workload=I1 peer=own threads=%d batch=%lld samples_per_s=%.0f us_per_call=%.1f "
      "us_min=%.1f us_max=%.1f flop_fraction=%.3f\n",
      thread_count(), static_cast<long long>(batch), static_cast<double>(batch) / median,
      median * 1e6, times.front() * 1e6, times.back() * 1e6,
      peak > 0 ? flop / median * 1e-9 / peak : 0);
  if (profile) {
    std::vector<StepReport> reports = program.steps();
    for (int i = 0; i < 200; ++i) program.profile(state, reports);
    for (const StepReport& report : reports) {
      std::printf("  %9.2f us  %-24s %-18s %s\n", report.seconds / 200 * 1e6,
                  report.operation.c_str(), report.scope.c_str(), report.implementation.c_str());
    }
  }
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> arguments(words + 1, words + count);
  const bool profile = std::erase(arguments, "--profile") > 0;
  if (std::erase(arguments, "--help") + std::erase(arguments, "-h") > 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (arguments.empty() || arguments.size() > 2) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  start_threads();
  try {
    const std::int64_t batch = arguments.size() > 1 ? std::atoll(arguments[1].c_str()) : 0;
    if (batch < 0 || (arguments.size() > 1 && batch == 0)) {
      std::fprintf(stderr, "hourglass-bench: BATCH must be a number above 0\n");
      return 2;
    }
    if (arguments[0] != "I1") {
      train(bench::workload(arguments[0], batch), profile);
    } else if (batch > 0) {
      infer(batch, profile);
    } else {
      infer(1, profile);
      infer(1024, profile);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "hourglass-bench: %s\n", error.what());
    return dynamic_cast<const ConfigError*>(&error) != nullptr ? 2 : 1;
  }
  return 0;
}
