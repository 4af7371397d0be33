#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/written_model.hpp>

#include <algorithm>
#include <map>

namespace hourglass {

Finding check_parameters_move(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "parameters");
  Model& model = training.model();
  std::map<const Variable*, Tensor> before;
  for (Variable* each : parameters_of(model)) before.emplace(each, each->read());
  std::vector<Variable*> trained;
  const WrittenModel written(model, Purpose::Train, training.batch());
  for (const auto& step : written.builder().train_steps()) {
    for (Variable* each : model.moved(step->prefixes())) trained.push_back(each);
  }
  training.train_to(2);
  std::string faults;
  for (Variable* each : parameters_of(model)) {
    if (std::ranges::find(trained, each) == trained.end()) {
      faults += text("no train step moves the parameter \"", each->path(), "\"\n");
    } else if (std::ranges::equal(before.at(each).floats(), each->read().floats())) {
      faults += text("the parameter \"", each->path(), "\" is as it was at the start after ",
                     training.state().step, " steps: no loss depends on it\n");
    }
  }
  if (faults.empty()) return passed();
  return failed(faults + "use it in a loss, name it in `moving`, or leave it out");
}

}  // namespace hourglass
