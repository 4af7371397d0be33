#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/plugin/architecture.hpp>

namespace hourglass {

ModelSetup model_setup(const Experiment& experiment, const DataForm& form,
                       std::int64_t steps_per_epoch, const Surroundings& surroundings) {
  config::Problems problems;
  ModelSetup setup;
  setup.options = read_model_options(surroundings.plugins.variant(experiment.variant),
                                     experiment.model, problems);
  problems.throw_if_any();
  setup.data = {form.sample_shape, form.range(), form.classes,
                form.is_table(),   form.samples, form.binarise == Binarise::Dynamic};
  setup.seed = static_cast<std::uint64_t>(experiment.seed);
  setup.optimizer = experiment.train.optimizer;
  setup.clip = experiment.train.clip;
  setup.corruption = experiment.corruption;
  setup.frozen = experiment.freeze;
  setup.steps_per_epoch = steps_per_epoch;
  return setup;
}

}  // namespace hourglass
