#include <hourglass/train/train_options.hpp>

namespace hourglass {

void CheckpointOptions::describe(Schema<CheckpointOptions>& schema) {
  schema.add("every", &CheckpointOptions::every, "epochs from one kept checkpoint to the next",
             at_least(1));
  schema.add("keep", &CheckpointOptions::keep, "how many of these stay, beside best and last",
             at_least(0));
}

void EarlyStoppingOptions::describe(Schema<EarlyStoppingOptions>& schema) {
  schema.add("patience", &EarlyStoppingOptions::patience,
             "epochs without improvement after which training ends", at_least(1));
  schema.add("min_delta", &EarlyStoppingOptions::min_delta,
             "how much lower than at the last improvement a loss must be to count as one",
             at_least(0));
}

void TrainOptions::describe(Schema<TrainOptions>& schema) {
  schema.add("epochs", &TrainOptions::epochs, "times that training goes through the data",
             at_least(1));
  schema.add("batch", &TrainOptions::batch, "samples a step", at_least(1));
  schema.add("optimizer", &TrainOptions::optimizer, "how gradients move the parameters");
  schema.add("clip", &TrainOptions::clip, "bounds of the gradients; null: none");
  schema.add("checkpoint", &TrainOptions::checkpoint, "when the state is saved for good");
  schema.add("early_stopping", &TrainOptions::early_stopping,
             "ends training when it no longer helps; null: never");
}

}  // namespace hourglass
