#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>
#include <cstring>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

/// The checkpoint that a run's folder or a path means.
fs::path checkpoint_of(const fs::path& path, EvaluateWeights weights) {
  if (!fs::is_directory(path)) return path;
  const fs::path folder = path / "checkpoints";
  return folder / (weights == EvaluateWeights::Best ? "best.h5" : "last.h5");
}

Shape rows_of(std::int64_t count, const Shape& sample) {
  Shape shape{count};
  for (std::int64_t extent : sample) shape = shape.appended(extent);
  return shape;
}

/// Input files are no split of the training's data; counted randomness knows them by this number.
constexpr std::uint32_t kInputSplit = 3;

/// How the model's values lead back to the file's: file = model * scale + offset, with one number
/// for all features or one for each.
void write_scaling(hdf5::Writer& file, const std::string& name, const FittedScaling& scaling) {
  constexpr std::size_t kMostInAttribute = 4096;
  for (const auto& [label, values] :
       {std::pair("scale", &scaling.scale()), std::pair("offset", &scaling.offset())}) {
    if (values->size() == 1) {
      file.set_attribute(name, label, values->front());
    } else if (values->size() <= kMostInAttribute) {
      file.set_attribute(name, label, *values);
    } else {  // more than an attribute can hold
      Tensor tensor({static_cast<std::int64_t>(values->size())}, DType::F64);
      std::ranges::copy(*values, tensor.values<double>().begin());
      file.write(label, tensor);
    }
  }
}

}  // namespace

Trained open_trained(const fs::path& path, const Surroundings& surroundings) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw DataError(text(path.string(), ": there is no such run or checkpoint"));
  }
  const fs::path any = checkpoint_of(path, EvaluateWeights::Last);
  if (!fs::exists(any, error)) {
    throw DataError(
        text(path.string(), ": is no run with a checkpoint (", any.string(), " is missing)"));
  }
  const CheckpointHeader header = read_checkpoint_header(any);
  if (header.identity.data == nullptr) {
    throw DataError(text(any.string(),
                         ": does not say how samples are scaled, as older checkpoints did not; "
                         "train again"));
  }
  Vocabulary words = surroundings.vocabulary();
  words.fault_of_dataset = nullptr;  // the data need not be known here
  config::Problems problems;
  const config::Node root =
      config::parse_text(header.identity.experiment, any.string() + " (experiment)", problems);
  ResolvedExperiment resolved = resolve_experiment(root, words, problems);
  problems.throw_if_any();

  Trained trained{std::move(resolved.experiment), *header.identity.data, nullptr};
  trained.model =
      std::make_unique<Model>(model_setup(trained.experiment, trained.form, surroundings));
  open_weights(checkpoint_of(path, trained.experiment.evaluate_weights), *trained.model);
  return trained;
}

std::int64_t write_codes(Trained& trained, const std::string& input, const fs::path& output,
                         const Surroundings& surroundings, std::vector<std::string>& notes) {
  const auto source = load_input(input, trained.form, surroundings.places, notes);
  hdf5::Writer file(output);
  write_codes(file, "codes", *trained.model, *source, kInputSplit);
  file.commit();
  return source->size();
}

std::int64_t write_reconstructions(Trained& trained, const std::string& input,
                                   const fs::path& output, const Surroundings& surroundings,
                                   std::vector<std::string>& notes) {
  const auto source = load_input(input, trained.form, surroundings.places, notes);
  Model& model = *trained.model;
  hdf5::Writer file(output);
  const Shape& sample = trained.form.sample_shape;
  file.create("reconstructions", rows_of(source->size(), sample), DType::F32);
  std::int64_t first = 0;
  model.reconstruct(*source, kInputSplit,
                    [&](std::span<const std::uint32_t> indices, const float*, const float* result) {
                      Tensor rows(rows_of(static_cast<std::int64_t>(indices.size()), sample));
                      std::memcpy(rows.raw(), result, rows.bytes());
                      file.write_rows("reconstructions", first, rows);
                      first += rows.shape()[0];
                    });
  write_scaling(file, "reconstructions", *trained.form.scaling);
  file.commit();
  return source->size();
}

}  // namespace hourglass
