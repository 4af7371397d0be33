#include <hourglass/core/error.hpp>
#include <hourglass/train/batch_streams.hpp>

#include <algorithm>

namespace hourglass {

namespace {

constexpr std::array<Stream, kStreams> kAllStreams{Stream::All, Stream::Labelled, Stream::Second};

const TrainStepTraits* reader_of(Model& model, Stream stream) {
  const auto found = std::ranges::find(model.steps(), stream, &TrainStepTraits::stream);
  return found == model.steps().end() ? nullptr : &*found;
}

/// How many samples a train step reads at a time.
std::int64_t batch_of(const TrainStepTraits& step, const DataSet& data, std::int64_t batch) {
  const std::int64_t most =
      step.stream == Stream::Labelled ? std::ssize(data.labelled) : data.train().size();
  return std::min(step.batch > 0 ? step.batch : batch, most);
}

/// Whether a step that reads the stream reads labels too.
bool wants_labels(Model& model, Stream stream) {
  return std::ranges::any_of(model.steps(), [&](const TrainStepTraits& step) {
    return step.stream == stream && step.reads_labels;
  });
}

}  // namespace

void check_labels(Model& model, const DataSet& data) {
  const std::int64_t labelled = std::ssize(data.labelled), samples = data.train().size();
  for (const TrainStepTraits& step : model.steps()) {
    if (step.stream == Stream::Labelled && labelled == 0) {
      throw OptionError(
          "dataset", text("has no training sample with a label, which the train step \"", step.name,
                          "\" learns from: name a table's column with dataset.label or an array ",
                          "with dataset.labels_array, whose numbers count the classes from 0, or ",
                          "choose a data set that has labels"));
    }
    if (step.stream != Stream::Labelled && step.reads_labels && labelled < samples) {
      throw OptionError(
          "dataset", text("shows the labels of ", labelled, " of ", samples,
                          " training samples, and the train step \"", step.name,
                          "\" needs those of all: leave dataset.labelled out, or give the others ",
                          "a label in the file"));
    }
  }
}

void compile_training(Model& model, const DataSet& data, std::int64_t batch) {
  check_labels(model, data);
  for (const Stream stream : kAllStreams) {
    const TrainStepTraits* step = reader_of(model, stream);
    if (step == nullptr) continue;
    const std::int64_t size = batch_of(*step, data, batch);
    model.train(size, stream);
    // An epoch's last batch may be smaller.
    const std::int64_t rest = data.train().size() % size;
    if (stream == Stream::All && rest > 0) model.train(rest, stream);
  }
}

bool is_due(const TrainStepTraits& step, std::int64_t number) {
  return (number + 1) % step.every == 0;
}

BatchStreams::BatchStreams(Model& model, const DataSet& data, std::int64_t batch,
                           std::uint64_t seed, const TrainingState& state)
    : model_(model),
      samples_(data.train().size()),
      batch_(batch),
      batches_((samples_ + batch - 1) / batch) {
  check_labels(model, data);
  for (const Stream stream : kAllStreams) {
    const TrainStepTraits* step = reader_of(model, stream);
    if (step == nullptr) continue;
    LoaderOptions options{.batch = batch_of(*step, data, batch), .seed = seed};
    options.classes = wants_labels(model, stream) ? model.setup().data.classes : 0;
    std::int64_t epoch = state.epoch, number = state.batch;
    if (stream != Stream::All) {
      if (stream == Stream::Labelled) options.rows = data.labelled;
      options.drop_last = true;
      options.stream = text("order.", name_of(stream));
      epoch = 0;
      number = state.streams[static_cast<std::size_t>(stream)];
    }
    reader(stream).loader =
        std::make_unique<Loader>(data.train(), std::move(options), epoch, number);
  }
}

std::int64_t BatchStreams::size(std::int64_t number) const {
  return std::min(batch_, samples_ - number * batch_);
}

const Batch& BatchStreams::current(Stream stream) {
  Reader& from = reader(stream);
  if (from.batch == nullptr) from.batch = &from.loader->next();
  return *from.batch;
}

void BatchStreams::advance(TrainingState& state) {
  for (const Stream stream : kAllStreams) {
    if (reader(stream).loader == nullptr) continue;
    const bool read = stream == Stream::All ||
                      std::ranges::any_of(model_.steps(), [&](const TrainStepTraits& step) {
                        return step.stream == stream && is_due(step, state.step);
                      });
    if (!read) continue;
    current(stream);  // a batch that only steps before a resume have read is passed over
    reader(stream).batch = nullptr;
    ++state.streams[static_cast<std::size_t>(stream)];
  }
}

}  // namespace hourglass
