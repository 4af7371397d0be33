#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/schedule.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/activation.hpp>
#include <hourglass/nn/parameters.hpp>
#include <hourglass/plugin/architecture.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// What a graph is built for. The seam at the code decides: see ModelBuilder::latent.
enum class Purpose {
  Train,        // losses with dropout and noise
  Evaluate,     // losses without
  Reconstruct,  // input to reconstruction, by way of the code
  Encode,       // input to code
  Decode,       // a given code to reconstruction
};

/// What a model may know of the data before it sees any.
struct DataTraits {
  Shape sample_shape;
  /// Of training values, in the model's scale.
  ValueRange range;
};

/// One of a variant's training steps: what it minimises, and what it moves.
class HOURGLASS_API TrainStep {
 public:
  explicit TrainStep(std::string name) : name_(std::move(name)) {}

  /// The objective: one number a sample, [batch], of which the mean is taken, or a scalar.
  /// Convention: the sum over features, in nats for likelihoods.
  TrainStep& minimise(Value loss);
  /// A part of the objective, logged as `train/<name>`; shaped like the objective.
  TrainStep& part(std::string name, Value value);
  /// Only parameters whose paths begin with one of these move; all do if this is never said.
  TrainStep& moving(std::vector<std::string> prefixes);

  const std::string& name() const { return name_; }
  Value objective() const { return objective_; }  ///< a scalar
  struct Part {
    std::string name;
    Value value;  // a scalar
  };
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<std::string>& prefixes() const { return prefixes_; }

 private:
  std::string name_;
  Value objective_;
  std::vector<Part> parts_;
  std::vector<std::string> prefixes_;
};

/// What a variant writes its model with. Layers take their parameters from one store, so that the
/// graphs for training, evaluation, encoding and decoding share them.
class HOURGLASS_API ModelBuilder {
 public:
  struct Setting {
    Purpose purpose = Purpose::Train;
    std::int64_t batch = 1;
    std::uint64_t seed = 1;
    std::int64_t steps_per_epoch = 1;
  };
  ModelBuilder(Graph& graph, VariableStore& store, const ArchitectureOptions& architecture,
               const DataTraits& data, const Setting& setting);
  ~ModelBuilder();

  /// The samples, [batch, shape...], corrupted if the experiment says so.
  Value input();
  /// The samples as they are.
  Value target();
  std::int64_t batch() const { return setting_.batch; }
  const DataTraits& data() const { return data_; }
  /// Whether dropout drops and noise is added.
  bool training() const { return setting_.purpose == Purpose::Train; }

  /// The experiment's layers before the code; [batch, features] or as the last layer gives it.
  Value encoder(Value x);
  /// A dense layer of the variant's own, with parameters `<name>.weight` and `<name>.bias`.
  Value dense(const std::string& name, Value x, std::int64_t width,
              Activation activation = Activation::None);
  /// The seam of every autoencoder. Training goes on with `value`; the code is `code` (`value`
  /// where none is given), and it is the code that `encode` gives and `reconstruct` decodes. To
  /// decode given codes, or draws from the prior, these stand here.
  Value latent(Value value, Value code = {});
  /// The experiment's layers after the code and one more that has an output for each feature:
  /// [batch, shape...] of the data, without an activation.
  Value decoder(Value z);
  /// A decoder whose weights are the encoder's and those of the dense layer `code`, turned round.
  /// Throws OptionError when the experiment's layers are not dense, or not mirrored.
  Value tied_decoder(Value z, const std::string& code);
  /// Declares the reconstruction, [batch, shape...], in the model's scale.
  void reconstruction(Value value);

  /// Standard normal numbers from a named random stream.
  Value normal(std::string_view stream, const Shape& shape);
  /// A number that moves with training.
  Value scalar(const std::string& name, const Schedule& schedule);
  /// A parameter of the variant's own, filled with `start` at first.
  Value parameter(const std::string& path, const Shape& shape, float start);
  /// A weight of the variant's own, started by the experiment's initializer.
  Value weight(const std::string& path, const Shape& shape);

  /// The training step of this name, made on first use; steps run in that order.
  TrainStep& train_step(const std::string& name);

  /// Throws OptionError: `model.<option>` cannot be what it is, and why, and what would do.
  [[noreturn]] void refuse(const std::string& option, const std::string& why) const;

  Graph& graph() { return graph_; }

  // What was built.
  Value code() const { return code_; }
  Value reconstruction() const { return reconstruction_; }
  const std::vector<std::unique_ptr<TrainStep>>& train_steps() const { return steps_; }

 private:
  Value output_layer(Value hidden, LayerWriter& writer);

  Graph& graph_;
  const ArchitectureOptions& architecture_;
  const DataTraits& data_;
  Setting setting_;
  Parameters parameters_;
  Value input_;
  Value code_;
  Value reconstruction_;
  std::vector<std::unique_ptr<TrainStep>> steps_;
};

}  // namespace hourglass
