#include <hourglass/conformance/written_model.hpp>

#include <algorithm>

namespace hourglass {

TrialSamples::TrialSamples(Model& model, const DataSet& data, std::int64_t first,
                           std::int64_t count) {
  const Source& source = data.train();
  for (std::int64_t i = 0; i < count; ++i) {
    indices.push_back(static_cast<std::uint32_t>((first + i) % source.size()));
  }
  values.resize(static_cast<std::size_t>(count * source.sample_shape().size()));
  source.read(indices, values.data());
  const auto classes = static_cast<std::size_t>(model.setup().data.classes);
  if (classes == 0 || !source.labels().has_classes()) return;
  const auto known = source.labels().classes.values<std::int64_t>();
  labels.resize(indices.size() * classes, 0.0f);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t each = known[indices[i]];
    if (each >= 0) labels[i * classes + static_cast<std::size_t>(each)] = 1;
  }
}

void feed(Program& program, const TrialSamples& samples) {
  if (program.needs("input")) program.feed("input", samples.values.data());
  if (program.needs(ModelBuilder::kLabels)) {
    program.feed(ModelBuilder::kLabels, samples.labels.data());
  }
}

Program& program_of_step(Model& model, std::size_t number, std::int64_t batch) {
  std::vector<TrainProgram>& programs = model.train(batch, model.steps()[number].stream);
  return std::ranges::find(programs, number, &TrainProgram::step)->program;
}

WrittenModel::WrittenModel(Model& model, Purpose purpose, std::int64_t batch, std::size_t step)
    : model_(model), purpose_(purpose) {
  const ModelSetup& setup = model.setup();
  ModelBuilder::Setting setting{purpose, batch, setup.seed, 1, setup.corruption};
  setting.steps_per_epoch =
      static_cast<double>(setup.steps_per_epoch) / static_cast<double>(model.steps()[step].every);
  builder_ = std::make_unique<ModelBuilder>(graph_, model.variables(), setup.options.architecture,
                                            setup.data, setting);
  setup.options.variant->build(*builder_);
}

RunState WrittenModel::state_of(const TrialSamples& samples, std::int64_t count) const {
  RunState state{.seed = model_.setup().seed, .training = purpose_ == Purpose::Train};
  state.step = count;
  state.samples = samples.indices;
  return state;
}

}  // namespace hourglass
