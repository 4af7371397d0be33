#pragma once

#include <hourglass/config/optimizer_options.hpp>
#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>

#include <optional>

namespace hourglass {

/// `checkpoint: {every: 5, keep: 2}`; best and last are always kept.
struct HOURGLASS_API CheckpointOptions {
  int every = 5;
  int keep = 2;
  static void describe(Schema<CheckpointOptions>& schema);
};

/// `early_stopping: {patience: 10}`.
struct HOURGLASS_API EarlyStoppingOptions {
  int patience = 10;
  double min_delta = 0;
  static void describe(Schema<EarlyStoppingOptions>& schema);
};

struct HOURGLASS_API TrainOptions {
  int epochs = 20;
  int batch = 128;
  OptimizerOptions optimizer = AdamOptions();
  std::optional<ClipOptions> clip;
  CheckpointOptions checkpoint;
  std::optional<EarlyStoppingOptions> early_stopping;
  static void describe(Schema<TrainOptions>& schema);
};

}  // namespace hourglass
