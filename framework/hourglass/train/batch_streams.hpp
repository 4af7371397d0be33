#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <array>
#include <cstdint>
#include <memory>

namespace hourglass {

/// Refuses data whose labels the variant's train steps would miss.
/// Throws OptionError, which says what to do.
HOURGLASS_API void check_labels(Model& model, const DataSet& data);

/// Compiles the training programs of all train steps, for each batch size that will come, so that
/// what they need is known before the first step; the stream `all` comes first.
HOURGLASS_API void compile_training(Model& model, const DataSet& data, std::int64_t batch);

/// Whether a train step runs on the batch with this number, counted from 0 since training began.
HOURGLASS_API bool is_due(const TrainStepTraits& step, std::int64_t number);

/// The batches that a variant's train steps read. An epoch goes through the stream `all` once; each
/// of the others gives a full batch whenever a step that reads it runs, pass after pass, each pass
/// in an order of its own, and leaves to the next pass what does not fill a batch. How many batches
/// each has given is counted in the training's state, so a resumed run goes on exactly.
class HOURGLASS_API BatchStreams {
 public:
  /// Goes on at `state`. Model and data must outlive it. Throws as check_labels.
  BatchStreams(Model& model, const DataSet& data, std::int64_t batch, std::uint64_t seed,
               const TrainingState& state);

  /// Of the stream `all`.
  std::int64_t batches_per_epoch() const { return batches_; }
  /// The samples of `all` in the batch that has this number in its epoch.
  std::int64_t size(std::int64_t number) const;
  /// A stream's batch for the batch of training under way: the same until `advance`.
  const Batch& current(Stream stream);
  /// The batch of training with the number `state.step` is over.
  void advance(TrainingState& state);

 private:
  struct Reader {
    std::unique_ptr<Loader> loader;  // null where no step reads the stream
    const Batch* batch = nullptr;    // null until a step asks for it
  };
  Reader& reader(Stream stream) { return readers_[static_cast<std::size_t>(stream)]; }

  Model& model_;
  std::int64_t samples_;
  std::int64_t batch_;
  std::int64_t batches_;
  std::array<Reader, kStreams> readers_;
};

}  // namespace hourglass
