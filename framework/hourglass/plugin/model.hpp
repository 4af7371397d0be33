#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/optim/optimizer.hpp>
#include <hourglass/plugin/model_builder.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace hourglass {

/// Everything that a model is made from.
struct ModelSetup {
  ModelOptions options;
  DataTraits data;
  std::uint64_t seed = 1;
  OptimizerOptions optimizer;
  std::optional<ClipOptions> clip;
  std::vector<CorruptionOptions> corruption;
  /// Parameters that one of these names never move; see names_part.
  std::vector<std::string> frozen;
  /// For schedules counted in epochs.
  std::int64_t steps_per_epoch = 1;
};

/// What is known of a variant's training step before it is compiled; see TrainStep.
struct TrainStepTraits {
  std::string name;
  std::vector<std::string> parts;  ///< penalties included
  Stream stream = Stream::All;
  std::int64_t batch = 0;  ///< 0: the experiment's
  std::int64_t every = 1;
  bool reads_labels = false;
};

/// One training step of a variant, compiled for one batch size.
struct TrainProgram {
  std::size_t step = 0;  // its number among all steps
  std::int64_t batch = 0;
  std::string name;
  std::vector<std::string> parts;  // fetches 1, 2, ...; fetch 0 is the objective
  Program program;
};

/// A program that does not train.
struct CompiledProgram {
  Purpose purpose;
  std::size_t step;  // whose objective an evaluation gives, or the draws of LogWeight; else 0
  std::int64_t batch;
  std::reference_wrapper<const Program> program;
};

/// Numbers by name, in the order in which they were first seen.
using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// Bytes that a model stands on, with the programs that were made so far: what the process grows
/// by, known before the first step.
struct ModelMemory {
  std::size_t variables = 0;  // parameters, moments and other state: the pages that they touch
  std::size_t arena = 0;      // that all programs share: whole pages
  std::size_t constants = 0;  // of all programs, as the next two
  std::size_t code = 0;
  std::size_t kernels = 0;
  MemoryReport largest;  // of the program that needs the most arena
  std::size_t total() const { return variables + arena + constants + code + kernels; }
};

/// A variant with its parameters, and the programs that train and use it. Programs are compiled
/// when they are first needed, one for each purpose and batch size, and kept; they share the
/// parameters and one arena.
class HOURGLASS_API Model {
 public:
  explicit Model(ModelSetup setup);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelSetup& setup() const { return setup_; }
  VariableStore& variables() { return store_; }
  Arena& arena() { return arena_; }

  /// The variant's training steps, in order.
  const std::vector<TrainStepTraits>& steps();
  /// The training steps that read `stream`, for batches of this size, in order. The first call
  /// settles the layouts of the parameters, so it should come before any other use.
  std::vector<TrainProgram>& train(std::int64_t batch, Stream stream = Stream::All);
  /// The training programs, for the batch size that was asked for first of each stream; none if
  /// none was.
  std::vector<const TrainProgram*> trained() const;
  /// The name of the first bad tensor of training step `step`, forward, backward and in its update,
  /// for one batch and the state before the step that went wrong; see Program::find_nonfinite.
  std::string find_nonfinite(std::size_t step, std::int64_t batch, const float* samples,
                             const RunState& state, const float* labels = nullptr);

  /// Starts parameters as the variant's `initialise` says, from the training split: once, before a
  /// training begins. Throws ShapeError when a value has another size than its parameter.
  void initialise(const Source& train);

  /// How often each training step has run, which schedules outside training go by: zero for a model
  /// that is new; set by whoever trains it or reads its parameters.
  void set_counts(std::span<const std::int64_t> counts);

  /// The objectives of the training steps and their parts over a whole split, without dropout: the
  /// mean over samples. The first is called "loss", the others by their step. Those that read
  /// labels are left out where samples have none.
  NamedNumbers evaluate(const Source& source, std::uint32_t split);

  using BatchResult = std::function<void(std::span<const std::uint32_t> indices,
                                         const float* samples, const float* result)>;
  /// Codes [code_shape] of all samples, batch after batch, in their order. Throws DataError when
  /// they are made from labels, and samples have none.
  void encode(const Source& source, std::uint32_t split, const BatchResult& result);
  /// Reconstructions [sample shape] of all samples, likewise.
  void reconstruct(const Source& source, std::uint32_t split, const BatchResult& result);
  /// The same of corrupted samples; `samples` are the clean ones. `corrupted` is what the model
  /// saw.
  using DenoisedBatch =
      std::function<void(std::span<const std::uint32_t> indices, const float* samples,
                         const float* corrupted, const float* result)>;
  void denoise(const Source& source, std::uint32_t split, const DenoisedBatch& result);

  /// What the variant declares, beside a code and a reconstruction.
  struct Traits {
    bool has_elbo = false;
    bool has_log_weight = false;
    std::string prior;       ///< what codes are drawn from; empty: nothing to draw from
    std::string likelihood;  ///< "bernoulli", "gaussian", "categorical"; empty: it models none
    bool proper_likelihood = false;  ///< and whether it is a likelihood of these data
    bool sparse_code = false;        ///< whether few numbers of a code are not zero
    std::int64_t classes = 0;        ///< how many numbers of a code, the first, are probabilities
                                     ///< of the variant's own classes
    std::string best_by = "loss";    ///< the least of what tells the best epoch
  };
  const Traits& traits();

  /// The negative evidence lower bound's terms for each sample, in nats: negative log-likelihood
  /// and KL. Throws Error where the variant declares none.
  using ElboBatch = std::function<void(std::span<const std::uint32_t> indices,
                                       const float* negative_log_likelihood, const float* kl)>;
  void elbo(const Source& source, std::uint32_t split, const ElboBatch& result);
  /// log p(x, z) - log q(z | x) for `draws` codes z of each sample, in nats. `weights` holds some
  /// draws of each of the batch's samples, one sample after another, and comes again for the same
  /// samples until all draws have been given. The same numbers whatever the batch. Throws Error
  /// where the variant declares none.
  using WeightBatch =
      std::function<void(std::span<const std::uint32_t> indices, std::span<const float> weights)>;
  void log_weights(const Source& source, std::uint32_t split, std::int64_t draws,
                   const WeightBatch& result);
  /// Compiles what `log_weights` runs for so many samples.
  void compile_log_weights(std::int64_t samples, std::int64_t draws);

  /// `count` codes drawn from the prior, and what the decoder makes of them. Sample i is the same
  /// whatever `count`. Throws Error where there is no prior, or where the decoder reads labels.
  struct Generated {
    Tensor codes;    ///< [count, code shape]
    Tensor samples;  ///< [count, sample shape], in the model's scale
  };
  Generated generate(std::int64_t count);
  /// The same codes alone, [count, code shape], whatever the decoder reads. Throws Error where
  /// there is no prior.
  Tensor draw_codes(std::int64_t count);
  /// Whether the decoder makes a sample from a code together with labels.
  bool decoder_reads_labels();
  /// Reconstructions of given codes [count, code shape]. Throws Error when the variant's decoder
  /// reads labels too.
  Tensor decode(const Tensor& codes);
  /// The same, a batch at a time: `result` gets `count` samples, one after another.
  using DecodedBatch = std::function<void(const float* samples, std::int64_t count)>;
  void decode(const Tensor& codes, const DecodedBatch& result);

  /// Compiles what `evaluate`, `encode` or `reconstruct` run for so many samples, a smaller last
  /// batch included, so that all is known before anything runs.
  void compile_evaluation(const Source& source);
  void compile(Purpose purpose, std::int64_t samples, std::size_t step = 0);

  /// Of one sample's code.
  const Shape& code_shape();
  /// The number of parameters.
  std::int64_t parameter_count();
  /// The parameters that a train step with these `prefixes` moves (TrainStep::moving; none: all),
  /// frozen ones left out.
  std::vector<Variable*> moved(const std::vector<std::string>& prefixes);

  /// A program for one purpose, with all that it can give: for Evaluate the objective of training
  /// step `step` and its parts, for Encode and Draw the code, for Elbo its two terms, for LogWeight
  /// the weights of `step` draws, else the reconstruction, and with it what the decoder or the
  /// encoder was given: the code for Generate, the corrupted input for Denoise.
  Program& program(Purpose purpose, std::int64_t batch, std::size_t step = 0);
  /// The graph for one purpose, for printouts.
  std::unique_ptr<Graph> graph(Purpose purpose, std::int64_t batch);
  ModelMemory memory() const;
  /// The code that the training programs run, each name once: other code may round differently.
  std::set<std::string> implementations() const;
  /// The programs made so far that do not train, by purpose, train step and batch size.
  std::vector<CompiledProgram> compiled() const;
  /// Sentences about slow code in the programs made so far.
  std::vector<std::string> warnings() const;

  /// How many samples the programs for evaluation take at a time.
  static constexpr std::int64_t kEvaluationBatch = 1000;

 private:
  void visit_programs(const std::function<void(const Program&)>& visit) const;

  struct Built;
  struct BuiltStep;
  Built build(Purpose purpose, std::int64_t batch, std::size_t step = 0);
  static void share_moves(Built& built);
  void note_steps(const Built& built);
  double steps_per_epoch(std::size_t step) const;
  std::vector<Value> updates_of(const Built& built, std::size_t step);
  TrainProgram compile_step(std::size_t step, std::int64_t batch);
  bool can_evaluate(const TrainStepTraits& step, const Source& source) const;
  void run_over(Purpose purpose, std::size_t step, const Source& source, std::uint32_t split,
                const std::function<void(const Batch& batch, const Program& program)>& result);
  /// Runs a program that takes no samples for the numbers 0 .. count - 1.
  void run_numbered(Purpose purpose, std::size_t step, std::int64_t count,
                    const std::function<void(Program& program, std::int64_t first)>& feed,
                    const std::function<void(const Program& program, std::int64_t first)>& result);
  void give(Purpose purpose, const Source& source, std::uint32_t split, const BatchResult& result);

  ModelSetup setup_;
  VariableStore store_;
  Arena arena_;
  std::vector<TrainStepTraits> steps_;  // empty until the first graph is written
  std::vector<std::int64_t> counts_;
  std::map<std::pair<Stream, std::int64_t>, std::vector<TrainProgram>> train_;
  std::map<Stream, std::int64_t> first_trained_;  // batch sizes
  std::map<std::tuple<Purpose, std::int64_t, std::size_t>, std::unique_ptr<Program>> programs_;
  std::optional<Shape> code_shape_;
  Traits traits_;
};

}  // namespace hourglass
