#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/held_graph.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <algorithm>
#include <map>

namespace hourglass {

namespace {

/// Enough epochs for each train step to run twice.
int epochs_for(TrialTraining& training) {
  std::int64_t rarest = 1;
  for (const TrainStepTraits& step : training.model().steps()) {
    rarest = std::max(rarest, step.every);
  }
  const std::int64_t batch = training.batch();
  const std::int64_t steps = (training.data().train().size() + batch - 1) / batch;
  return static_cast<int>(std::max<std::int64_t>(2, (2 * rarest + steps - 1) / steps));
}

/// Whether a train step moves the parameter, and a gradient of its loss can reach it.
struct Use {
  bool moved = false;
  bool reached = false;
};
Use use_of(Model& model, const WrittenModel& written, Variable& parameter) {
  Use use;
  for (const auto& step : written.builder().train_steps()) {
    const std::vector<Variable*> moved = model.moved(step->prefixes());
    if (std::ranges::find(moved, &parameter) == moved.end()) continue;
    use.moved = true;
    use.reached = use.reached || gradient_reaches(step->objective(), parameter);
  }
  return use;
}

bool is_frozen(const Model& model, const Variable& parameter) {
  return std::ranges::any_of(model.setup().frozen, [&](const std::string& name) {
    return names_part(name, parameter.path());
  });
}

}  // namespace

Finding check_parameters_move(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "parameters");
  Model& model = training.model();
  std::map<const Variable*, Tensor> before;
  for (Variable* each : parameters_of(model)) before.emplace(each, each->read());
  training.train_to(epochs_for(training));
  const WrittenModel written(model, Purpose::Train, training.batch());
  std::string faults;
  for (Variable* each : parameters_of(model)) {
    if (is_frozen(model, *each)) continue;
    const Use use = use_of(model, written, *each);
    if (!use.moved) {
      faults += text("no train step moves the parameter \"", each->path(), "\"\n");
    } else if (!use.reached) {
      faults += text("no gradient reaches the parameter \"", each->path(), "\"\n");
    } else if (std::ranges::equal(before.at(each).floats(), each->read().floats())) {
      faults += text("the parameter \"", each->path(), "\" is as it was at the start after ",
                     training.state().step,
                     " steps: what depends on it weighs nothing there, which "
                     "--set can change\n");
    }
  }
  if (faults.empty()) return passed();
  return failed(faults + "use it in a loss, name it in `moving`, or leave it out");
}

}  // namespace hourglass
