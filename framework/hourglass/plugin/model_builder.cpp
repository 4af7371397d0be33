#include <hourglass/graph/leaves.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/random.hpp>
#include <hourglass/ops/repeat.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/plugin/model_builder.hpp>
#include <hourglass/plugin/variant.hpp>

#include <algorithm>

namespace hourglass {

Variant::~Variant() = default;

namespace {

/// Layers one after another; of one that does not fit, `option` and its number say where it stands.
/// `shapes` takes those of x and of what each layer gives.
Value write_layers(LayerWriter& writer, Value x, const std::vector<LayerOptions>& layers,
                   const std::string& option, std::vector<Shape>& shapes) {
  shapes = {x.shape()};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    try {
      x = writer.write(x, layers[i]);
    } catch (const ShapeError& error) {
      throw OptionError(text(option, ".", i),
                        text("does not fit what comes before it: ", error.what()));
    }
    shapes.push_back(x.shape());
  }
  return x;
}

}  // namespace

ModelBuilder::ModelBuilder(Graph& graph, VariableStore& store,
                           const ArchitectureOptions& architecture, const DataTraits& data,
                           const Setting& setting)
    : graph_(graph),
      architecture_(architecture),
      data_(data),
      setting_(setting),
      parameters_(graph, store, architecture.initializer, setting.seed) {}

ModelBuilder::~ModelBuilder() = default;

void ModelBuilder::write_input() {
  if (target_) return;
  target_ = graph_.input("input", data_.sample_shape.prepended(setting_.batch));
  if (data_.drawn) {  // samples that are 0 and 1 already stay as they are
    target_ = greater(target_, random_uniform_per_sample(graph_, target_.shape(), "binarise"));
  }
  input_ = {target_, {}};
  if (setting_.corruption.empty() || !takes_corruption()) return;
  for (std::size_t i = 0; i < setting_.corruption.size(); ++i) {
    const std::string fault = fault_of(setting_.corruption[i], data_.sample_shape);
    if (!fault.empty()) throw OptionError(text("corruption.", i), fault);
  }
  const Graph::Scope scope(graph_, "corruption");
  input_ = corrupt(target_, setting_.corruption, data_.range, "corruption");
}

Value ModelBuilder::input() {
  write_input();
  return input_.samples;
}

Value ModelBuilder::corrupted() {
  write_input();
  return input_.where;
}

Value ModelBuilder::target() {
  write_input();
  return repeat(target_, setting_.draws);
}

const Likelihood& ModelBuilder::likelihood() {
  if (!likelihood_) {
    const std::string fault = Likelihood::fault(architecture_.likelihood, data_.range);
    if (!fault.empty()) throw OptionError("model.likelihood", fault);
    likelihood_.emplace(architecture_.likelihood, data_.range, parameters_, training());
  }
  return *likelihood_;
}

Value ModelBuilder::labels() {
  if (data_.classes == 0) {
    throw OptionError("dataset",
                      "has no labels, which this variant learns from: name a table's column with "
                      "dataset.label or an array with dataset.labels_array, whose numbers count "
                      "the classes from 0, or choose a data set that has labels");
  }
  if (!labels_) labels_ = graph_.input(kLabels, {setting_.batch, data_.classes});
  return repeat(labels_, setting_.draws);
}

Value ModelBuilder::encoder(Value x) {
  LayerWriter writer(parameters_, "encoder", training());
  hidden_ = write_layers(writer, as_image(x), architecture_.encoder, "model.encoder", encoded_);
  hidden_ = repeat(hidden_, setting_.draws);
  return hidden_;
}

Value ModelBuilder::dense(const std::string& name, Value x, std::int64_t width,
                          Activation activation) {
  const Graph::Scope scope(graph_, name);
  const Value flat = flatten(x);
  const Value weight = parameters_.weight(name + ".weight", {width, flat.shape()[1]});
  const Value bias = parameters_.filled(name + ".bias", {width}, 0.0f);
  return activate(hourglass::dense(flat, weight, bias), activation);
}

namespace {

/// That codes from elsewhere can stand at the place of the latent value. `what` has them.
void check_code_shape(const char* what, const Shape& codes, const Shape& value) {
  if (codes.rank() > 0 && value.rank() > 0 && codes.without(0) == value.without(0)) return;
  throw ShapeError(text("[latent] ", what, " ", codes.to_text(), ", the value in its place has ",
                        value.to_text(), "; all but the first axis must be the same"));
}

}  // namespace

Value ModelBuilder::latent(Value value, const Latent& more) {
  code_ = more.code ? more.code : value;
  prior_ = more.prior;
  if (!more.sparse) check_code_shape("the code has shape", code_.shape(), value.shape());
  has_sparse_code_ = more.sparse;
  classes_of_code_ = more.classes;
  has_code_layer_ = !hidden_ || value.id() != hidden_.id();
  switch (setting_.purpose) {
    case Purpose::Train:
    case Purpose::Evaluate:
    case Purpose::Elbo:
    case Purpose::LogWeight: return value;
    case Purpose::Decode: return graph_.input("code", code_.shape());
    case Purpose::Generate:
    case Purpose::Draw:
      if (!prior_) break;
      code_ = prior_->draw(graph_, setting_.batch, "prior");
      check_code_shape("the prior draws codes of shape", code_.shape(), value.shape());
      break;
    case Purpose::Encode:
    case Purpose::Denoise:
    case Purpose::Reconstruct: break;
  }
  return code_;
}

Value ModelBuilder::as_image(Value x) const {
  const Shape grey = data_.sample_shape.prepended(setting_.batch);
  if (data_.sample_shape.rank() != 2 || x.shape() != grey) return x;
  return reshape(x, data_.sample_shape.prepended(1).prepended(setting_.batch));
}

Value ModelBuilder::decoder(Value z) {
  LayerWriter writer(parameters_, "decoder", training());
  if (has_sparse_code_) writer.expect_sparse();
  const Shape data = data_.sample_shape.prepended(z.shape()[0]);
  if (!architecture_.decoder.layers) {
    if (encoded_.empty() && !architecture_.encoder.empty()) {
      throw OptionError("model.decoder", "cannot be mirror: this variant has no encoder to mirror");
    }
    std::vector<Shape> encoded = encoded_;
    if (encoded.empty()) encoded = {data};
    for (Shape& shape : encoded) shape = shape.with(0, z.shape()[0]);  // there may be several draws
    try {
      return reshape(writer.mirror(z, architecture_.encoder, encoded, has_code_layer_), data);
    } catch (const ShapeError& error) {
      throw OptionError("model.decoder", text("cannot mirror this encoder; list the decoder's "
                                              "layers instead: ",
                                              error.what()));
    }
  }
  std::vector<Shape> shapes;
  z = write_layers(writer, z, *architecture_.decoder.layers, "model.decoder", shapes);
  // Images of the data's shape already are the output.
  const Shape with_channel = data_.sample_shape.prepended(1).prepended(z.shape()[0]);
  if (z.shape().rank() > 2 && (z.shape() == data || z.shape() == with_channel)) {
    return reshape(z, data);
  }
  const Graph::Scope scope(graph_, "output");
  return reshape(writer.dense(z, data_.sample_shape.size()), data);
}

Value ModelBuilder::tied_decoder(Value z, const std::string& code) {
  if (architecture_.decoder.layers) {
    throw OptionError("model.decoder", "must be mirror where weights are tied");
  }
  std::vector<std::string> weights;
  std::vector<Activation> activations;  // of the layer before each weight, which its mirror gets
  Activation before = Activation::None;
  for (const LayerOptions& layer : architecture_.encoder) {
    if (std::holds_alternative<DropoutLayer>(layer.kind) ||
        std::holds_alternative<FlattenLayer>(layer.kind))
      continue;
    if (!std::holds_alternative<DenseLayer>(layer.kind)) {
      throw OptionError("model.encoder", "must have dense layers only where weights are tied");
    }
    weights.push_back(text("encoder.", weights.size(), ".weight"));
    activations.push_back(before);
    before = layer.activation;
  }
  weights.push_back(code + ".weight");
  activations.push_back(before);

  LayerWriter writer(parameters_, "decoder", training());
  for (std::size_t i = weights.size(); i-- > 0;) {
    const Graph::Scope scope(graph_, text("decoder.", weights.size() - 1 - i));
    z = activate(writer.tied_dense(z, parameters_.existing(weights[i])), activations[i]);
  }
  return reshape(z, data_.sample_shape.prepended(z.shape()[0]));
}

void ModelBuilder::reconstruction(Value value) { reconstruction_ = value; }

Value ModelBuilder::normal(std::string_view stream, const Shape& shape) {
  return random_normal(graph_, shape, std::string(stream));
}

Value ModelBuilder::scalar(const std::string& name, const Schedule& schedule) {
  if (schedule.is_constant()) return graph_.filled({}, static_cast<float>(schedule.from()));
  return graph_.slot(name, [schedule, steps = setting_.steps_per_epoch](std::int64_t step) {
    return schedule.at(step, steps);
  });
}

Value ModelBuilder::parameter(const std::string& path, const Shape& shape, float start) {
  return parameters_.filled(path, shape, start);
}

Value ModelBuilder::existing(const std::string& path) { return parameters_.existing(path); }

std::vector<Value> ModelBuilder::parameters(std::string_view part) {
  std::vector<Value> found;
  for (const GraphNode& node : graph_.nodes()) {
    const auto* leaf = as<VariableLeaf>(*node.operation);
    if (leaf == nullptr || leaf->variable().kind() != Variable::Kind::Parameter) continue;
    if (names_part(part, leaf->variable().path())) found.push_back(graph_.value(node.outputs[0]));
  }
  return found;
}

Value ModelBuilder::weight(const std::string& path, const Shape& shape) {
  return parameters_.weight(path, shape);
}

Value ModelBuilder::state(const std::string& path, const Shape& shape, float start) {
  return parameters_.state(path, shape, start);
}

void ModelBuilder::after_update(const std::string& path, UpdateHook hook) {
  update_hooks_.emplace_back(path, std::move(hook));
}

void ModelBuilder::project_gradient(const std::string& path, GradientHook hook) {
  gradient_hooks_.emplace_back(path, std::move(hook));
}

void ModelBuilder::initialise(const std::string& path, Initialiser initialiser) {
  initialisers_.emplace_back(path, std::move(initialiser));
}

TrainStep& ModelBuilder::train_step(const std::string& name) {
  const auto found =
      std::ranges::find_if(steps_, [&](const auto& step) { return step->name() == name; });
  if (found != steps_.end()) return **found;
  steps_.push_back(std::make_unique<TrainStep>(name));
  return *steps_.back();
}

void ModelBuilder::refuse(const std::string& option, const std::string& why) const {
  throw OptionError("model." + option, why);
}

}  // namespace hourglass
