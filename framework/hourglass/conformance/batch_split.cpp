#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace {

constexpr std::int64_t kHalf = 4;
/// Of a number, what another batch size may change of it: other code may compute it.
constexpr double kRowRounding = 1e-4;

TrialSamples joined_samples(const TrialSamples& first, const TrialSamples& second) {
  TrialSamples both = first;
  both.indices.insert(both.indices.end(), second.indices.begin(), second.indices.end());
  both.values.insert(both.values.end(), second.values.begin(), second.values.end());
  both.labels.insert(both.labels.end(), second.labels.begin(), second.labels.end());
  return both;
}

/// What a program that does not train gives for samples.
std::vector<float> result_of(Model& model, Purpose purpose, const TrialSamples& samples,
                             std::int64_t count, std::size_t step = 0) {
  Program& program = model.program(purpose, std::ssize(samples.indices), step);
  feed(program, samples);
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

/// Whether the variant chooses among elements for that purpose, as topk does: rounding may then tip
/// a choice of a sample.
bool chooses(Model& model, Purpose purpose) {
  const auto graph = model.graph(purpose, kHalf);
  return std::ranges::any_of(graph->nodes(),
                             [](const GraphNode& node) { return node.operation->chooses(); });
}

/// Whether codes or reconstructions of two halves are those of the whole.
std::string fault_of_rows(Model& model, Purpose purpose, const char* what, const TrialSamples& a,
                          const TrialSamples& b) {
  const std::vector<float> whole = result_of(model, purpose, joined_samples(a, b), 0);
  std::vector<float> halves = result_of(model, purpose, a, 0);
  const std::vector<float> second = result_of(model, purpose, b, 0);
  halves.insert(halves.end(), second.begin(), second.end());
  if (!std::ranges::all_of(whole, [](float each) { return std::isfinite(each); })) {
    return text("the ", what, " of a sample is not finite\n");
  }
  const double allowed = kRowRounding * std::max(largest(whole), 1e-3);
  const std::size_t row = whole.size() / (2 * kHalf);
  double difference = 0;
  int rows = 0;
  for (std::size_t begin = 0; begin < whole.size(); begin += row) {
    double of_row = 0;
    for (std::size_t i = begin; i < begin + row; ++i) {
      of_row = std::max(of_row, std::abs(double{whole[i]} - halves[i]));
    }
    rows += of_row > allowed ? 1 : 0;
    difference = std::max(difference, of_row);
  }
  if (rows == 0 || (rows == 1 && chooses(model, purpose))) return "";
  return text("the ", what, " of a sample changes by ", static_cast<float>(difference),
              " with the samples beside it: what statistics of the batch there are must be of "
              "training alone, and a state outside it\n");
}

/// What the objective of a train step is for samples, in training.
class Objective {
 public:
  Objective(Model& model, std::size_t step, Purpose purpose, std::int64_t count)
      : written_(model, purpose, 2 * kHalf, step),
        count_(count),
        program_(written_.graph(), {written_.step(step).objective()}, {}, model.arena()) {}

  double operator()(const TrialSamples& a, const TrialSamples& b) {
    // Random numbers go by the place in the batch and the number of the sample: these stay.
    TrialSamples numbered = joined_samples(a, b);
    for (std::size_t i = 0; i < numbered.indices.size(); ++i) {
      numbered.indices[i] = static_cast<std::uint32_t>(i);
    }
    feed(program_, numbered);
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
                               const std::vector<TrialSamples>& samples) {
  Objective loss(model, step, purpose, count);
  const double ab = loss(samples[0], samples[1]), cb = loss(samples[2], samples[1]);
  const double ad = loss(samples[0], samples[3]), cd = loss(samples[2], samples[3]);
  const double coupling = std::abs(ab - cb - ad + cd);
  const double size = std::max({std::abs(ab), std::abs(cb), std::abs(ad), std::abs(cd)});
  // Terms that cancel leave a small loss with the rounding of large ones: then it changes much.
  const double change = std::max(std::abs(ab - cb), std::abs(ab - ad));
  if (coupling <= std::max(3e-6 * size, 1e-4 * change)) return "";
  return text("the loss of train step \"", model.steps()[step].name, "\" is no mean over samples ",
              purpose == Purpose::Train ? "in training" : "outside training",
              ": what one half of a batch adds to it changes by ", static_cast<float>(coupling),
              " with the other half\n");
}

/// The objective of a whole batch is the mean of those of its halves.
std::string fault_of_mean(Model& model, std::size_t step, std::int64_t count, const TrialSamples& a,
                          const TrialSamples& b) {
  const auto objective = [&](const TrialSamples& samples) {
    return double{result_of(model, Purpose::Evaluate, samples, count, step)[0]};
  };
  const double whole = objective(joined_samples(a, b));
  const double halves = (objective(a) + objective(b)) / 2;
  if (std::abs(whole - halves) <=
      kRowRounding * std::max({std::abs(whole), std::abs(halves), 1e-3})) {
    return "";
  }
  return text("the loss of train step \"", model.steps()[step].name, "\" is ",
              static_cast<float>(whole), " for a batch and ", static_cast<float>(halves),
              " as the mean of its halves: give `minimise` one number a sample, of which it takes "
              "the mean\n");
}

}  // namespace

Finding check_batches_can_be_split(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "batches");
  training.train_to(1);
  Model& model = training.model();
  std::vector<TrialSamples> samples;
  for (std::int64_t i = 0; i < 4; ++i) {
    samples.emplace_back(model, training.data(), i * kHalf, kHalf);
  }
  std::string faults =
      fault_of_rows(model, Purpose::Encode, "code", samples[0], samples[1]) +
      fault_of_rows(model, Purpose::Reconstruct, "reconstruction", samples[0], samples[1]);
  const WrittenModel written(model, Purpose::Train, 2 * kHalf);
  // Layers that normalise by the batch couple every loss in training, and are not the variant's.
  const bool normalises = !written.builder().state_moves().empty();
  std::string remark = normalises ? "in training, layers normalise by the batch" : "";
  for (std::size_t i = 0; i < model.steps().size(); ++i) {
    const TrainStep& step = written.step(i);
    if (step.is_coupled()) {
      remark = "but for losses that are declared coupled";
      continue;
    }
    const std::int64_t count = training.state().counts[i];
    std::string fault;
    if (!normalises) fault = fault_of_objective(model, i, Purpose::Train, count, samples);
    if (fault.empty()) fault = fault_of_objective(model, i, Purpose::Evaluate, count, samples);
    if (fault.empty()) fault = fault_of_mean(model, i, count, samples[0], samples[1]);
    if (fault.empty()) continue;
    faults += text(fault, "where statistics of the batch are meant, say so: model.train_step(\"",
                   step.name(), "\").coupled()\n");
  }
  return faults.empty() ? passed(remark) : failed(faults);
}

}  // namespace hourglass
