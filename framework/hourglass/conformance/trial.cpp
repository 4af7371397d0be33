#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/conformance/trial.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/plugin/note.hpp>
#include <hourglass/train/batch_streams.hpp>
#include <hourglass/train/trainer.hpp>

#include <algorithm>

namespace hourglass {

namespace {

// The last batch of an epoch is smaller than the others. A smooth layer, so that gradients can be
// compared with differences.
constexpr const char* kExperiment =
    "name: plugin-check\n"
    "dataset: {name: glyphs, limit: 272}\n"
    "train: {epochs: 2, batch: 32, optimizer: {adam: {learning_rate: 1.0e-3}}}\n"
    "evaluate: []\n"
    "latents: {splits: []}\n";
constexpr const char* kLayers = "model: {encoder: [{dense: 24, activation: tanh}]}\n";

class Silent final : public TrainObserver {
 public:
  void warning(const std::string&) override {}
  void progress(const TrainProgress&) override {}
  void epoch_done(const TrainProgress&, const NamedNumbers&) override {}
};

}  // namespace

Trial::Trial(const TrialRequest& request)
    : request_(request),
      plugins_({request.file}, {}),
      surroundings_{plugins_, data_places(request.data_root)},
      variant_(&plugins_.variant(read_plugin_note(request.file).name)) {
  start_threads(request.threads);
}

ResolvedExperiment Trial::resolved(std::span<const std::string> overrides,
                                   config::Problems& problems) const {
  std::string written = text(kExperiment, "variant: ", variant_->name(), "\n");
  if (variant_->architecture().empty()) written += kLayers;
  config::Node root = config::parse_text(written, "plugin-check", problems);
  config::apply_overrides(root, overrides, problems);
  write_out_dataset(root);
  return resolve_experiment(root, surroundings_.vocabulary(), problems);
}

ResolvedExperiment Trial::experiment(std::span<const std::string> more) const {
  std::vector<std::string> overrides = request_.overrides;
  overrides.insert(overrides.end(), more.begin(), more.end());
  config::Problems problems;
  ResolvedExperiment experiment = resolved(overrides, problems);
  problems.throw_if_any();
  return experiment;
}

std::string Trial::faults_of_overrides() const {
  config::Problems with, without;
  resolved(request_.overrides, with);
  resolved({}, without);
  const std::vector<std::string> known = without.messages();
  config::Problems faults;
  for (const auto& [place, message] : with.all()) {
    if (std::ranges::find(known, message) == known.end()) faults.add(place, message);
  }
  return faults.to_text();
}

TrialTraining::TrialTraining(const Trial& trial, const std::string& folder,
                             std::span<const std::string> overrides, From from)
    : prepared_(prepare(trial.experiment(overrides), trial.surroundings())),
      folder_(trial.request().folder / folder) {
  const Experiment& experiment = prepared_.resolved.experiment;
  setup_.options = experiment.train;
  setup_.seed = static_cast<std::uint64_t>(experiment.seed);
  setup_.identity = {experiment.variant, trial.variant().version(),
                     config::emit(prepared_.resolved.node),
                     std::make_shared<DataForm>(prepared_.data)};
  compile_training(model(), data(), batch());
  if (from == From::Beginning) {
    model().initialise(data().train());
  } else {
    std::vector<std::string> notes;
    state_ = read_training(folder_.last(), model(), notes);
  }
}

void TrialTraining::train_to(int epochs) {
  Silent silent;
  setup_.options.epochs = epochs;
  const std::atomic<bool> stop = false;
  train(model(), data(), folder_, setup_, state_, silent, stop);
}

std::string TrialTraining::bytes() {
  std::string all;
  for (const auto& variable : model().variables().all()) {
    const Tensor value = variable->read();
    const auto floats = value.floats();
    all.append(reinterpret_cast<const char*>(floats.data()), floats.size_bytes());
  }
  return all;
}

std::vector<Variable*> parameters_of(Model& model) {
  std::vector<Variable*> parameters;
  for (const auto& variable : model.variables().all()) {
    if (variable->kind() == Variable::Kind::Parameter) parameters.push_back(variable.get());
  }
  return parameters;
}

}  // namespace hourglass
