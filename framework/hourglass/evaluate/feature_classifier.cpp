#include <hourglass/core/error.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/feature_classifier.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/nn/initializer.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/categorical_cross_entropy.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/transpose.hpp>
#include <hourglass/optim/optimizer.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <system_error>
#include <tuple>
#include <utility>

namespace hourglass {
namespace {

constexpr const char* kClassifierFormat = "hourglass-classifier";
constexpr const char* kFeatureLayer = "features";
constexpr std::int64_t kSmallestImage = 8;
constexpr std::int64_t kHiddenUnits = 256;
constexpr std::int64_t kMostLabels = 1'000'000;
constexpr std::int64_t kTrainingSteps = 2000;
constexpr std::int64_t kTrainingBatch = 128, kFeatureBatch = 500;
constexpr double kFirstRate = 1e-3;
constexpr std::uint64_t kClassifierSeed = 1;
static_assert(FeatureClassifier::kFeatures == 64 && kClassifierSeed == 1, "as descriptions say");

// An image's axes, where samples are images that are worth convolving.
struct ClassifiedImage {
  std::int64_t channels, height, width;
  bool channels_last;
};

std::optional<ClassifiedImage> classified_image(const Shape& shape) {
  const auto is_channels = [](std::int64_t extent) { return extent == 1 || extent == 3; };
  std::optional<ClassifiedImage> image;
  if (shape.rank() == 2) image = {1, shape[0], shape[1], false};
  if (shape.rank() == 3 && is_channels(shape[2])) image = {shape[2], shape[0], shape[1], true};
  if (shape.rank() == 3 && is_channels(shape[0])) image = {shape[0], shape[1], shape[2], false};
  if (image && std::min(image->height, image->width) < kSmallestImage) return std::nullopt;
  return image;
}

std::int64_t halved(std::int64_t extent) { return (extent + 1) / 2; }

Value classifier_input(Value x, const Shape& shape, const ClassifiedImage& image) {
  const std::int64_t batch = x.shape()[0];
  if (image.channels_last) return transpose(reshape(x, shape.prepended(batch)), {0, 3, 1, 2});
  return reshape(x, {batch, image.channels, image.height, image.width});
}

struct ClassifierOutputs {
  Value features, logits;
};

// The network, for samples x [batch, sample shape].
ClassifierOutputs write_classifier(Graph& graph, const VariableStore& store, Value x,
                                   const FeatureClassifier::Origin& origin) {
  const auto parameter = [&](const std::string& path) { return graph.variable(*store.find(path)); };
  const auto units = [&](const std::string& path, Value input) {
    return dense(input, parameter(path + ".weight"), parameter(path + ".bias"));
  };
  Value hidden = affine(x, static_cast<float>(1 / origin.deviation),
                        static_cast<float>(-origin.mean / origin.deviation));
  if (const auto image = classified_image(origin.sample_shape)) {
    hidden = classifier_input(hidden, origin.sample_shape, *image);
    hidden = relu(convolution(hidden, parameter("0.weight"), parameter("0.bias"),
                              {.stride = {2}, .padding = {2}}));
    hidden = relu(convolution(hidden, parameter("1.weight"), parameter("1.bias"),
                              {.stride = {2}, .padding = {1}}));
    hidden = flatten(hidden);
  } else {
    hidden = relu(units("0", flatten(hidden)));
  }
  const Value features = relu(units(kFeatureLayer, hidden));
  return {features, units("classes", features)};
}

void fill_store(VariableStore& store, const std::vector<FeatureClassifier::Slot>& slots,
                const std::vector<Tensor>& parameters) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    store.create(slots[i].path, Variable::Kind::Parameter, parameters[i].clone());
  }
}

// The labelled samples of training and validation, in the order of their file.
class LabelledPool final : public Source {
 public:
  explicit LabelledPool(const DataSet& data) {
    for (const char* split : {"train", "validation"}) {
      const Source* source = data.find(split);
      if (source == nullptr) continue;
      for (const std::uint32_t i : source->labels().labelled(data.classes)) {
        places_.push_back({source->row(i), source, i});
      }
    }
    std::ranges::stable_sort(places_, {}, &Place::row);
    labels_.classes = Tensor(Shape{std::ssize(places_)}, DType::I64);
    std::ranges::transform(places_, labels_.classes.values<std::int64_t>().begin(),
                           [](const Place& place) {
                             const auto& classes = place.source->labels().classes;
                             return classes.values<std::int64_t>()[place.index];
                           });
  }

  std::int64_t size() const override { return std::ssize(places_); }
  const Shape& sample_shape() const override { return places_.front().source->sample_shape(); }
  bool in_memory() const override {
    return std::ranges::all_of(places_, [](const Place& each) { return each.source->in_memory(); });
  }
  const Labels& labels() const override { return labels_; }
  void read(std::span<const std::uint32_t> indices, float* out) const override {
    for (const std::uint32_t i : indices) {
      places_[i].source->read({&places_[i].index, 1}, out);
      out += sample_shape().size();
    }
  }

 private:
  struct Place {
    std::uint32_t row;
    const Source* source;
    std::uint32_t index;
  };
  std::vector<Place> places_;
  Labels labels_;
};

std::uint32_t sum_of(std::uint32_t before, const void* bytes, std::size_t count) {
  return static_cast<std::uint32_t>(crc32_z(before, static_cast<const Bytef*>(bytes), count));
}

std::uint32_t sum_of(std::uint32_t before, const Tensor& tensor) {
  return sum_of(before, tensor.raw(), tensor.bytes());
}

FeatureClassifier::Origin origin_of(const DataSet& data, const LabelledPool& pool) {
  FeatureClassifier::Origin origin;
  origin.data = data.name;
  origin.samples = pool.size();
  origin.sample_shape = pool.sample_shape();
  origin.classes = data.classes;
  origin.checksum = sum_of(0, pool.labels().classes);
  double sum = 0, squares = 0;
  SequentialReader reader(pool, kFeatureBatch);
  while (const Batch* batch = reader.next()) {
    const std::span values(batch->samples,
                           static_cast<std::size_t>(batch->size * pool.sample_shape().size()));
    origin.checksum = sum_of(origin.checksum, values.data(), values.size_bytes());
    for (const float value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
  }
  const double count =
      static_cast<double>(pool.size()) * static_cast<double>(pool.sample_shape().size());
  origin.mean = sum / count;
  const double variance = squares / count - origin.mean * origin.mean;
  origin.deviation = variance > 0 ? std::sqrt(variance) : 1;
  return origin;
}

std::vector<Tensor> initial_parameters(const std::vector<FeatureClassifier::Slot>& slots) {
  std::vector<Tensor> parameters;
  for (const auto& [path, shape] : slots) {
    parameters.push_back(shape.rank() == 1 ? Tensor(shape)
                                           : initial_weight(Initializer::HeUniform, shape,
                                                            kClassifierSeed, "classifier/" + path));
  }
  return parameters;
}

std::vector<Tensor> trained_parameters(const LabelledPool& pool,
                                       const FeatureClassifier::Origin& origin) {
  const auto slots = FeatureClassifier::parameter_shapes(origin.sample_shape, origin.classes);
  VariableStore store;
  fill_store(store, slots, initial_parameters(slots));
  const std::int64_t batch = std::min(kTrainingBatch, pool.size());
  Graph graph;
  const Value x = graph.input("input", origin.sample_shape.prepended(batch));
  const Value labels = graph.input("labels", {batch, origin.classes});
  const Value logits = write_classifier(graph, store, x, origin).logits;
  const Value loss = mean(categorical_cross_entropy(logits, labels));
  std::vector<Variable*> moved;
  for (const auto& variable : store.all()) moved.push_back(variable.get());
  AdamOptions adam;
  adam.learning_rate =
      Schedule::linear(kFirstRate, 0, static_cast<double>(kTrainingSteps), Schedule::Unit::Steps);
  const std::vector<Value> updates =
      write_updates(loss, moved, store, {"classifier", adam, std::nullopt});
  Arena arena;
  Program step(graph, std::span(&loss, 1), updates, arena, {.guard = loss});
  Loader loader(pool, {.batch = batch,
                       .drop_last = true,
                       .seed = kClassifierSeed,
                       .stream = "classifier/order",
                       .classes = origin.classes});
  for (std::int64_t i = 0; i < kTrainingSteps; ++i) {
    const Batch& next = loader.next();
    step.feed("input", next.samples);
    step.feed("labels", next.labels);
    if (!step.run({.seed = kClassifierSeed, .step = i})) {
      throw DataError(
          text("the classifier whose features sample_quality measures in cannot be "
               "trained: its loss is not finite at step ",
               i, "; scale the samples of ", origin.data, " (dataset.scaling)"));
    }
  }
  std::vector<Tensor> parameters;
  for (const auto& [path, shape] : slots) parameters.push_back(store.find(path)->read());
  return parameters;
}

std::string hexadecimal(std::uint32_t number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(number));
  return digits;
}

std::unique_ptr<FeatureClassifier> trained_on(const DataSet& data, const LabelledPool& pool,
                                              FeatureClassifier::Origin origin) {
  std::vector<Tensor> parameters = trained_parameters(pool, origin);
  auto classifier = std::make_unique<FeatureClassifier>(origin, parameters);
  const Source* test = data.find("test");
  if (test == nullptr) return classifier;
  const ChosenSource labelled(*test, test->labels().labelled(data.classes));
  if (labelled.size() == 0) return classifier;
  origin.tested = labelled.size();
  origin.accuracy = part_found(classifier->classify(labelled), classes_of(labelled));
  return std::make_unique<FeatureClassifier>(std::move(origin), std::move(parameters));
}

bool are_same(const FeatureClassifier::Origin& a, const FeatureClassifier::Origin& b) {
  return std::tie(a.samples, a.checksum, a.sample_shape, a.classes, a.mean, a.deviation) ==
         std::tie(b.samples, b.checksum, b.sample_shape, b.classes, b.mean, b.deviation);
}

}  // namespace

std::vector<FeatureClassifier::Slot> FeatureClassifier::parameter_shapes(const Shape& sample_shape,
                                                                         std::int64_t classes) {
  std::vector<Slot> slots;
  const auto add = [&](const std::string& path, const Shape& weight) {
    slots.push_back({path + ".weight", weight});
    slots.push_back({path + ".bias", Shape{weight[0]}});
  };
  std::int64_t hidden = kHiddenUnits;
  if (const auto image = classified_image(sample_shape)) {
    add("0", {16, image->channels, 5, 5});
    add("1", {32, 16, 3, 3});
    hidden = 32 * halved(halved(image->height)) * halved(halved(image->width));
  } else {
    add("0", {kHiddenUnits, sample_shape.size()});
  }
  add(kFeatureLayer, {kFeatures, hidden});
  add("classes", {classes, kFeatures});
  return slots;
}

FeatureClassifier::FeatureClassifier(Origin origin, std::vector<Tensor> parameters)
    : origin_(std::move(origin)), parameters_(std::move(parameters)) {
  const std::vector<Slot> slots = parameter_shapes(origin_.sample_shape, origin_.classes);
  if (!std::ranges::equal(slots, parameters_, {}, &Slot::shape, &Tensor::shape)) {
    throw ShapeError("[classifier] these are not the parameters of its layers");
  }
  fill_store(store_, slots, parameters_);
  Graph graph;
  const Value x = graph.input("input", origin_.sample_shape.prepended(kFeatureBatch));
  const ClassifierOutputs outputs = write_classifier(graph, store_, x, origin_);
  program_.reset(new Program(graph, {outputs.features, outputs.logits}, {}, arena_));
  batch_ = Tensor(origin_.sample_shape.prepended(kFeatureBatch));
}

FeatureClassifier::~FeatureClassifier() = default;

std::uint32_t FeatureClassifier::checksum() const {
  std::uint32_t sum = 0;
  for (const Tensor& each : parameters_) sum = sum_of(sum, each);
  for (const double each : {origin_.mean, origin_.deviation}) sum = sum_of(sum, &each, sizeof each);
  return sum;
}

std::string FeatureClassifier::description() const {
  std::string tested = "not tested";
  if (origin_.tested > 0) {
    char percent[32];
    std::snprintf(percent, sizeof percent, "%.2f", 100 * origin_.accuracy);
    tested = text("accuracy ", percent, " % of ", origin_.tested, " test samples");
  }
  const std::string layers =
      classified_image(origin_.sample_shape) ? "two convolutions" : "a dense layer";
  const std::string trained = text("64 features of a classifier that was trained on ",
                                   origin_.samples, " labelled samples of ", origin_.data,
                                   " (checksum ", hexadecimal(origin_.checksum), ")");
  return text(trained, ": ", layers, " and a dense layer, whose activations the features are; ",
              kTrainingSteps, " steps of Adam, seed 1; ", tested, "; weights' checksum ",
              hexadecimal(checksum()), ", only numbers of equal weights compare");
}

// Fills the batch up with zeros, so that one program serves and rounds alike.
void FeatureClassifier::run(const float* samples, std::int64_t count, float* features,
                            float* logits) {
  const std::int64_t size = origin_.sample_shape.size();
  std::ranges::fill(batch_.floats(), 0.0f);
  std::copy_n(samples, count * size, batch_.floats().begin());
  program_->feed("input", batch_.floats().data());
  program_->run({.training = false});
  if (features != nullptr) std::copy_n(program_->fetched(0).begin(), count * kFeatures, features);
  if (logits != nullptr) {
    std::copy_n(program_->fetched(1).begin(), count * origin_.classes, logits);
  }
}

float* FeatureClassifier::features(const float* samples, std::int64_t count, float* out) {
  for (; count > 0; count -= kFeatureBatch) {
    const std::int64_t rows = std::min(kFeatureBatch, count);
    run(samples, rows, out, nullptr);
    samples += rows * origin_.sample_shape.size();
    out += rows * kFeatures;
  }
  return out;
}

Tensor FeatureClassifier::features(const Source& source) {
  Tensor result(Shape{source.size(), kFeatures});
  float* out = result.floats().data();
  SequentialReader reader(source, kFeatureBatch);
  while (const Batch* batch = reader.next()) {
    out = features(batch->samples, batch->size, out);
  }
  return result;
}

std::vector<std::int32_t> FeatureClassifier::classify(const Source& source) {
  std::vector<std::int32_t> found;
  std::vector<float> logits(static_cast<std::size_t>(kFeatureBatch * origin_.classes));
  SequentialReader reader(source, kFeatureBatch);
  while (const Batch* batch = reader.next()) {
    run(batch->samples, batch->size, nullptr, logits.data());
    for (std::int64_t i = 0; i < batch->size; ++i) {
      const float* own = logits.data() + i * origin_.classes;
      found.push_back(
          static_cast<std::int32_t>(std::max_element(own, own + origin_.classes) - own));
    }
  }
  return found;
}

void FeatureClassifier::write(const std::filesystem::path& path) const {
  hdf5::Writer file(path);
  file.set_attribute("", "format", std::string(kClassifierFormat));
  file.set_attribute("", "format_version", std::int64_t{1});
  file.set_attribute("", "protocol", kProtocol);
  file.set_attribute("", "layer", std::string(kFeatureLayer));
  file.set_attribute("", "seed", static_cast<std::int64_t>(kClassifierSeed));
  file.set_attribute("", "checksum", static_cast<std::int64_t>(checksum()));
  file.set_attribute("", "data", origin_.data);
  file.set_attribute("", "samples", origin_.samples);
  file.set_attribute("", "data_checksum", static_cast<std::int64_t>(origin_.checksum));
  file.set_attribute(
      "", "sample_shape",
      std::vector<std::int64_t>(origin_.sample_shape.begin(), origin_.sample_shape.end()));
  file.set_attribute("", "classes", origin_.classes);
  file.set_attribute("", "mean", origin_.mean);
  file.set_attribute("", "deviation", origin_.deviation);
  file.set_attribute("", "tested", origin_.tested);
  file.set_attribute("", "accuracy", origin_.accuracy);
  const std::vector<Slot> slots = parameter_shapes(origin_.sample_shape, origin_.classes);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    file.write("parameters/" + slots[i].path, parameters_[i]);
  }
  file.commit();
}

namespace {

void expect(bool holds, const std::filesystem::path& path, const std::string& what) {
  if (!holds) throw DataError(text(path.string(), ": ", what));
}

FeatureClassifier::Origin read_origin(const hdf5::Reader& file) {
  FeatureClassifier::Origin origin;
  origin.data = file.text_attribute("", "data");
  origin.samples = file.integer_attribute("", "samples");
  origin.checksum = static_cast<std::uint32_t>(file.integer_attribute("", "data_checksum"));
  origin.classes = file.integer_attribute("", "classes");
  origin.mean = file.number_attribute("", "mean");
  origin.deviation = file.number_attribute("", "deviation");
  origin.tested = file.integer_attribute("", "tested");
  origin.accuracy = file.number_attribute("", "accuracy");
  expect(origin.samples > 0 && origin.classes > 0 && origin.classes <= kMostLabels &&
             std::isfinite(origin.mean) && std::isfinite(origin.deviation) &&
             origin.deviation > 0 && origin.tested >= 0 && origin.accuracy >= 0 &&
             origin.accuracy <= 1,
         file.path(), "its attributes cannot be those of a classifier");
  return origin;
}

}  // namespace

std::unique_ptr<FeatureClassifier> FeatureClassifier::read(const std::filesystem::path& path,
                                                           const Shape& sample_shape) {
  const hdf5::Reader file(path);
  expect(file.has_attribute("", "format") && file.text_attribute("", "format") == kClassifierFormat,
         path, "is no classifier that hourglass has written");
  const std::int64_t protocol = file.integer_attribute("", "protocol");
  expect(file.integer_attribute("", "format_version") == 1 && protocol == kProtocol, path,
         text("is a classifier of protocol ", protocol, ", and this program knows protocol ",
              kProtocol, "; have one trained anew"));
  Origin origin = read_origin(file);
  const std::vector<std::int64_t> extents = file.integers_attribute("", "sample_shape");
  expect(std::ranges::equal(extents, sample_shape), path,
         text("is a classifier of ", origin.data,
              ", whose samples have another shape than these data's, ", sample_shape.to_text()));
  origin.sample_shape = sample_shape;
  std::vector<Tensor> parameters;
  for (const auto& [name, shape] : parameter_shapes(sample_shape, origin.classes)) {
    const std::string dataset = "parameters/" + name;
    expect(file.shape(dataset) == shape && file.dtype(dataset) == DType::F32, path,
           text("dataset \"", dataset, "\" should be f32 ", shape.to_text()));
    parameters.push_back(file.read(dataset));
    expect(std::ranges::all_of(parameters.back().floats(),
                               [](float value) { return std::isfinite(value); }),
           path, text("dataset \"", dataset, "\" has numbers that are not finite"));
  }
  const std::int64_t checksum = file.integer_attribute("", "checksum");
  auto classifier = std::make_unique<FeatureClassifier>(std::move(origin), std::move(parameters));
  expect(checksum == static_cast<std::int64_t>(classifier->checksum()), path,
         "its weights are not those that were written: their checksum differs");
  return classifier;
}

std::string fault_of_labels(const DataSet& data) {
  const LabelledPool pool(data);
  const auto classes = pool.labels().classes.values<std::int64_t>();
  if (!classes.empty() && std::ranges::min(classes) != std::ranges::max(classes)) return "";
  return text(
      "measures in the features of a classifier, which is trained on labels of two classes "
      "or more, and the training split has ",
      classes.empty() ? "no labels" : "labels of one class",
      "; name a table's column with dataset.label, an array with dataset.labels_array, or "
      "the file of a classifier that was kept with features, or leave it out");
}

std::unique_ptr<FeatureClassifier> train_feature_classifier(const DataSet& data) {
  const LabelledPool pool(data);
  return trained_on(data, pool, origin_of(data, pool));
}

std::unique_ptr<FeatureClassifier> feature_classifier_of(const DataSet& data,
                                                         const std::filesystem::path& kept) {
  const LabelledPool pool(data);
  FeatureClassifier::Origin origin = origin_of(data, pool);
  const std::filesystem::path file =
      kept / text(data.name, "-", hexadecimal(origin.checksum), ".h5");
  std::error_code error;
  if (!kept.empty() && std::filesystem::exists(file, error)) {
    try {
      auto found = FeatureClassifier::read(file, data.sample_shape);
      if (are_same(found->origin(), origin)) return found;
    } catch (const DataError&) {
      // Nobody named this file: it is made again.
    }
  }
  auto classifier = trained_on(data, pool, std::move(origin));
  if (kept.empty()) return classifier;
  try {
    std::filesystem::create_directories(kept, error);
    classifier->write(file);
  } catch (const IoError&) {
    // The next run trains it again.
  }
  return classifier;
}

}  // namespace hourglass
