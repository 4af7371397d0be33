#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/schedule.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/activation.hpp>
#include <hourglass/nn/corruption.hpp>
#include <hourglass/nn/likelihood.hpp>
#include <hourglass/nn/parameters.hpp>
#include <hourglass/nn/prior.hpp>
#include <hourglass/plugin/architecture.hpp>
#include <hourglass/plugin/starting_point.hpp>
#include <hourglass/plugin/train_step.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

/// What a graph is built for. The seam at the code decides: see ModelBuilder::latent.
enum class Purpose {
  Train,        // losses with dropout and noise
  Evaluate,     // losses without dropout, of corrupted input where the experiment has a corruption
  Reconstruct,  // clean input to reconstruction, by way of the code
  Denoise,      // corrupted input to reconstruction, likewise
  Encode,       // input to code
  Decode,       // a given code to reconstruction
  Generate,     // a draw from the prior to reconstruction
  Draw,         // a draw from the prior, and no more
  Elbo,         // the evidence lower bound of each sample, in its two terms
  LogWeight,    // importance weights of several draws of each sample's code
};

/// What a model may know of the data before it sees any.
struct DataTraits {
  Shape sample_shape;
  /// Of training values, in the model's scale.
  ValueRange range;
  /// The number of classes of the samples' labels; 0 where there are none.
  std::int64_t classes = 0;
  /// Whether features are columns of a table, of which none is another's neighbour.
  bool table = false;
  /// How many samples the training split has; 0 where that is not known.
  std::int64_t samples = 0;
  /// Whether samples are probabilities of which 0 or 1 is drawn: afresh in each step of training,
  /// and once for each sample elsewhere. `range` is that of what is drawn.
  bool drawn = false;
};

/// What a variant says of its code where it is not the value at the seam itself.
struct Latent {
  /// What `encode` gives and `reconstruct` decodes; none: the value itself.
  Value code = {};
  /// Where generated codes come from; none: nowhere, and nothing can be generated.
  std::optional<Prior> prior = {};
  /// Whether few numbers of a code are not zero. Then the weight of a dense layer that opens the
  /// decoder is [code, width] in graphs, hooks included, and kept as [width, code] like all others;
  /// codes are kept as pairs; and a run shows what each of their numbers stands for.
  bool sparse = false;
  /// How many numbers at the beginning of a code are the probabilities of as many classes that the
  /// variant finds or learns by itself; 0: none.
  std::int64_t classes = 0;
};

/// The two terms of the negative evidence lower bound, [batch] each, in nats.
struct Elbo {
  Value negative_log_likelihood = {};
  Value kl = {};
};

/// What a variant writes its model with. Layers take their parameters from one store, so that the
/// graphs for training, evaluation, encoding and decoding share them.
class HOURGLASS_API ModelBuilder {
 public:
  struct Setting {
    Purpose purpose = Purpose::Train;
    std::int64_t batch = 1;
    std::uint64_t seed = 1;
    double steps_per_epoch = 1;
    std::span<const CorruptionOptions> corruption = {};
    /// For LogWeight: how often each sample stands in what comes after the encoder.
    std::int64_t draws = 1;
  };
  ModelBuilder(Graph& graph, VariableStore& store, const ArchitectureOptions& architecture,
               const DataTraits& data, const Setting& setting);
  ~ModelBuilder();

  /// The samples, [batch, shape...], drawn where the data are (DataTraits::drawn), corrupted if the
  /// experiment says so.
  Value input();
  /// 1 at each value of `input` that is corrupted, 0 elsewhere; nothing where the experiment has no
  /// corruption, or the input is to be clean (Reconstruct, Encode and what follows them).
  Value corrupted();
  /// The corruptions of the experiment.
  std::span<const CorruptionOptions> corruption() const { return setting_.corruption; }
  /// The samples as they are, or were drawn.
  Value target();
  /// The samples' classes: [batch, classes], 1 at each sample's class and 0 elsewhere. Train steps
  /// that read them need a stream whose samples all carry a label: Stream::Labelled always does.
  /// Losses that need them are not measured on splits without labels.
  /// Throws OptionError when the data have none.
  Value labels();
  std::int64_t batch() const { return setting_.batch; }
  const DataTraits& data() const { return data_; }
  /// The experiment's layers.
  const ArchitectureOptions& architecture() const { return architecture_; }
  /// Whether dropout drops, and batches are normalised by their own statistics.
  bool training() const { return setting_.purpose == Purpose::Train; }
  /// Whether the graph is for the variant's losses, of training or of evaluation.
  bool for_losses() const {
    return setting_.purpose == Purpose::Train || setting_.purpose == Purpose::Evaluate;
  }
  /// What the experiment's `model.likelihood` says that samples are distributed like. Throws
  /// OptionError where the data do not fit it.
  const Likelihood& likelihood();

  /// The experiment's layers before the code; [batch, features] or as the last layer gives it.
  Value encoder(Value x);
  /// A dense layer of the variant's own, with parameters `<name>.weight` and `<name>.bias`.
  Value dense(const std::string& name, Value x, std::int64_t width,
              Activation activation = Activation::None);
  /// The seam of every autoencoder. Training goes on with `value`; it is the code that `encode`
  /// gives and `reconstruct` decodes. To decode given codes, or draws from the prior, these stand
  /// here. Throws ShapeError where such a code, or what the prior draws, is not of the shape of
  /// `value` but for the first axis.
  Value latent(Value value, const Latent& more = {});
  /// The experiment's layers after the code, and one more that has an output for each feature
  /// where they do not end with images of the data's size: [batch, shape...] of the data, without
  /// an activation (but for one that the experiment's last layer has).
  Value decoder(Value z);
  /// A decoder whose weights are the encoder's and those of the dense layer `code`, turned round.
  /// Throws OptionError when the experiment's layers are not dense, or not mirrored.
  Value tied_decoder(Value z, const std::string& code);
  /// Declares the reconstruction, [batch, shape...], in the model's scale.
  void reconstruction(Value value);
  /// Declares the evidence lower bound, where the variant has one: what the measure `likelihood`
  /// reports, whatever the objective is.
  void elbo(Value negative_log_likelihood, Value kl) { elbo_ = {negative_log_likelihood, kl}; }
  /// Declares log p(x | z) + log p(z) - log q(z | x) of the drawn code, [batch], in nats: what
  /// importance-weighted bounds are made of. For them the encoder runs once, and what comes after
  /// it several times: there `encoder` gives each sample several times in a row, and so do `target`
  /// and `labels`.
  void log_weight(Value value) { log_weight_ = value; }

  /// Standard normal numbers from a named random stream.
  Value normal(std::string_view stream, const Shape& shape);
  /// A number that moves with training.
  Value scalar(const std::string& name, const Schedule& schedule);
  /// A parameter of the variant's own, filled with `start` at first.
  Value parameter(const std::string& path, const Shape& shape, float start);
  /// A parameter that something has made already, such as a layer of the decoder. Throws
  /// ConfigError, naming the path, when there is none.
  Value existing(const std::string& path);
  /// The parameters that this graph has so far of the part `part`, in order of creation: those
  /// below "decoder" once `decoder` has written its layers. Empty where there are none.
  std::vector<Value> parameters(std::string_view part);
  /// A weight of the variant's own, started by the experiment's initializer.
  Value weight(const std::string& path, const Shape& shape);

  /// State of the model: a tensor that no optimiser moves, filled with `start` at first, and from
  /// then on what TrainStep::assign stores. Kept in checkpoints under `variables/<path>`.
  Value state(const std::string& path, const Shape& shape, float start);

  /// The part of the first train step, by its name, whose least value tells the best epoch and
  /// early stopping; if this is never said, the objective does. Of the validation split, or of
  /// training where there is none.
  void choose_best_by(std::string part) { best_by_ = std::move(part); }

  /// The training step of this name, made on first use; steps run in that order.
  TrainStep& train_step(const std::string& name);

  // Hooks. Each names a parameter, on its logical axes, whatever its layout in memory. Several for
  // one parameter act in the order in which they are given.

  /// What a parameter becomes after each of its updates, by whichever train step, such as
  ///     model.after_update("decoder.weight", [](Value w) { return unit_norm(w, 0); });
  /// It is part of the same program: `updated` is the optimiser's result, not yet stored.
  using UpdateHook = std::function<Value(Value updated)>;
  void after_update(const std::string& path, UpdateHook hook);
  /// What a parameter's gradient becomes before clipping and the optimiser's rule, such as
  ///     [](Value w, Value gradient) { return perpendicular(gradient, w, 0); }
  using GradientHook = std::function<Value(Value parameter, Value gradient)>;
  void project_gradient(const std::string& path, GradientHook hook);
  /// What a parameter starts with in place of its initializer's numbers: a pure function of the
  /// training split and of the parameters so far, with as many elements as the parameter, in its
  /// order. Such as
  ///     [](const StartingPoint& start) { return mean_sample(start.samples()); }
  /// Called once when a training begins, before `init_from`; never when it is resumed or a
  /// checkpoint opened.
  using Initialiser = std::function<Tensor(const StartingPoint& start)>;
  void initialise(const std::string& path, Initialiser initialiser);

  /// Throws OptionError: `model.<option>` cannot be what it is, and why, and what would do.
  [[noreturn]] void refuse(const std::string& option, const std::string& why) const;

  Graph& graph() { return graph_; }

  // What was built.
  Value code() const { return code_; }
  std::int64_t classes_of_code() const { return classes_of_code_; }
  bool has_sparse_code() const { return has_sparse_code_; }
  const std::optional<Prior>& prior() const { return prior_; }
  const Elbo& elbo() const { return elbo_; }
  Value log_weight() const { return log_weight_; }
  /// Whether the variant has asked for the likelihood.
  bool has_likelihood() const { return likelihood_.has_value(); }
  Value reconstruction() const { return reconstruction_; }
  const std::vector<std::unique_ptr<TrainStep>>& train_steps() const { return steps_; }
  const std::string& best_by() const { return best_by_; }
  template <class Hook>
  using Hooks = std::vector<std::pair<std::string, Hook>>;  // by path
  /// What layers have training do with their state.
  const std::vector<StateMove>& state_moves() const { return parameters_.moves(); }
  const Hooks<UpdateHook>& update_hooks() const { return update_hooks_; }
  const Hooks<GradientHook>& gradient_hooks() const { return gradient_hooks_; }
  const Hooks<Initialiser>& initialisers() const { return initialisers_; }
  /// What the input that `labels` makes is called.
  static constexpr const char* kLabels = "labels";

 private:
  /// Whether the input is to be corrupted, if the experiment says so.
  bool takes_corruption() const { return for_losses() || setting_.purpose == Purpose::Denoise; }
  void write_input();
  /// Samples [height, width] have one channel.
  Value as_image(Value x) const;

  Graph& graph_;
  const ArchitectureOptions& architecture_;
  const DataTraits& data_;
  Setting setting_;
  Parameters parameters_;
  std::vector<Shape> encoded_;  // of what came before each layer of the encoder, and after the last
  Value hidden_;                // what the encoder gave
  bool has_code_layer_ = true;
  Value target_;
  Corrupted input_;
  Value labels_;
  Value code_;
  std::optional<Prior> prior_;
  bool has_sparse_code_ = false;
  std::int64_t classes_of_code_ = 0;
  std::optional<Likelihood> likelihood_;
  Elbo elbo_;
  Value log_weight_;
  Value reconstruction_;
  std::vector<std::unique_ptr<TrainStep>> steps_;
  std::string best_by_ = "loss";
  Hooks<UpdateHook> update_hooks_;
  Hooks<GradientHook> gradient_hooks_;
  Hooks<Initialiser> initialisers_;
};

}  // namespace hourglass
