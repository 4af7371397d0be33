#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace {

constexpr std::int64_t kHalf = 4;
/// Of a number, what another batch size may change of it: other code may compute it.
constexpr double kRowRounding = 1e-4;

using Samples = WrittenModel::Samples;

Samples joined_samples(const Samples& first, const Samples& second) {
  Samples both = first;
  both.indices.insert(both.indices.end(), second.indices.begin(), second.indices.end());
  both.values.insert(both.values.end(), second.values.begin(), second.values.end());
  both.labels.insert(both.labels.end(), second.labels.begin(), second.labels.end());
  return both;
}

/// What a program that does not train gives for samples.
std::vector<float> result_of(Model& model, Purpose purpose, const Samples& samples,
                             std::int64_t count, std::size_t step = 0) {
  Program& program = model.program(purpose, std::ssize(samples.indices), step);
  if (program.needs("input")) program.feed("input", samples.values.data());
  if (program.needs(ModelBuilder::kLabels)) {
    program.feed(ModelBuilder::kLabels, samples.labels.data());
  }
  RunState state{.seed = model.setup().seed, .training = false};
  state.step = count;
  state.samples = samples.indices;
  program.run(state);
  const auto fetched = program.fetched(0);
  return {fetched.begin(), fetched.end()};
}

double largest(const std::vector<float>& values) {
  double most = 0;
  for (const float each : values) most = std::max(most, std::abs(double{each}));
  return most;
}

/// Whether codes or reconstructions of two halves are those of the whole.
std::string fault_of_rows(Model& model, Purpose purpose, const char* what, const Samples& a,
                          const Samples& b) {
  const std::vector<float> whole = result_of(model, purpose, joined_samples(a, b), 0);
  std::vector<float> halves = result_of(model, purpose, a, 0);
  const std::vector<float> second = result_of(model, purpose, b, 0);
  halves.insert(halves.end(), second.begin(), second.end());
  double difference = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    difference = std::max(difference, std::abs(double{whole[i]} - halves[i]));
  }
  if (difference <= kRowRounding * std::max(largest(whole), 1e-3)) return "";
  return text("the ", what, " of a sample changes by ", static_cast<float>(difference),
              " with the samples beside it: what statistics of the batch there are must be of "
              "training alone, and a state outside it\n");
}

/// What the objective of a train step is for samples, in training.
class Objective {
 public:
  Objective(Model& model, std::size_t step, Purpose purpose, std::int64_t count)
      : written_(model, purpose, 2 * kHalf),
        count_(count),
        program_(written_.graph(), {written_.step(step).objective()}, {}, model.arena()) {}

  double operator()(const Samples& a, const Samples& b) {
    // Random numbers go by the place in the batch and the number of the sample: these stay.
    const Samples both = joined_samples(a, b);
    Samples numbered = both;
    for (std::size_t i = 0; i < numbered.indices.size(); ++i) {
      numbered.indices[i] = static_cast<std::uint32_t>(i);
    }
    written_.feed(program_, numbered);
    program_.run(written_.state_of(numbered, count_));
    return program_.fetched(0)[0];
  }

 private:
  WrittenModel written_;
  std::int64_t count_;
  Program program_;
};

/// A mean over samples, each with a loss of its own, changes by as much when one half of them is
/// exchanged, whatever the other half is.
std::string fault_of_objective(Model& model, std::size_t step, Purpose purpose, std::int64_t count,
                               const std::vector<Samples>& samples) {
  Objective loss(model, step, purpose, count);
  const double ab = loss(samples[0], samples[1]), cb = loss(samples[2], samples[1]);
  const double ad = loss(samples[0], samples[3]), cd = loss(samples[2], samples[3]);
  const double coupling = std::abs(ab - cb - ad + cd);
  const double scale = std::max({std::abs(ab), std::abs(cb), std::abs(ad), std::abs(cd)});
  if (coupling <= 3e-6 * scale) return "";
  return text("the loss of train step \"", model.steps()[step].name, "\" is no mean over samples ",
              purpose == Purpose::Train ? "in training" : "outside training",
              ": what one half of a batch adds to it changes by ", static_cast<float>(coupling),
              " with the other half\n");
}

}  // namespace

Finding check_batches_can_be_split(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "batches");
  training.train_to(1);
  Model& model = training.model();
  std::vector<Samples> samples;
  for (std::uint32_t i = 0; i < 4; ++i) {
    samples.emplace_back(model, training.data(), i * kHalf, kHalf);
  }
  std::string faults =
      fault_of_rows(model, Purpose::Encode, "code", samples[0], samples[1]) +
      fault_of_rows(model, Purpose::Reconstruct, "reconstruction", samples[0], samples[1]);
  const WrittenModel written(model, Purpose::Train, 2 * kHalf);
  bool any_coupled = false;
  for (std::size_t i = 0; i < model.steps().size(); ++i) {
    const TrainStep& step = written.step(i);
    any_coupled = any_coupled || step.is_coupled();
    if (step.is_coupled()) continue;
    const std::int64_t count = training.state().counts[i];
    std::string fault = fault_of_objective(model, i, Purpose::Train, count, samples);
    if (fault.empty()) fault = fault_of_objective(model, i, Purpose::Evaluate, count, samples);
    if (!fault.empty()) {
      faults += fault + "where that is meant, say so: model.train_step(\"" + step.name() +
                "\").coupled()\n";
    }
  }
  if (!faults.empty()) return failed(faults);
  return passed(any_coupled ? "but for losses that are declared coupled" : "");
}

}  // namespace hourglass
