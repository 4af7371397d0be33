#pragma once

#include <hourglass/plugin.hpp>

#include <optional>

namespace hourglass::test {

/// A variant with everything that train steps can have: three of them on the three streams, with
/// optimisers and counts of their own, state, noise, schedules, and a hook of each kind.
class Streams final : public Variant {
 public:
  struct Options {
    int latent = 3;
    int classifier_every = 2;
    int shrink_every = 3;
    int labelled_batch = 4;
    int second_batch = 0;
    std::optional<OptimizerOptions> classifier_optimizer;
    Schedule shrink = 0.1;
    Schedule scale = 1;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("classifier_every", &Options::classifier_every, "batches", at_least(1));
    schema.add("shrink_every", &Options::shrink_every, "batches", at_least(1));
    schema.add("labelled_batch", &Options::labelled_batch, "labelled samples at a time",
               at_least(0));
    schema.add("second_batch", &Options::second_batch, "samples of `shrink` at a time",
               at_least(0));
    schema.add("classifier_optimizer", &Options::classifier_optimizer,
               "of the classifier; null: train.optimizer");
    schema.add("shrink", &Options::shrink, "weight of the code's size", at_least(0));
    schema.add("scale", &Options::scale, "by which codes are multiplied", at_least(0));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value hidden = model.encoder(model.input());
    const Value code =
        model.scalar("scale", options.scale) * model.dense("code", hidden, options.latent);
    const Value z = model.latent(code + 0.1f * model.normal("noise", code.shape()), {.code = code});
    const Value y = model.decoder(z);
    model.reconstruction(y);
    const Value guess = model.dense("classifier", code, model.data().classes);
    const Value average = model.state("code_average", {options.latent}, 0);

    model.train_step("reconstruction")
        .minimise(sum(squared_error(flatten(y), flatten(model.target())), {1}))
        .assign(average, 0.9f * average + 0.1f * mean(code, {0}));
    model.train_step("classifier")
        .minimise(categorical_cross_entropy(guess, model.labels()))
        .moving({"encoder", "code", "classifier"})
        .optimizer(options.classifier_optimizer)
        .every(options.classifier_every)
        .stream(Stream::Labelled, options.labelled_batch);
    model.train_step("shrink")
        .minimise(model.scalar("shrink", options.shrink) * sum(square(code - average), {1}))
        .moving({"encoder", "code"})
        .every(options.shrink_every)
        .stream(Stream::Second, options.second_batch);

    model.after_update("classifier.weight", [](Value w) { return unit_norm(w, 1); });
    model.project_gradient("classifier.weight",
                           [](Value w, Value gradient) { return perpendicular(gradient, w, 1); });
    model.initialise("classifier.weight", [](const StartingPoint& start) {
      Tensor weight = start.value("classifier.weight");
      for (float& each : weight.floats()) each *= 2;
      return weight;
    });
  }
};

}  // namespace hourglass::test
