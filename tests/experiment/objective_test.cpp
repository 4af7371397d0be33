#include <hourglass/experiment/objective.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_SUITE("experiment/objective") {
  TEST_CASE("settings of training and of shapes keep the objective, all others may change it") {
    for (const char* key :
         {"train", "train.optimizer.adam.learning_rate", "model.latent", "model.encoder",
          "model.decoder", "model.initializer", "model.tied", "model.output", "dataset.limit",
          "dataset.labelled", "init_from", "model.penalty.topk.k"}) {
      CAPTURE(key);
      CHECK(keeps_objective(key));
    }
    for (const char* key :
         {"variant", "dataset.name", "dataset.scaling", "corruption", "model", "model.loss",
          "model.beta", "model.latent_loss", "model.penalty.l1.weight", "model.likelihood",
          "model.penalty.topk.auxiliary_weight", "training", ""}) {
      CAPTURE(key);
      CHECK_FALSE(keeps_objective(key));
    }
    CHECK(is_loss("validation/loss"));
    CHECK_FALSE(is_loss("test/negative_elbo"));
    CHECK_FALSE(is_loss("loss"));
  }
}
