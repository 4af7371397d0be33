#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/conformance/written_model.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/graph/autodiff.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass {

namespace {

constexpr std::int64_t kFewSamples = 6;
/// How far a parameter is moved: one length that agrees is enough.
constexpr double kStepSizes[] = {1e-1, 3e-2, 1e-2};
/// Of the way from one end to the other, at whose middles the gradient is looked at.
constexpr int kParts = 8;
constexpr double kTolerance = 0.02;
/// Of a loss, what rounding may change of it.
constexpr double kLossRounding = 3e-7;

/// A direction in which a parameter is moved, of length 1.
struct Direction {
  std::string name;
  std::vector<double> along;
};

double length(std::span<const double> vector) {
  return std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
}

/// The gradient's own, that of all elements alike, and single elements: the one with the largest
/// gradient, and some by chance.
std::vector<Direction> directions_for(std::span<const float> gradient, std::uint64_t seed) {
  const std::size_t size = gradient.size();
  std::vector<Direction> directions;
  std::vector<double> along(gradient.begin(), gradient.end());
  if (const double norm = length(along); norm > 0) {
    for (double& each : along) each /= norm;
    directions.push_back({"along its gradient", along});
  }
  directions.push_back(
      {"all elements alike", std::vector<double>(size, 1 / std::sqrt(static_cast<double>(size)))});
  RandomStream random(seed, "elements");
  const auto magnitude = [](float a, float b) { return std::abs(a) < std::abs(b); };
  std::vector<std::size_t> chosen = {static_cast<std::size_t>(
      std::max_element(gradient.begin(), gradient.end(), magnitude) - gradient.begin())};
  for (int i = 0; i < 3; ++i) chosen.push_back(random.below(static_cast<std::uint32_t>(size)));
  for (const std::size_t element : chosen) {
    std::vector<double> single(size, 0.0);
    single[element] = 1;
    directions.push_back({text("element ", element), std::move(single)});
  }
  return directions;
}

/// One loss of the variant beside its gradient. Along a straight way, the loss changes by the
/// integral of its slope: that holds across the kinks of a ReLU too, where a difference of two
/// points says little of the slope between them. What stands behind stop_gradient is held where it
/// was at the start.
class LossCheck {
 public:
  LossCheck(WrittenModel& written, const TrainStep& step, const WrittenModel::Samples& samples,
            std::int64_t count)
      : step_(step),
        seed_(written.model().setup().seed),
        moved_(written.model().moved(step.prefixes())),
        state_(written.state_of(samples, count)) {
    std::vector<HeldValue> held;
    const Value objective = hold_stopped_values(step.objective(), copy_, held);
    std::vector<Value> leaves;
    for (Variable* variable : moved_) leaves.push_back(copy_.variable(*variable));
    std::vector<Value> fetches = gradients(objective, leaves);
    fetches.insert(fetches.begin(), objective);
    Arena& arena = written.model().arena();
    program_ = std::make_unique<Program>(copy_, fetches, std::span<const Value>(), arena);
    written.feed(*program_, samples);
    if (!held.empty()) hold(written, held, samples);
  }

  /// What is wrong; nothing where all agrees.
  std::string fault() {
    std::string faults;
    for (std::size_t i = 0; i < moved_.size(); ++i) faults += fault_of(i);
    return faults;
  }

 private:
  /// Hands the program what stands behind stop_gradient now.
  void hold(WrittenModel& written, const std::vector<HeldValue>& held,
            const WrittenModel::Samples& samples) {
    std::vector<Value> originals;
    for (const HeldValue& each : held) originals.push_back(each.original);
    Program now(written.graph(), originals, std::span<const Value>(), written.model().arena());
    written.feed(now, samples);
    now.run(state_);
    for (std::size_t i = 0; i < held.size(); ++i) {
      const auto value = now.fetched(static_cast<int>(i));
      held_.emplace_back(value.begin(), value.end());
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (program_->needs(held[i].input)) program_->feed(held[i].input, held_[i].data());
    }
  }

  std::span<const float> gradient(std::size_t number) const {
    return program_->fetched(static_cast<int>(number) + 1);
  }

  /// Runs the loss and its gradients with one parameter moved.
  void run_at(std::size_t number, const Tensor& start, std::span<const double> along, double step) {
    Tensor moved = start.clone();
    for (std::size_t i = 0; i < along.size(); ++i) {
      moved.floats()[i] += static_cast<float>(along[i] * step);
    }
    moved_[number]->write(moved);
    program_->run(state_);
  }

  double loss_at(std::size_t number, const Tensor& start, std::span<const double> along,
                 double step) {
    run_at(number, start, along, step);
    return program_->fetched(0)[0];
  }

  double slope_at(std::size_t number, const Tensor& start, std::span<const double> along,
                  double step) {
    run_at(number, start, along, step);
    const auto slopes = gradient(number);
    return std::inner_product(slopes.begin(), slopes.end(), along.begin(), 0.0);
  }

  std::string fault_of(std::size_t number) {
    const Tensor start = moved_[number]->read();
    program_->run(state_);
    const auto now = gradient(number);
    const std::vector<float> slopes(now.begin(), now.end());
    std::string fault;
    for (const Direction& direction : directions_for(slopes, seed_)) {
      fault = fault_along(number, start, direction);
      if (!fault.empty()) break;
    }
    moved_[number]->write(start);
    return fault;
  }

  std::string fault_along(std::size_t number, const Tensor& start, const Direction& direction) {
    double said = 0, measured = 0, least = std::numeric_limits<double>::infinity();
    for (const double step : kStepSizes) {
      const double above = loss_at(number, start, direction.along, step);
      const double below = loss_at(number, start, direction.along, -step);
      const double difference = (above - below) / (2 * step);
      double slope = 0;
      for (int part = 0; part < kParts; ++part) {
        const double at = step * ((2 * part + 1.0) / kParts - 1);
        slope += slope_at(number, start, direction.along, at) / kParts;
      }
      const double error = std::abs(difference - slope);
      const double rounding = kLossRounding * (std::abs(above) + std::abs(below)) / step;
      if (error <= kTolerance * std::max(std::abs(difference), std::abs(slope)) + rounding) {
        return "";
      }
      if (error >= least) continue;
      least = error;
      said = slope;
      measured = difference;
    }
    return text("train step \"", step_.name(), "\", parameter \"", moved_[number]->path(), "\", ",
                direction.name, ": the gradient says ", static_cast<float>(said),
                ", the loss itself changes by ", static_cast<float>(measured), "\n");
  }

  const TrainStep& step_;
  std::uint64_t seed_;
  std::vector<Variable*> moved_;
  RunState state_;
  Graph copy_;
  std::unique_ptr<Program> program_;
  std::vector<std::vector<float>> held_;
};

}  // namespace

Finding check_gradients_agree(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "gradients");
  training.train_to(1);  // away from where biases are zero
  std::string faults;
  for (std::size_t i = 0; i < training.model().steps().size(); ++i) {
    WrittenModel written(training.model(), Purpose::Train, kFewSamples);
    const WrittenModel::Samples samples(training.model(), training.data(), 0, kFewSamples);
    LossCheck check(written, written.step(i), samples, training.state().counts[i]);
    faults += check.fault();
  }
  if (faults.empty()) return passed();
  return failed(faults +
                "check the backward of the operations that these parameters go through; what a "
                "gradient is to pass over stands behind stop_gradient");
}

}  // namespace hourglass
