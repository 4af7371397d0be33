#pragma once

#include <hourglass/config/optimizer_options.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/graph/graph.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// Where a train step's samples come from. Each stream has a batch size and an order of its own;
/// all steps that read one stream see the same batch.
enum class Stream {
  All,       // the training split: what an epoch goes through once
  Labelled,  // those of its samples whose labels training may see, over and over
  Second,    // the training split over and over, in an order that has nothing to do with All's
};
inline constexpr int kStreams = 3;

/// What messages call a stream: "all", "labelled", "second".
HOURGLASS_API const char* name_of(Stream stream);

/// One of a variant's training steps: what it minimises, what it moves, and when. Every batch, the
/// steps run one after another, in the order in which `build` first names them.
///
///     model.train_step("discriminator")
///         .minimise(loss)
///         .moving({"discriminator"})
///         .optimizer(options.discriminator_optimizer)
///         .every(2)
///         .stream(Stream::Second);
class HOURGLASS_API TrainStep {
 public:
  explicit TrainStep(std::string name) : name_(std::move(name)) {}

  /// The objective: one number a sample, [batch], of which the mean is taken, or a scalar.
  /// Convention: the sum over features, in nats for likelihoods.
  TrainStep& minimise(Value loss);
  /// A part of the objective, logged as `train/<name>`: one number a sample, or a scalar.
  TrainStep& part(std::string name, Value value);
  /// Only parameters whose paths begin with one of these move; all do if this is never said.
  TrainStep& moving(std::vector<std::string> prefixes);
  /// The step's own optimiser, such as an option of the variant; nothing: the experiment's.
  TrainStep& optimizer(std::optional<OptimizerOptions> options);
  /// Runs on each n-th batch only: the n-th, the 2n-th and so on since training began. The step's
  /// schedules and random numbers follow its own count. Throws ConfigError unless n >= 1.
  TrainStep& every(std::int64_t n);
  /// The samples that this step reads, and how many at a time; 0: as many as the experiment's
  /// `train.batch`, which is the size of Stream::All in any case. There are never more than the
  /// stream has. Throws ConfigError for a batch below 0, or one of Stream::All.
  TrainStep& stream(Stream stream, std::int64_t batch = 0);
  /// Says that a sample's part of the loss depends on the other samples of its batch, as statistics
  /// of the batch do: a discrepancy, a mean activation, free bits. `hourglass plugin-check` takes
  /// it for a mistake where this is not said.
  TrainStep& coupled();
  /// Each run of this step stores `value` into a state made by ModelBuilder::state, once whatever
  /// reads the old value has run. A state belongs to one step. Throws ShapeError for another shape,
  /// Error when `state` is none.
  TrainStep& assign(Value state, Value value);

  const std::string& name() const { return name_; }
  Value objective() const { return objective_; }  ///< a scalar
  struct Part {
    std::string name;
    Value value;  // a scalar
  };
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<std::string>& prefixes() const { return prefixes_; }
  const std::optional<OptimizerOptions>& optimizer() const { return optimizer_; }
  std::int64_t every() const { return every_; }
  Stream stream() const { return stream_; }
  std::int64_t batch() const { return batch_; }  ///< 0: the experiment's
  bool is_coupled() const { return coupled_; }
  struct Assignment {
    Variable* state;
    Value value;
  };
  const std::vector<Assignment>& assignments() const { return assignments_; }

 private:
  std::string name_;
  Value objective_;
  std::vector<Part> parts_;
  std::vector<std::string> prefixes_;
  std::optional<OptimizerOptions> optimizer_;
  std::int64_t every_ = 1;
  Stream stream_ = Stream::All;
  std::int64_t batch_ = 0;
  bool coupled_ = false;
  std::vector<Assignment> assignments_;
};

}  // namespace hourglass
