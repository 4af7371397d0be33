#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// Samples that are processed together: a view that its maker's next call overwrites.
struct HOURGLASS_API Batch {
  std::int64_t epoch = 0;   ///< counted from 0
  std::int64_t number = 0;  ///< within its epoch, counted from 0
  std::int64_t size = 0;
  const float* samples = nullptr;          ///< [size, sample_shape...]
  std::span<const std::uint32_t> indices;  ///< which samples of the source these are
  std::span<const std::int64_t> classes;   ///< [size], or empty when the source has none
  std::span<const float> factors;          ///< [size, factors], or empty
  /// [size, classes], 1 at each sample's class; null where these were not asked for.
  const float* labels = nullptr;
};

struct HOURGLASS_API LoaderOptions {
  std::int64_t batch = 128;
  /// A new order each epoch, block_order(samples, ..., seed, stream, epoch), by the source's
  /// blocks; where it has none that is `permutation`. Otherwise the order of the file.
  bool shuffle = true;
  /// Leaves out an epoch's last batch when it is smaller than the others.
  bool drop_last = false;
  std::uint64_t seed = 0;
  std::string stream = "order";
  /// Only these samples of the source; empty: all.
  std::vector<std::uint32_t> rows = {};
  /// Classes of which each sample has one, for Batch::labels; 0: none are wanted.
  std::int64_t classes = 0;
  /// How many batches are prepared ahead.
  int ahead = 3;

  /// Throws ConfigError, naming the option, its value and its rule.
  void validate() const;
};

/// Batches of one epoch after another, prepared ahead on a thread of its own, in buffers that are
/// allocated once. Where the team of threads takes every processor and the samples are in memory,
/// the team makes them itself when they are asked for: a thread beside it would only push a worker
/// aside for longer than that takes. What comes is a pure function of (options, epoch, batch
/// number), so a resumed run sees what the unbroken one would have seen.
///
///     Loader loader(source, {.batch = 128, .seed = 1});
///     for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) train(loader.next());
class HOURGLASS_API Loader {
 public:
  /// Starts at batch `number` of `epoch`. `source` must outlive the loader. Throws ConfigError for
  /// unfit options, and DataError for a source that does not fill one batch or, where classes are
  /// wanted, has a sample without one.
  Loader(const Source& source, LoaderOptions options, std::int64_t epoch = 0,
         std::int64_t number = 0);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  std::int64_t batches_per_epoch() const;
  /// The next batch; after an epoch's last one, the first of the next epoch. It stays as it is
  /// until the next call. Throws what `source` threw on the loader's thread.
  const Batch& next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Each sample once, in the source's order, on the calling thread: for evaluation.
///
///     SequentialReader reader(source, 1000);
///     while (const Batch* batch = reader.next()) ...
class HOURGLASS_API SequentialReader {
 public:
  /// `classes`: as in LoaderOptions. Throws ConfigError for a batch below 1, DataError for a sample
  /// without a class where they are wanted.
  SequentialReader(const Source& source, std::int64_t batch, std::int64_t classes = 0);
  ~SequentialReader();

  /// The next batch, or null after the last.
  const Batch* next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hourglass
