#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <malloc.h>

#include <memory>

namespace hourglass {

namespace {

constexpr int kWarmUp = 20, kSteps = 200;
constexpr int kModels = 4;
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
  const std::unique_ptr<char[]> block(new char[1000]);
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
    const std::size_t before = taken();
    run_steps(training, kSteps);
    const std::size_t after = taken();
    if (after > before + kSteps * sizeof(float)) {
      faults += text("a step leaves ", (after - before) / kSteps,
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
