#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/conformance/written_model.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/graph/autodiff.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass {

namespace {

constexpr std::int64_t kFewSamples = 6;
/// How a parameter is moved: how far to either side, and in how many parts, at whose middles the
/// gradient is looked at. One way on which all agrees is enough.
struct Way {
  double length;
  int parts;
};
constexpr Way kWays[] = {{1e-1, 4}, {3e-2, 4}, {1e-1, 64}, {1e-2, 8}};
constexpr double kTolerance = 0.02;
/// Of a loss, what rounding may change of it.
constexpr double kLossRounding = 3e-7;
/// Of the largest gradient, what rounding may be of another.
constexpr double kGradientRounding = 1e-5;

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
/// points says little of the slope between them. What the gradient takes for constant is held where
/// it was at the start.
class LossCheck {
 public:
  /// `loss` is the train step's objective or one of its parts, called `name`.
  LossCheck(WrittenModel& written, const TrainStep& step, std::string name, Value loss,
            const TrialSamples& samples, std::int64_t count)
      : name_(std::move(name)),
        loss_(loss),
        seed_(written.model().setup().seed),
        moved_(written.model().moved(step.prefixes())),
        state_(written.state_of(samples, count)) {
    std::vector<HeldValue> held;
    const Value objective = hold_constants(loss, copy_, held);
    std::vector<Value> fetches = gradients(objective, leaves_of(copy_));
    fetches.insert(fetches.begin(), objective);
    Arena& arena = written.model().arena();
    program_ = std::make_unique<Program>(copy_, fetches, std::span<const Value>(), arena);
    feed(*program_, samples);
    now(written, held, samples);
  }

  /// What is wrong; nothing where all agrees.
  std::string fault() {
    std::string faults;
    for (std::size_t i = 0; i < moved_.size(); ++i) faults += fault_of(i);
    return faults;
  }

 private:
  std::vector<Value> leaves_of(Graph& graph) const {
    std::vector<Value> leaves;
    for (Variable* variable : moved_) leaves.push_back(graph.variable(*variable));
    return leaves;
  }

  /// Takes down what the variant's own graph gives before anything moves: the gradients, and what
  /// is held.
  void now(WrittenModel& written, const std::vector<HeldValue>& held, const TrialSamples& samples) {
    std::vector<Value> fetches = gradients(loss_, leaves_of(written.graph()));
    for (const HeldValue& each : held) fetches.push_back(each.original);
    Program program(written.graph(), fetches, std::span<const Value>(), written.model().arena());
    feed(program, samples);
    program.run(state_);
    for (std::size_t i = 0; i < fetches.size(); ++i) {
      const auto value = program.fetched(static_cast<int>(i));
      now_.emplace_back(value.begin(), value.end());
    }
    for (std::size_t i = 0; i < moved_.size(); ++i) {
      for (const float each : now_[i]) steepest_ = std::max(steepest_, std::abs(double{each}));
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      const float* value = now_[moved_.size() + i].data();
      if (program_->needs(held[i].input)) program_->feed(held[i].input, value);
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
    std::string fault = fault_of_start(number);
    for (const Direction& direction : directions_for(now_[number], seed_)) {
      if (!fault.empty()) break;
      fault = fault_along(number, start, direction);
    }
    moved_[number]->write(start);
    return fault;
  }

  /// The gradient of what is held is the variant's own.
  std::string fault_of_start(std::size_t number) {
    program_->run(state_);
    const auto copied = gradient(number);
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < copied.size(); ++i) {
      difference = std::max(difference, std::abs(double{copied[i]} - now_[number][i]));
      size = std::max(size, std::abs(double{copied[i]}));
    }
    // Where the true gradient is zero, as of a bias before a normalisation, there is only rounding.
    if (difference <= std::max(kTolerance * size, kGradientRounding * steepest_)) return "";
    return text(name_, ", parameter \"", moved_[number]->path(), "\": the gradient is off by ",
                static_cast<float>(difference), " of ", static_cast<float>(size), "\n");
  }

  std::string fault_along(std::size_t number, const Tensor& start, const Direction& direction) {
    double said = 0, measured = 0, least = std::numeric_limits<double>::infinity();
    for (const auto& [step, parts] : kWays) {
      const double above = loss_at(number, start, direction.along, step);
      const double below = loss_at(number, start, direction.along, -step);
      const double difference = (above - below) / (2 * step);
      double slope = 0, steepest = 0;
      for (int part = 0; part < parts; ++part) {
        const double at = step * ((2 * part + 1.0) / parts - 1);
        const double here = slope_at(number, start, direction.along, at);
        slope += here / parts;
        steepest = std::max(steepest, std::abs(here));
      }
      const double error = std::abs(difference - slope);
      const double rounding = kLossRounding * (std::abs(above) + std::abs(below)) / step;
      if (error <= kTolerance * std::max(std::abs(difference), steepest) + rounding) {
        return "";
      }
      if (error >= least) continue;
      least = error;
      said = slope;
      measured = difference;
    }
    return text(name_, ", parameter \"", moved_[number]->path(), "\", ", direction.name,
                ": the gradient says ", static_cast<float>(said), ", the loss itself changes by ",
                static_cast<float>(measured), "\n");
  }

  std::string name_;
  Value loss_;
  std::uint64_t seed_;
  std::vector<Variable*> moved_;
  RunState state_;
  Graph copy_;
  std::unique_ptr<Program> program_;
  std::vector<std::vector<float>> now_;  // the gradients, then what is held
  double steepest_ = 0;                  // the largest element of all gradients
};

/// What is wrong with the gradients of a part of the objective, in which it may have a small share.
/// What is only logged need not have any.
std::string fault_of_part(TrialTraining& training, std::size_t number, std::size_t part,
                          const TrialSamples& samples) {
  WrittenModel written(training.model(), Purpose::Train, kFewSamples, number);
  const TrainStep& step = written.step(number);
  const TrainStep::Part& of = step.parts()[part];
  const std::string name = text("train step \"", step.name(), "\", part \"", of.name, "\"");
  try {
    return LossCheck(written, step, name, of.value, samples, training.state().counts[number])
        .fault();
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

Finding check_gradients_agree(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "gradients");
  training.train_to(1);  // away from where biases are zero
  std::string faults;
  for (std::size_t i = 0; i < training.model().steps().size(); ++i) {
    WrittenModel written(training.model(), Purpose::Train, kFewSamples, i);
    const TrialSamples samples(training.model(), training.data(), 0, kFewSamples);
    const TrainStep& step = written.step(i);
    LossCheck check(written, step, text("train step \"", step.name(), "\""), step.objective(),
                    samples, training.state().counts[i]);
    faults += check.fault();
    for (std::size_t part = 0; part < step.parts().size() && faults.empty(); ++part) {
      faults += fault_of_part(training, i, part, samples);
    }
  }
  if (faults.empty()) return passed();
  return failed(
      faults +
      "look at the backward of your own operations between these parameters and the loss; "
      "an estimate that is meant to differ goes through stop_gradient");
}

}  // namespace hourglass
