#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <malloc.h>

#include <algorithm>

namespace hourglass {

namespace {

constexpr int kWarmUp = 20, kSteps = 200;
constexpr int kModels = 4;
/// What the system takes at least for a block, in bytes.
constexpr std::size_t kLeastBlock = 16;
/// What libraries keep for themselves of a model, in bytes.
constexpr std::size_t kSlack = 16 * 1024;

/// Bytes that are taken and not given back.
std::size_t taken() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Whether what is taken can be seen: not where another allocator stands in for the system's.
bool can_be_seen() {
  const std::size_t before = taken();
  const Tensor block(Shape{1000});
  return taken() > before;
}

/// Runs every train step so often on one batch.
void run_steps(TrialTraining& training, int times) {
  Model& model = training.model();
  const std::int64_t batch = training.batch();
  const TrialSamples samples(model, training.data(), 0, batch);
  for (std::size_t number = 0; number < model.steps().size(); ++number) {
    Program& program = program_of_step(model, number, batch);
    feed(program, samples);
    for (int i = 0; i < times; ++i) {
      RunState state{.seed = model.setup().seed, .step = i};
      state.samples = samples.indices;
      program.run(state);
    }
  }
}

/// What a step leaves behind, in bytes, as the mean of many.
std::size_t bytes_of_step(TrialTraining& training) {
  const std::size_t before = taken();
  run_steps(training, kSteps);
  const std::size_t after = taken();
  return after > before ? (after - before) / kSteps : 0;
}

void make_model(const Trial& trial) {
  TrialTraining training(trial, "leaks-models");
  run_steps(training, 2);
}

}  // namespace

Finding check_leaks(const TrialRequest& request) {
  if (!can_be_seen()) return skipped("another allocator keeps what is taken to itself");
  const Trial trial(request);
  std::string faults;
  {
    TrialTraining training(trial, "leaks-steps");
    run_steps(training, kWarmUp);
    // Twice, since something may be made once on the way.
    const std::size_t once = bytes_of_step(training), again = bytes_of_step(training);
    if (std::min(once, again) >= kLeastBlock) {
      faults += text("a step leaves ", std::min(once, again),
                     " bytes behind; run of a kernel must allocate nothing\n");
    }
  }
  for (int i = 0; i < kModels; ++i) make_model(trial);
  const std::size_t before = taken();
  for (int i = 0; i < kModels; ++i) make_model(trial);
  const std::size_t after = taken();
  if (after > before + kSlack * kModels) {
    faults += text("a model leaves ", (after - before) / kModels,
                   " bytes behind; what build and lower make must be owned by somebody\n");
  }
  return faults.empty() ? passed() : failed(faults);
}

}  // namespace hourglass
