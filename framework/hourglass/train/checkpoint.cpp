#include <hourglass/core/cpu.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>

namespace hourglass {

namespace {

constexpr const char* kFormat = "hourglass-checkpoint";
constexpr std::int64_t kFormatVersion = 1;

/// Where a variable stands in the file. Moments carry their group in their path.
std::string place_of(const Variable& variable) {
  if (variable.path().starts_with("optimizer/")) return variable.path();
  const bool parameter = variable.kind() == Variable::Kind::Parameter;
  return (parameter ? "parameters/" : "variables/") + variable.path();
}

template <class T>
Tensor vector_tensor(const std::vector<T>& values) {
  Tensor tensor({static_cast<std::int64_t>(values.size())}, dtype_of<T>());
  std::ranges::copy(values, tensor.values<T>().begin());
  return tensor;
}

template <class T>
std::vector<T> read_vector(const hdf5::Reader& file, const std::string& path) {
  const Tensor tensor = file.read(path);
  if (tensor.dtype() != dtype_of<T>() || tensor.shape().rank() != 1) {
    throw DataError(text(file.path().string(), ": dataset \"", path, "\" should be a list of ",
                         name_of(dtype_of<T>())));
  }
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

std::vector<std::int64_t> read_counts(const hdf5::Reader& file, const std::string& path) {
  std::vector<std::int64_t> counts = read_vector<std::int64_t>(file, path);
  if (std::ranges::any_of(counts, [](std::int64_t count) { return count < 0; })) {
    throw DataError(text(file.path().string(), ": its counts are negative"));
  }
  return counts;
}

/// The code that ran, and by how many threads.
std::string implementations(Model& model) {
  std::string out = text(name_of(isa()), ", ", thread_count(), " threads");
  for (const std::string& name : model.implementations()) out += ", " + name;
  return out;
}

Tensor read_f32(const hdf5::Reader& file, const std::string& path) {
  Tensor tensor = file.read(path);
  if (tensor.dtype() != DType::F32) {
    throw DataError(text(file.path().string(), ": dataset \"", path, "\" holds ",
                         name_of(tensor.dtype()), ", the model expects f32"));
  }
  return tensor;
}

Tensor read_like(const hdf5::Reader& file, const std::string& path, const Shape& shape) {
  if (!file.is_dataset(path)) {
    throw DataError(
        text(file.path().string(), ": has no dataset \"", path, "\", which the model needs"));
  }
  if (file.shape(path) != shape) {
    throw DataError(text(file.path().string(), ": dataset \"", path, "\" has shape ",
                         file.shape(path).to_text(), ", the model expects ", shape.to_text()));
  }
  return read_f32(file, path);
}

void check_format(const hdf5::Reader& file) {
  const std::string name = file.path().string();
  if (!file.has_attribute("", "format") || file.text_attribute("", "format") != kFormat) {
    throw DataError(
        text(name, ": is not a checkpoint (its attribute \"format\" is not \"", kFormat, "\")"));
  }
  const std::int64_t version = file.integer_attribute("", "format_version");
  if (version < 1 || version > kFormatVersion) {
    const std::string message =
        text(name, ": has format version ", version, ", this program reads 1 to ", kFormatVersion);
    if (version < 1) throw DataError(message);
    throw NewerCheckpoint(message + "; use a newer Hourglass");
  }
}

constexpr const char* kDataForm = "state/data";

bool is_moment(const Variable& variable) { return variable.path().starts_with("optimizer/"); }

}  // namespace

NewerCheckpoint::~NewerCheckpoint() = default;

void write_checkpoint(const std::filesystem::path& path, Model& model,
                      const CheckpointIdentity& identity, const TrainingState& state) {
  hdf5::Writer file(path);
  file.set_attribute("", "format", std::string(kFormat));
  file.set_attribute("", "format_version", kFormatVersion);
  file.set_attribute("", "variant", identity.variant);
  file.set_attribute("", "variant_version", identity.variant_version);
  file.set_attribute("", "experiment", identity.experiment);
  file.set_attribute("", "epoch", state.epoch);
  file.set_attribute("", "step", state.step);
  file.set_attribute("", "implementations", implementations(model));
  for (const char* group : {"parameters", "variables", "optimizer", "state"}) {
    file.create_group(group);
  }
  for (const auto& variable : model.variables().all()) {
    const std::string place = place_of(*variable);
    file.write(place, variable->read_for_file());
    file.set_attribute(place, "layout", variable->home().to_text());
  }
  file.set_attribute("state", "seed", static_cast<std::int64_t>(model.setup().seed));
  file.set_attribute("state", "steps_per_epoch", model.setup().steps_per_epoch);
  file.set_attribute("state", "batch", state.batch);
  file.set_attribute("state", "passed", state.passed);
  file.set_attribute("state", "samples", state.samples);
  file.set_attribute("state", "best", state.best);
  file.set_attribute("state", "best_epoch", state.best_epoch);
  file.set_attribute("state", "reference", state.reference);
  file.set_attribute("state", "stale", state.stale);
  file.write("state/counts", vector_tensor(state.counts));
  file.write("state/streams", vector_tensor(state.streams));
  file.write("state/sums", vector_tensor(state.sums));
  file.write("state/step_samples", vector_tensor(state.step_samples));
  if (identity.data != nullptr) write_data_form(file, kDataForm, *identity.data);
  file.commit();
}

CheckpointHeader read_checkpoint_header(const std::filesystem::path& path) {
  const hdf5::Reader file(path);
  check_format(file);
  std::shared_ptr<const DataForm> data;
  if (file.is_group(kDataForm)) {
    data = std::make_shared<DataForm>(read_data_form(file, kDataForm));
  }
  const bool says_steps = file.is_group("state") && file.has_attribute("state", "steps_per_epoch");
  return {{file.text_attribute("", "variant"), file.text_attribute("", "variant_version"),
           file.text_attribute("", "experiment"), std::move(data)},
          file.integer_attribute("", "epoch"),
          file.integer_attribute("", "step"),
          says_steps ? file.integer_attribute("state", "steps_per_epoch") : 0};
}

std::string version_difference(const CheckpointIdentity& then, std::string_view version) {
  if (then.variant_version == version) return {};
  return text("the checkpoint was written by version ", then.variant_version, " of the variant ",
              then.variant, ", and here is version ", version, ", which may compute another model");
}

void read_weights(const std::filesystem::path& path, Model& model) {
  const hdf5::Reader file(path);
  check_format(file);
  model.parameter_count();  // makes the parameters, if no graph has yet
  for (const auto& variable : model.variables().all()) {
    if (!is_moment(*variable)) {
      variable->write_from_file(read_like(file, place_of(*variable), variable->kept_shape()));
    }
  }
  model.set_counts(read_counts(file, "state/counts"));
}

void open_weights(const std::filesystem::path& path, Model& model) {
  const hdf5::Reader file(path);
  check_format(file);
  VariableStore& store = model.variables();
  for (const auto& [group, kind] : {std::pair("parameters", Variable::Kind::Parameter),
                                    std::pair("variables", Variable::Kind::State)}) {
    if (!file.is_group(group)) continue;
    for (const std::string& name : file.list(group)) {
      store.create(name, kind, read_f32(file, text(group, "/", name)));
    }
  }
  store.close();
  try {
    model.parameter_count();
  } catch (const Error& error) {
    throw DataError(text(path.string(), ": does not fit its own experiment: ", error.what()));
  }
  model.set_counts(read_counts(file, "state/counts"));
}

TrainingState read_training(const std::filesystem::path& path, Model& model,
                            std::vector<std::string>& notes) {
  const hdf5::Reader file(path);
  check_format(file);
  std::string moved;
  for (const auto& variable : model.variables().all()) {
    const std::string place = place_of(*variable);
    variable->write_from_file(read_like(file, place, variable->kept_shape()));
    if (moved.empty() && file.text_attribute(place, "layout") != variable->home().to_text()) {
      moved = variable->path();
    }
  }
  const std::string now = implementations(model);
  const std::string then = file.text_attribute("", "implementations");
  if (now != then) {
    notes.push_back(
        text("the checkpoint was written by other code, so results may differ in the "
             "last bits: it had ",
             then, "; here it is ", now));
  } else if (!moved.empty()) {
    notes.push_back(text("\"", moved,
                         "\" has another layout than when the checkpoint was written, "
                         "so results may differ in the last bits"));
  }
  TrainingState state;
  state.epoch = file.integer_attribute("", "epoch");
  state.step = file.integer_attribute("", "step");
  state.batch = file.integer_attribute("state", "batch");
  state.passed = file.integer_attribute("state", "passed");
  state.samples = file.integer_attribute("state", "samples");
  state.best = file.number_attribute("state", "best");
  state.best_epoch = file.integer_attribute("state", "best_epoch");
  state.reference = file.number_attribute("state", "reference");
  state.stale = file.integer_attribute("state", "stale");
  state.counts = read_counts(file, "state/counts");
  state.streams = read_counts(file, "state/streams");
  state.sums = read_vector<double>(file, "state/sums");
  state.step_samples = read_counts(file, "state/step_samples");
  if (state.epoch < 0 || state.step < 0 || state.batch < 0 || state.passed < 0 ||
      state.samples < 0) {
    throw DataError(text(path.string(), ": its counts are negative"));
  }
  if (state.streams.size() != kStreams) {
    throw DataError(text(path.string(), ": dataset \"state/streams\" should have ", kStreams,
                         " numbers, it has ", state.streams.size()));
  }
  model.set_counts(state.counts);
  return state;
}

void rename_experiment(const std::filesystem::path& path, Model& model,
                       const CheckpointIdentity& identity) {
  if (read_checkpoint_header(path).identity.experiment == identity.experiment) return;
  std::vector<std::string> notes;  // whoever goes on from the last checkpoint is told
  const TrainingState state = read_training(path, model, notes);
  write_checkpoint(path, model, identity, state);
}

int initialise_from(const std::filesystem::path& path, Model& model) {
  const hdf5::Reader file(path);
  check_format(file);
  model.parameter_count();
  int taken = 0;
  for (const auto& variable : model.variables().all()) {
    if (is_moment(*variable) || !file.is_dataset(place_of(*variable))) continue;
    variable->write_from_file(read_like(file, place_of(*variable), variable->kept_shape()));
    if (variable->kind() == Variable::Kind::Parameter) ++taken;
  }
  if (taken == 0) {
    throw DataError(text(path.string(), ": has no parameter that this model has; its variant is ",
                         file.text_attribute("", "variant")));
  }
  return taken;
}

}  // namespace hourglass
