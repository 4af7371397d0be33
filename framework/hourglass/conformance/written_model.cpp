#include <hourglass/conformance/written_model.hpp>

#include <numeric>

namespace hourglass {

WrittenModel::WrittenModel(Model& model, Purpose purpose, std::int64_t batch)
    : model_(model), purpose_(purpose) {
  const ModelSetup& setup = model.setup();
  ModelBuilder::Setting setting{purpose, batch, setup.seed, 1, setup.corruption};
  setting.steps_per_epoch = static_cast<double>(setup.steps_per_epoch);
  builder_ = std::make_unique<ModelBuilder>(graph_, model.variables(), setup.options.architecture,
                                            setup.data, setting);
  setup.options.variant->build(*builder_);
}

WrittenModel::Samples::Samples(Model& model, const DataSet& data, std::uint32_t first,
                               std::int64_t count)
    : indices(static_cast<std::size_t>(count)) {
  const Source& source = data.train();
  std::iota(indices.begin(), indices.end(), first);
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

void WrittenModel::feed(Program& program, const Samples& samples) const {
  if (program.needs("input")) program.feed("input", samples.values.data());
  if (program.needs(ModelBuilder::kLabels)) {
    program.feed(ModelBuilder::kLabels, samples.labels.data());
  }
}

RunState WrittenModel::state_of(const Samples& samples, std::int64_t count) const {
  RunState state{.seed = model_.setup().seed, .training = purpose_ == Purpose::Train};
  state.step = count;
  state.samples = samples.indices;
  return state;
}

}  // namespace hourglass
