#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <limits>

namespace hourglass {

namespace {

/// What goes wrong where one number of a batch is none; nothing where it is met.
std::string fault_of_step(TrialTraining& training, std::size_t number) {
  Model& model = training.model();
  const TrainStepTraits& step = model.steps()[number];
  const std::int64_t batch = training.batch();
  WrittenModel written(model, Purpose::Train, batch, number);
  TrialSamples samples(model, training.data(), 0, batch);
  samples.values[samples.values.size() / 2] = std::numeric_limits<float>::quiet_NaN();
  const RunState state = written.state_of(samples, training.state().counts[number]);
  Program& program = program_of_step(model, number, batch);
  if (!program.needs("input")) return "";
  feed(program, samples);
  const std::string before = training.bytes();
  if (program.run(state)) {
    return text("train step \"", step.name, "\" goes on when a sample is not a number\n");
  }
  if (training.bytes() != before) {
    return text("train step \"", step.name, "\" moves parameters when a sample is not a number\n");
  }
  const std::string found =
      model.find_nonfinite(number, batch, samples.values.data(), state,
                           step.reads_labels ? samples.labels.data() : nullptr);
  if (found.find("input") != found.npos) return "";
  return text("train step \"", step.name, "\" does not name the input when a sample is not a ",
              "number, but says: ", found.empty() ? "nothing" : found, "\n");
}

}  // namespace

Finding check_bad_input(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "bad-input");
  training.train_to(1);
  std::string faults;
  for (std::size_t i = 0; i < training.model().steps().size(); ++i) {
    faults += fault_of_step(training, i);
  }
  return faults.empty() ? passed() : failed(faults);
}

}  // namespace hourglass
