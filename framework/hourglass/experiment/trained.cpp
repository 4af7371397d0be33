#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/experiment/resume_point.hpp>
#include <hourglass/experiment/trained.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>
#include <cstring>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

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
  const auto [file, header] = chosen_checkpoint(path);
  if (header.identity.data == nullptr || header.steps_per_epoch < 1) {
    throw DataError(text(
        file.string(), ": does not say ",
        header.identity.data == nullptr ? "how samples are scaled" : "how many steps an epoch has",
        ", as older checkpoints did not; train again"));
  }
  Vocabulary words = surroundings.vocabulary();
  words.fault_of_dataset = nullptr;  // the data need not be known here
  config::Problems problems;
  const config::Node root =
      config::parse_text(header.identity.experiment, file.string() + " (experiment)", problems);
  ResolvedExperiment resolved = resolve_experiment(root, words, problems);
  problems.throw_if_any();

  Trained trained{std::move(resolved.experiment), *header.identity.data, nullptr, {}};
  const std::string other = version_difference(
      header.identity, surroundings.plugins.variant(trained.experiment.variant).version());
  if (!other.empty()) trained.notes.push_back(text(file.string(), ": ", other));
  trained.model = std::make_unique<Model>(
      model_setup(trained.experiment, trained.form, header.steps_per_epoch, surroundings));
  open_weights(file, *trained.model);
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
  file.create("reconstructions", sample.prepended(source->size()), DType::F32);
  std::int64_t first = 0;
  model.reconstruct(*source, kInputSplit,
                    [&](std::span<const std::uint32_t> indices, const float*, const float* result) {
                      Tensor rows(sample.prepended(std::ssize(indices)));
                      std::memcpy(rows.raw(), result, rows.bytes());
                      file.write_rows("reconstructions", first, rows);
                      first += rows.shape()[0];
                    });
  write_scaling(file, "reconstructions", *trained.form.scaling);
  file.commit();
  return source->size();
}

}  // namespace hourglass
