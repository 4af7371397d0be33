#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/step_scores.hpp>
#include <hourglass/evaluate/tiles.hpp>
#include <hourglass/experiment/model_setup.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/experiment/resume_point.hpp>
#include <hourglass/experiment/trained.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

/// Input files are no split of the training's data; counted randomness knows them by this number.
constexpr std::uint32_t kInputSplit = 3;

/// A model on images of another size than it was trained on, one after another.
class OtherSize {
 public:
  OtherSize(Trained& trained, const Shape& image, const Surroundings& surroundings,
            std::vector<std::string>& notes)
      : trained_(trained), image_(image) {
    ModelSetup setup =
        model_setup(trained.experiment, trained.form, trained.steps_per_epoch, surroundings);
    setup.data.sample_shape = image;
    whole_ = std::make_unique<Model>(std::move(setup));
    try {
      open_weights(trained.checkpoint, *whole_);
    } catch (const DataError&) {  // some parameter has another shape for images of this size
      whole_ = nullptr;
      tiles_.emplace(image, trained.form.sample_shape);
      notes.push_back(text("images of ", image.to_text(), " go through the model in ",
                           tiles_->rows(), " x ", tiles_->columns(), " overlapping tiles of ",
                           trained.form.sample_shape.to_text()));
    }
  }

  /// Of an image's code: of a tile, behind the numbers of rows and columns.
  Shape code_shape() {
    if (whole_) return whole_->code_shape();
    return trained_.model->code_shape().prepended(tiles_->columns()).prepended(tiles_->rows());
  }

  /// Gives each image's code or reconstruction.
  void visit(const Source& source, Purpose purpose,
             const std::function<void(std::int64_t index, const Tensor& result)>& result) {
    const bool encode = purpose == Purpose::Encode;
    Model& model = whole_ ? *whole_ : *trained_.model;
    Tensor image(image_);
    Tensor parts(encode   ? code_shape()
                 : whole_ ? image_
                          : trained_.form.sample_shape.prepended(tiles_->size()));
    for (std::uint32_t index = 0; index < source.size(); ++index) {
      const ChosenSource chosen(source, {index});
      if (!whole_) {
        source.read(std::span(&index, 1), image.floats().data());
        tiles_->show(image.floats());
      }
      const Source& pieces = whole_ ? static_cast<const Source&>(chosen) : *tiles_;
      float* to = parts.floats().data();
      const std::int64_t size = parts.size() / pieces.size();
      const auto take = [&](std::span<const std::uint32_t> some, const float*, const float* from) {
        to = std::copy_n(from, std::ssize(some) * size, to);
      };
      if (encode) {
        model.encode(pieces, kInputSplit, take);
      } else {
        model.reconstruct(pieces, kInputSplit, take);
      }
      if (!encode && !whole_) tiles_->blend(parts.floats(), image.floats());
      result(index, encode || whole_ ? parts : image);
    }
  }

 private:
  Trained& trained_;
  Shape image_;
  std::unique_ptr<Model> whole_;
  std::optional<Tiles> tiles_;
};

/// The score that the run's measure takes, or would take.
AnomalyScore score_of(const Trained& trained) {
  AnomalyMetric::Options options;
  for (const config::Named& each : trained.experiment.evaluate) {
    if (each.name != AnomalyMetric::kName) continue;
    config::Problems problems;
    options = schema_of<AnomalyMetric::Options>().read(each.options, problems);
    problems.throw_if_any();
  }
  return score_of(options.score, *trained.model, bool(trained.form.windows));
}

/// Scores of a series' time steps, and what the model leaves of each: the mean over its windows.
Scored write_step_scores(Trained& trained, const Source& source, AnomalyScore score,
                         std::optional<double> threshold, bool residuals, hdf5::Writer& file) {
  const Windows& windows = trained.form.windows;
  const StepScores scored = step_scores(*trained.model, source, kInputSplit, score, windows.size);
  Tensor scores(Shape{std::ssize(scored.scores)});
  std::ranges::copy(scored.scores, scores.floats().begin());
  file.write("scores", scores);
  file.set_attribute("scores", "score", std::string(name_of(score)));
  file.set_attribute("scores", "window", windows.size);
  file.set_attribute("scores", "stride", windows.stride);
  Scored result{.samples = scores.size(), .above = 0};
  for (const float each : scored.scores) result.above += threshold && each > *threshold;
  if (!residuals) return result;

  const std::int64_t columns = trained.form.columns();
  std::vector<StepMeans> means(static_cast<std::size_t>(columns), {source, windows.size});
  std::vector<float> difference(static_cast<std::size_t>(windows.size));
  trained.model->reconstruct(
      source, kInputSplit,
      [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
        for (std::size_t window = 0; window < indices.size(); ++window) {
          for (StepMeans& column : means) {
            for (float& each : difference) each = *x++ - *y++;
            column.add(difference);
          }
        }
      });
  Tensor all(Shape{scores.size(), columns});
  for (std::int64_t column = 0; column < columns; ++column) {
    const std::vector<float> values = means[static_cast<std::size_t>(column)].values();
    for (std::int64_t step = 0; step < scores.size(); ++step) {
      all.floats()[static_cast<std::size_t>(step * columns + column)] =
          values[static_cast<std::size_t>(step)];
    }
  }
  file.write("residuals", all);
  return result;
}

/// Takes residuals and scores in the input's order.
class ScoreWriter {
 public:
  ScoreWriter(hdf5::Writer& file, const Source& source, AnomalyScore score,
              std::optional<double> threshold, bool residuals)
      : file_(file), sample_(source.sample_shape()), threshold_(threshold), residuals_(residuals) {
    file.create("scores", Shape{source.size()}, DType::F32);
    file.set_attribute("scores", "score", std::string(name_of(score)));
    if (residuals) file.create("residuals", sample_.prepended(source.size()), DType::F32);
  }

  void scores(std::span<const float> values) {
    Tensor rows(Shape{std::ssize(values)});
    std::ranges::copy(values, rows.floats().begin());
    file_.write_rows("scores", scored_.samples, rows);
    scored_.samples += std::ssize(values);
    if (!threshold_) return;
    scored_.above += std::ranges::count_if(values, [&](float v) { return v > *threshold_; });
  }

  void residuals(std::int64_t samples, const float* x, const float* y) {
    if (!residuals_) return;
    Tensor rows(sample_.prepended(samples));
    for (float& each : rows.floats()) each = *x++ - *y++;
    file_.write_rows("residuals", first_, rows);
    first_ += samples;
  }

  const Scored& scored() const { return scored_; }

 private:
  hdf5::Writer& file_;
  Shape sample_;
  std::optional<double> threshold_;
  bool residuals_;
  std::int64_t first_ = 0;
  Scored scored_;
};

}  // namespace

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

Trained open_trained(const fs::path& path, const Surroundings& surroundings,
                     std::optional<std::int64_t> seed) {
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
  if (seed) resolved.experiment.seed = *seed;

  Trained trained{.checkpoint = file,
                  .experiment = std::move(resolved.experiment),
                  .form = *header.identity.data,
                  .steps_per_epoch = header.steps_per_epoch,
                  .model = nullptr,
                  .notes = {}};
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
  if (is_other_size(source->sample_shape(), trained.form.sample_shape)) {
    OtherSize images(trained, source->sample_shape(), surroundings, notes);
    const Shape shape = images.code_shape();
    file.create("codes", Shape{source->size(), shape.size()}, DType::F32);
    file.set_attribute("codes", "shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    images.visit(*source, Purpose::Encode, [&](std::int64_t index, const Tensor& codes) {
      file.write_rows("codes", index, codes.reshaped({1, shape.size()}));
    });
  } else {
    write_codes(file, "codes", *trained.model, *source, kInputSplit);
  }
  file.commit();
  return source->size();
}

std::int64_t write_reconstructions(Trained& trained, const std::string& input,
                                   const fs::path& output, const Surroundings& surroundings,
                                   std::vector<std::string>& notes) {
  const auto source = load_input(input, trained.form, surroundings.places, notes);
  hdf5::Writer file(output);
  const bool other = is_other_size(source->sample_shape(), trained.form.sample_shape);
  const Shape& sample = other ? source->sample_shape() : trained.form.sample_shape;
  file.create("reconstructions", sample.prepended(source->size()), DType::F32);
  if (other) {
    OtherSize images(trained, sample, surroundings, notes);
    images.visit(*source, Purpose::Reconstruct, [&](std::int64_t index, const Tensor& image) {
      file.write_rows("reconstructions", index, image.reshaped(sample.prepended(1)));
    });
  } else {
    std::int64_t first = 0;
    trained.model->reconstruct(
        *source, kInputSplit,
        [&](std::span<const std::uint32_t> indices, const float*, const float* result) {
          Tensor rows(sample.prepended(std::ssize(indices)));
          std::memcpy(rows.raw(), result, rows.bytes());
          file.write_rows("reconstructions", first, rows);
          first += rows.shape()[0];
        });
  }
  write_scaling(file, "reconstructions", *trained.form.scaling);
  file.commit();
  return source->size();
}

std::optional<double> anomaly_threshold(const fs::path& run_or_checkpoint) {
  const fs::path result = run_or_checkpoint / "result.yaml";
  std::error_code error;
  if (!fs::exists(result, error)) return {};
  for (const auto& [name, value] : recorded_metrics(read_written_yaml(result))) {
    if (name.ends_with("/anomaly/threshold")) return value;
  }
  return {};
}

Scored write_scores(Trained& trained, const std::string& input, const fs::path& output,
                    const Surroundings& surroundings, std::vector<std::string>& notes,
                    std::optional<double> threshold, bool residuals) {
  const auto source = load_input(input, trained.form, surroundings.places, notes);
  const AnomalyScore score = score_of(trained);
  const std::int64_t features = source->sample_shape().size();
  const bool other = is_other_size(source->sample_shape(), trained.form.sample_shape);
  if (other && score != AnomalyScore::SquaredError) {
    throw DataError(text(input, ": the images have shape ", source->sample_shape().to_text(),
                         ", and ", name_of(score), " scores those of the training's, ",
                         trained.form.sample_shape.to_text(),
                         ", alone; bring them to this size, or train with `anomaly: {score: "
                         "squared_error}` under evaluate"));
  }
  hdf5::Writer file(output);
  if (trained.form.windows) {
    const Scored scored = write_step_scores(trained, *source, score, threshold, residuals, file);
    file.commit();
    return scored;
  }
  ScoreWriter writer(file, *source, score, threshold, residuals);
  if (other) {
    OtherSize images(trained, source->sample_shape(), surroundings, notes);
    Tensor x(source->sample_shape());
    images.visit(*source, Purpose::Reconstruct, [&](std::int64_t index, const Tensor& image) {
      const auto number = static_cast<std::uint32_t>(index);
      source->read(std::span(&number, 1), x.floats().data());
      const float* y = image.floats().data();
      const float sum = squared_error_score(x.floats().data(), y, features);
      writer.scores(std::span(&sum, 1));
      writer.residuals(1, x.floats().data(), y);
    });
  } else {
    score_samples(*trained.model, *source, kInputSplit, score,
                  [&](std::span<const float> scores) { writer.scores(scores); });
    if (residuals) {
      trained.model->reconstruct(
          *source, kInputSplit,
          [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
            writer.residuals(std::ssize(indices), x, y);
          });
    }
  }
  file.commit();
  return writer.scored();
}

}  // namespace hourglass
