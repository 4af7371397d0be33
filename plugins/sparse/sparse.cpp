#include "penalties.hpp"

#include <algorithm>
#include <cmath>

namespace hourglass {

// Autoencoders of which few units are active at a time. README.md names the papers of penalties and
// of what surrounds them.
class Sparse final : public Variant {
 public:
  enum class Loss { SquaredError, BinaryCrossEntropy };

  struct Options {
    int latent = 1000;
    sparse::Penalty penalty;
    Loss loss = Loss::SquaredError;
    std::optional<bool> unit_norm;
    std::optional<bool> pre_bias;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("penalty", &Options::penalty, "what keeps the code sparse");
    schema.add("loss", &Options::loss, "what is minimised besides, summed over features",
               Names<Loss>{{"squared_error", Loss::SquaredError},
                           {"binary_cross_entropy", Loss::BinaryCrossEntropy}});
    schema.add("unit_norm", &Options::unit_norm,
               "whether each unit's weights to the decoder's first layer have length 1; null: but "
               "for kl");
    schema.add("pre_bias", &Options::pre_bias,
               "whether the decoder's bias, at first the data's geometric median, is taken from "
               "the input; null: where the decoder is one layer and the loss squared_error");
  }

  void build(ModelBuilder& model, const Options& options) {
    check(model, options);
    const bool linear = is_linear(model), entropy = options.loss == Loss::BinaryCrossEntropy;
    Value x = model.input();
    if (options.pre_bias.value_or(linear && !entropy)) {
      x = flatten(x) - model.parameter(kBias, {x.shape().without(0).size()}, 0);
      model.initialise(
          kBias, [](const StartingPoint& start) { return geometric_median(start.samples()); });
    }
    const Value scores = model.dense("code", model.encoder(x), options.latent);
    const Code code =
        std::visit([&](const auto& how) { return encode(model, how, scores); }, options.penalty);
    const Value logits = model.decoder(model.latent(code.z, {.sparse = !has_kl(options)}));
    const Value y = entropy ? sigmoid(logits) : logits;
    model.reconstruction(y);

    const Value error = sum(flatten(entropy ? binary_cross_entropy(logits, model.target())
                                            : squared_error(y, model.target())),
                            {1});
    TrainStep& step = model.train_step("reconstruction");
    Value loss = error;
    step.part("error", error);
    if (code.penalty) {
      loss = loss + code.penalty;
      step.part("penalty", code.penalty);
    }
    if (code.revived) {
      const Value missing = stop_gradient(flatten(model.target()) - flatten(y));
      const Value found = sparse_product(*code.revived, model.existing(kAtoms));
      const Value any = maximum_over(dead(model, *code.revival, options.latent));
      const Value left = any * sum(squared_error(found, missing), {1});
      loss = loss + auxiliary_weight(model, *code.revival) * left;
      step.part("auxiliary", left);
    }
    step.minimise(loss);
    if (has_kl(options) || std::holds_alternative<sparse::BatchTopK>(options.penalty)) {
      step.coupled();
    }
    log_activity(model, step, code);
    hold_atoms(model, options);
    if (linear) {
      const bool by_unit = !has_kl(options);
      model.initialise("code.weight", [by_unit](const StartingPoint& start) {
        return by_unit ? start.value(kAtoms) : start.transposed(kAtoms);
      });
    }
  }

 private:
  static constexpr const char* kAtoms = "decoder.0.weight";
  static constexpr const char* kBias = "decoder.0.bias";
  static constexpr const char* kAge = "code.age";

  /// A code, and what is to be known of how it came about.
  struct Code {
    Value z;                                  // [batch, latent]
    Value penalty = {};                       // [batch], or a scalar
    Value counts = {};                        // [latent]: in how many samples each unit is active
    std::optional<SparseValue> revived = {};  // what dead units would be
    const sparse::Revival* revival = nullptr;
  };

  static Code encode(ModelBuilder& model, const sparse::Kl& kl, Value scores) {
    const Value z = sigmoid(scores);
    const auto rate = static_cast<float>(kl.rate);
    const Value mean = clip(hourglass::mean(z, {0}), 1e-6f, 1 - 1e-6f);
    const Value divergence =
        rate * (std::log(rate) - log(mean)) + (1 - rate) * (std::log(1 - rate) - log(1.0f - mean));
    return {.z = z, .penalty = model.scalar("kl", kl.weight) * sum(divergence)};
  }

  static Code encode(ModelBuilder& model, const sparse::L1& l1, Value scores) {
    const Value z = relu(scores);
    return {.z = z,
            .penalty = model.scalar("l1", l1.weight) * sum(z, {1}),
            .counts = sum(greater(z, 0), {0})};
  }

  static Code encode(ModelBuilder& model, const sparse::TopK& topk, Value scores) {
    const int k = model.training() ? topk.k : topk.k_test.value_or(topk.k);
    if (!model.training() || !topk.k_start) {
      return of_pairs(model, topk, scores, hourglass::topk(scores, k));
    }
    const Value count = model.scalar(
        "k", Schedule::linear(*topk.k_start, topk.k, topk.k_epochs, Schedule::Unit::Epochs));
    return of_pairs(model, topk, scores,
                    hourglass::topk(scores, std::max(k, *topk.k_start), {.count = count}));
  }

  /// In training the largest of the whole batch; elsewhere what is above the running mean of the
  /// least that these were.
  static Code encode(ModelBuilder& model, const sparse::BatchTopK& topk, Value scores) {
    const Value threshold = model.state("code.threshold", {}, -1);
    if (!model.training()) {
      const Value active = greater(scores, maximum(threshold, 0));
      return {.z = scores * active,
              .counts = sum(active, {0}),
              .revived = revived(model, topk, scores),
              .revival = &topk};
    }
    const SparseValue chosen = batch_topk(scores, topk.k);
    const Value used = greater(chosen.values, 0);
    const Value least = -maximum_over(-(chosen.values + 1e30f * (1.0f - used)));
    const Value rate = maximum(greater(0, threshold), 0.01f);
    const Value moved = threshold + rate * maximum_over(used) * (least - threshold);
    model.train_step("reconstruction").assign(threshold, moved);
    return of_pairs(model, topk, scores, chosen);
  }

  /// A unit is its score where that is above the unit's threshold. Steps have no gradient; what
  /// stands for that of the threshold counts scores within a window about it.
  static Code encode(ModelBuilder& model, const sparse::JumpRelu& jump, Value scores) {
    const auto width = static_cast<float>(jump.bandwidth);
    const Value log_threshold = model.parameter("code.log_threshold", {scores.shape()[1]},
                                                static_cast<float>(std::log(jump.threshold)));
    const Value threshold = exp(log_threshold);
    const Value active = greater(scores, threshold);
    const Value window =
        greater(scores, threshold - width / 2) - greater(scores, threshold + width / 2);
    const Value change = window * ((threshold - stop_gradient(threshold)) / width);  // zero
    return {.z = scores * active - stop_gradient(threshold) * change,
            .penalty = model.scalar("l0", jump.weight) * sum(active - change, {1}),
            .counts = sum(active, {0})};
  }

  /// The code of chosen scores, and the best of the dead units.
  static Code of_pairs(ModelBuilder& model, const sparse::Revival& revival, Value scores,
                       SparseValue chosen) {
    chosen.values = relu(chosen.values);
    SparseValue ones = chosen;
    ones.values = greater(chosen.values, 0);
    return {.z = to_dense(chosen),
            .counts = sparse_column_sums(ones),
            .revived = revived(model, revival, scores),
            .revival = &revival};
  }

  /// The best of the dead units, where they count for anything.
  static std::optional<SparseValue> revived(ModelBuilder& model, const sparse::Revival& revival,
                                            Value scores) {
    if (auxiliary_weight(model, revival) == 0) return std::nullopt;
    const std::int64_t features = model.data().sample_shape.size(), latent = scores.shape()[1];
    const std::int64_t k = revival.auxiliary_k.value_or(std::max<std::int64_t>(features / 2, 1));
    return hourglass::topk(scores, std::min(k, latent), {.columns = dead(model, revival, latent)});
  }

  /// 1 for units that have not been active for so many samples, else 0: [latent].
  static Value dead(ModelBuilder& model, const sparse::Revival& revival, std::int64_t latent) {
    return greater_equal(model.state(kAge, {latent}, 0), static_cast<float>(revival.dead_after));
  }

  /// Logs how many units are active, and counts how long each has not been.
  static void log_activity(ModelBuilder& model, TrainStep& step, const Code& code) {
    if (!code.counts) return;
    const auto batch = static_cast<float>(code.z.shape()[0]);
    const Value active = sum(code.counts) / batch;
    step.part("l0", active).part("density", active / static_cast<float>(code.z.shape()[1]));
    if (!code.revival) return;
    const Value age = model.state(kAge, code.counts.shape(), 0);
    step.part("dead_fraction", mean(dead(model, *code.revival, age.shape()[0])));
    step.assign(age, (age + batch) * (1.0f - greater(code.counts, 0)));
  }

  static float auxiliary_weight(const ModelBuilder& model, const sparse::Revival& revival) {
    return static_cast<float>(revival.auxiliary_weight.value_or(is_linear(model) ? 1.0 / 32 : 0));
  }

  static bool is_linear(const ModelBuilder& model) {
    return model.architecture().encoder.empty() && !model.architecture().decoder.layers;
  }

  /// Whether the weights that a unit is decoded with, its atom, are a row of a matrix.
  static bool has_atoms(const ModelBuilder& model) {
    const auto& layers = model.architecture().decoder.layers;
    return !layers || layers->empty() || std::holds_alternative<DenseLayer>(layers->front().kind);
  }

  /// Its codes are never zero, and lie between 0 and 1.
  static bool has_kl(const Options& options) {
    return std::holds_alternative<sparse::Kl>(options.penalty);
  }

  static void hold_atoms(ModelBuilder& model, const Options& options) {
    if (!options.unit_norm.value_or(has_atoms(model) && !has_kl(options))) return;
    model.initialise(kAtoms,
                     [](const StartingPoint& start) { return unit_rows(start.value(kAtoms)); });
    model.project_gradient(
        kAtoms, [](Value atoms, Value gradient) { return perpendicular(gradient, atoms, 1); });
    model.after_update(kAtoms, [](Value atoms) { return unit_norm(atoms, 1); });
  }

  static Tensor unit_rows(Tensor atoms) {
    const std::int64_t width = atoms.shape()[1];
    for (std::int64_t row = 0; row < atoms.shape()[0]; ++row) {
      const auto atom = atoms.floats().subspan(row * width, width);
      double squares = 0;
      for (float each : atom) squares += double{each} * each;
      for (float& each : atom) each /= static_cast<float>(std::sqrt(std::max(squares, 1e-30)));
    }
    return atoms;
  }

  static void check(const ModelBuilder& model, const Options& options) {
    if (options.loss == Loss::BinaryCrossEntropy) {
      need_range(model, "loss", "binary_cross_entropy", DataRange::Unit, "squared_error");
    }
    if (options.pre_bias.value_or(false)) {
      if (!is_linear(model)) {
        model.refuse("pre_bias",
                     "is for a decoder of one layer, whose bias it is: leave it out, "
                     "or leave out encoder and decoder");
      }
      if (options.loss != Loss::SquaredError) {
        model.refuse("pre_bias",
                     "is for the loss squared_error, with which the decoder's bias is a "
                     "sample: leave it out");
      }
    }
    if (options.unit_norm.value_or(false) && !has_atoms(model)) {
      model.refuse("unit_norm", "is for a decoder that begins with a dense layer: leave it out");
    }
    if (options.unit_norm.value_or(false) && has_kl(options)) {
      model.refuse("unit_norm", "is not for kl, whose codes are at most 1: leave it out");
    }
    const auto at_most_latent = [&](const std::string& option, std::optional<int> value) {
      if (value.value_or(1) <= options.latent) return;
      model.refuse(option, text("is ", *value, ", but there are ", options.latent,
                                " units to choose from: set it to ", options.latent,
                                " at most, or raise model.latent"));
    };
    if (const auto* topk = std::get_if<sparse::TopK>(&options.penalty)) {
      at_most_latent("penalty.topk.k", topk->k);
      at_most_latent("penalty.topk.k_start", topk->k_start);
      at_most_latent("penalty.topk.k_test", topk->k_test);
      if (topk->k_start.value_or(topk->k) < topk->k) {
        model.refuse("penalty.topk.k_start", text("must be at least k, which is ", topk->k,
                                                  ": the number of active units falls to it"));
      }
      check_revival(model, "penalty.topk", options, *topk);
    } else if (const auto* of_batch = std::get_if<sparse::BatchTopK>(&options.penalty)) {
      at_most_latent("penalty.batch_topk.k", of_batch->k);
      check_revival(model, "penalty.batch_topk", options, *of_batch);
    }
  }

  static void check_revival(const ModelBuilder& model, const std::string& path,
                            const Options& options, const sparse::Revival& revival) {
    if (revival.auxiliary_weight.value_or(0) > 0 && !is_linear(model)) {
      model.refuse(path + ".auxiliary_weight",
                   "is for a decoder of one layer, through which dead units see what is missing: "
                   "leave it out");
    }
    if (revival.auxiliary_k.value_or(1) > options.latent) {
      model.refuse(path + ".auxiliary_k",
                   text("must be at most the ", options.latent, " units that there are"));
    }
  }
};

}  // namespace hourglass

using hourglass::Sparse;
HOURGLASS_PLUGIN("sparse", "1.0.0", Sparse, "Autoencoder of which few units are active at a time")
