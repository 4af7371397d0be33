#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/shades.hpp>
#include <hourglass/experiment/generated.hpp>
#include <hourglass/experiment/resume_point.hpp>
#include <hourglass/figure/image_grid.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostInPicture = 10'000;

/// The folder of the run that a checkpoint file, or the folder itself, belongs to.
fs::path run_of(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return path;
  return fs::absolute(path).parent_path().parent_path();
}

std::string without_codes(Trained& trained, CodeSource from) {
  return text(" to fit ", name_of(from), " to; ",
              trained.model->traits().prior.empty()
                  ? "this variant has no prior to draw from instead: "
                  : "use --from prior, or ",
              "give the folder of a run that keeps them (latents: {splits: [train, test]})");
}

Tensor training_codes(Trained& trained, const fs::path& path, CodeSource from) {
  const fs::path run = run_of(path), file = run / "latents.h5";
  std::error_code error;
  if (!fs::exists(file, error)) {
    throw DataError(text(path.string(), ": there are no codes of the training split",
                         without_codes(trained, from), "; looked for ", file.string()));
  }
  const hdf5::Reader reader(file);
  std::optional<Tensor> codes = read_codes(reader, "train");
  if (!codes) {
    throw DataError(
        text(file.string(), ": has no codes of the training split", without_codes(trained, from)));
  }
  const fs::path theirs = chosen_checkpoint(run).path;
  if (!fs::equivalent(theirs, trained.checkpoint, error)) {
    trained.notes.push_back(text(file.string(), ": the codes are those of ", theirs.string(),
                                 ", not of ", trained.checkpoint.string()));
  }
  return *std::move(codes);
}

}  // namespace

GeneratedSamples generate_samples(Trained& trained, const fs::path& path,
                                  const GenerateRequest& request) {
  if (request.count < 1) {
    throw ConfigError(text("count must be at least 1, got ", request.count));
  }
  GeneratedSamples made{
      request.from.value_or(default_code_source(*trained.model)), trained.experiment.seed, {}};
  if (!request.from && made.from != CodeSource::Prior) {
    trained.notes.push_back(text("the variant ", trained.experiment.variant,
                                 " has no prior: codes are drawn from ", name_of(made.from),
                                 ", a normal distribution fitted to those of training"));
  }
  const Tensor codes =
      made.from == CodeSource::Prior ? Tensor() : training_codes(trained, path, made.from);
  const CodeSourceOptions options{made.from, request.components,
                                  static_cast<std::uint64_t>(made.seed)};
  made.drawn = draw_samples(*trained.model, options, codes, request.count);
  return made;
}

void check_picture(const Trained& trained, std::int64_t count) {
  const Shape& shape = trained.form.sample_shape;
  if (!figure::is_image(shape)) {
    throw ConfigError(text("samples of shape ", shape.to_text(),
                           " are no images, so they make no picture; write them to a .h5 file"));
  }
  if (count > kMostInPicture) {
    throw ConfigError(text("a picture holds at most ", kMostInPicture, " images, got ", count,
                           "; write them to a .h5 file"));
  }
}

void write_generated(const GeneratedSamples& samples, const Trained& trained,
                     const fs::path& output) {
  hdf5::Writer file(output);
  const Tensor& codes = samples.drawn.codes;
  const Shape shape = codes.shape().without(0);
  file.write("codes", codes.reshaped({codes.shape()[0], shape.size()}));
  file.set_attribute("codes", "shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
  file.write("samples", samples.drawn.samples);
  write_scaling(file, "samples", *trained.form.scaling);
  file.set_attribute("samples", "from", std::string(name_of(samples.from)));
  file.set_attribute("samples", "drawn_from", samples.drawn.drawn_from);
  file.set_attribute("samples", "seed", samples.seed);
  file.commit();
}

Tensor picture_of(const GeneratedSamples& samples, const Trained& trained) {
  const Tensor& values = samples.drawn.samples;
  std::vector<Tensor> images =
      figure::images_of(values, trained.form.sample_shape, values.shape()[0]);
  for (Tensor& image : images) trained.form.scaling->undo(image.floats());
  return figure::image_grid(images, 0, shades(*trained.form.scaling, images));
}

}  // namespace hourglass
