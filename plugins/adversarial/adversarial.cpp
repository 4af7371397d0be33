#include "options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace hourglass {

// The adversarial autoencoder (A. Makhzani, J. Shlens, N. Jaitly, I. Goodfellow, B. Frey, 2016): a
// discriminator learns to tell codes from draws of a prior, and the encoder to pass for the prior.
class Adversarial final : public Variant {
 public:
  using Options = adversarial::Options;
  using Mode = Options::Mode;
  using Posterior = Options::Posterior;
  static void describe(Schema<Options>& schema) { Options::describe(schema); }

  void build(ModelBuilder& model, const Options& options) {
    check(model, options);
    const std::int64_t classes = classes_of(model, options);
    const Value hidden = flatten(model.encoder(model.input()));
    const Code code = encode(model, options, hidden);
    const Prior prior = prior_of(options);

    // With classes of its own, a code is their probabilities and what tells samples of one apart.
    const Value logits = classes > 0 ? model.dense("class", hidden, classes) : Value();
    const Value choice = classes > 0 ? softmax(logits) : Value();
    const auto whole = [&](Value z) { return classes > 0 ? concat({choice, z}, 1) : z; };
    const bool alone = options.mode == Mode::LabelsAlone;
    const Value seam = alone ? stop_gradient(whole(code.drawn)) : whole(code.drawn);
    const Value z = model.latent(seam, {.code = whole(code.mean),
                                        .prior = classes > 0 ? with_class(classes, prior) : prior,
                                        .classes = classes});
    const Value y =
        model.decoder(options.mode == Mode::Supervised ? concat({model.labels(), z}, 1) : z);
    model.reconstruction(model.likelihood().mean(y));

    const Value error = model.likelihood().negative_log(y, model.target());
    TrainStep& reconstruction = model.train_step("reconstruction");
    reconstruction.minimise(error).moving(parts_but_discriminator(model, options, classes > 0));
    if (!alone) {
      const Value draws = prior.draw(model.graph(), model.batch(), "prior");
      const Value real = options.mode == Mode::LabelPrior ? draw_by_label(model, options) : draws;
      std::vector<Contest> contests{{"discriminator.code", code.drawn, real}};
      if (classes > 0) {
        const Value one = random_choice(model.graph(), model.batch(), classes, "class");
        contests.push_back({"discriminator.class", choice, one});
      }
      if (options.mode == Mode::LabelPrior) contests[0].given = model.labels();
      contend(model, options, contests);
      // Neither side's loss says how good the model is.
      reconstruction.part("mismatch", error * (1.0f + squared_discrepancy(code.drawn, draws)));
      model.choose_best_by("mismatch");
    }
    if (alone || options.mode == Mode::SemiSupervised) learn_labels(model, options, logits);
  }

 private:
  struct Code {
    Value drawn, mean;  // [batch, latent]
  };

  /// Codes that a discriminator is to tell from draws, both [batch, n].
  struct Contest {
    std::string name;
    Value codes, draws;
    Value given = {};  // what it is told of both
  };

  static Code encode(ModelBuilder& model, const Options& options, Value hidden) {
    const bool categorical = std::holds_alternative<adversarial::Categorical>(options.prior);
    const auto finish = [&](Value z) { return categorical ? softmax(z) : z; };
    const std::int64_t latent = options.latent;
    const Shape shape{hidden.shape()[0], latent};
    if (options.posterior == Posterior::Gaussian) {
      const Value mean = model.dense("mean", hidden, latent);
      const Value log_variance = model.dense("log_variance", hidden, latent);
      return {finish(mean + exp(0.5f * log_variance) * model.normal("posterior", shape)),
              finish(mean)};
    }
    if (options.posterior == Posterior::Noise) {
      const auto with = [&](Value noise) {
        return finish(model.dense("code", concat({hidden, noise}, 1), latent));
      };
      return {with(model.normal("posterior", shape)), with(model.graph().filled(shape, 0))};
    }
    const Value z = finish(model.dense("code", hidden, latent));
    return {z, z};
  }

  /// Two steps: the discriminators', and the encoder's against them.
  static void contend(ModelBuilder& model, const Options& options,
                      const std::vector<Contest>& contests) {
    Value told, fooled;
    for (const Contest& contest : contests) {
      const auto judge = [&](Value codes, const char* stream) {
        const auto noise = static_cast<float>(options.discriminator.noise);
        if (noise > 0 && model.training()) {
          codes = codes + noise * model.normal(text(contest.name, " ", stream), codes.shape());
        }
        const Value seen = contest.given ? concat({codes, contest.given}, 1) : codes;
        return verdict(model, options.discriminator, contest.name, seen);
      };
      const Value right = softplus(-judge(contest.draws, "draws")) +
                          softplus(judge(stop_gradient(contest.codes), "codes"));
      const Value wrong = softplus(-judge(contest.codes, "encoder"));
      told = told ? told + right : right;
      fooled = fooled ? fooled + wrong : wrong;
    }
    model.train_step("discriminator")
        .minimise(told)
        .moving({"discriminator"})
        .optimizer(options.discriminator.optimizer)
        .every(options.discriminator.every);
    model.train_step("encoder")
        .minimise(fooled)
        .moving(encoder_parts(options, contests.size() > 1))
        .optimizer(options.encoder_optimizer)
        .every(options.encoder_every);
  }

  /// What a discriminator holds of each code: positive where it takes it for a draw. [batch].
  static Value verdict(ModelBuilder& model, const adversarial::Discriminator& options,
                       const std::string& name, Value codes) {
    for (int i = 0; i < options.layers; ++i) {
      codes = model.dense(text(name, ".", i), codes, options.width, Activation::Relu);
    }
    const Value y = model.dense(text(name, ".", options.layers), codes, 1);
    return reshape(y, {y.shape()[0]});
  }

  static void learn_labels(ModelBuilder& model, const Options& options, Value logits) {
    const Value labels = model.labels();
    const Value most = reshape(maximum_over(logits, {1}), {logits.shape()[0], 1});
    const Value right = greater_equal(logits, most) * labels;
    model.train_step("classification")
        .minimise(categorical_cross_entropy(logits, labels))
        .part("class_error", 1.0f - sum(right, {1}))
        .moving({"encoder", "class"})
        .optimizer(options.label_optimizer)
        .stream(Stream::Labelled, options.label_batch);
  }

  /// Draws from the part of the prior that belongs to each sample's label.
  static Value draw_by_label(ModelBuilder& model, const Options& options) {
    const Value labels = model.labels();
    if (const auto* mixture = std::get_if<adversarial::Mixture>(&options.prior)) {
      return draw_from_ring(mixture->ring(), labels, "prior by label");
    }
    const std::int64_t classes = labels.shape()[1];
    Tensor starts({classes, 1});
    for (std::int64_t i = 0; i < classes; ++i) {
      starts.floats()[i] = static_cast<float>(i) / static_cast<float>(classes);
    }
    const Value within = random_uniform(model.graph(), {model.batch(), 1}, "position by label");
    return draw_from_swiss_roll(
        std::get<adversarial::Swiss>(options.prior).roll(),
        matmul(labels, model.graph().constant(starts)) + within / static_cast<float>(classes),
        "prior by label");
  }

  static Prior prior_of(const Options& options) {
    struct Make {
      std::int64_t latent;
      Prior operator()(const adversarial::Gaussian&) const { return standard_normal(latent); }
      Prior operator()(const adversarial::Mixture& mixture) const {
        return ring_of_normals(mixture.ring());
      }
      Prior operator()(const adversarial::Swiss& swiss) const { return swiss_roll(swiss.roll()); }
      Prior operator()(const adversarial::Uniform& uniform) const {
        return uniform_numbers(latent, static_cast<float>(uniform.low),
                               static_cast<float>(uniform.high));
      }
      Prior operator()(const adversarial::Categorical&) const { return one_of(latent); }
    };
    return std::visit(Make{options.latent}, options.prior);
  }

  static Prior with_class(std::int64_t classes, const Prior& prior) {
    return Prior(text("one of ", classes, " classes and ", prior.name()),
                 [=](Graph& graph, std::int64_t count, const std::string& stream) {
                   return concat({random_choice(graph, count, classes, stream + " class"),
                                  prior.draw(graph, count, stream)},
                                 1);
                 });
  }

  static std::int64_t classes_of(const ModelBuilder& model, const Options& options) {
    if (options.mode == Mode::Clustering) return options.clusters;
    const bool labelled = options.mode == Mode::SemiSupervised || options.mode == Mode::LabelsAlone;
    return labelled ? model.data().classes : 0;
  }

  static std::vector<std::string> encoder_parts(const Options& options, bool has_classes) {
    std::vector<std::string> parts{"encoder"};
    if (has_classes) parts.emplace_back("class");
    if (options.posterior == Posterior::Gaussian) {
      parts.insert(parts.end(), {"mean", "log_variance"});
    } else {
      parts.emplace_back("code");
    }
    return parts;
  }

  static std::vector<std::string> parts_but_discriminator(const ModelBuilder& model,
                                                          const Options& options,
                                                          bool has_classes) {
    std::vector<std::string> parts = encoder_parts(options, has_classes);
    parts.emplace_back("decoder");
    const auto* gaussian = std::get_if<GaussianLikelihood>(&model.architecture().likelihood);
    if (gaussian != nullptr && gaussian->variance == GaussianLikelihood::Variance::Learned) {
      parts.emplace_back("likelihood");
    }
    return parts;
  }

  static void check(const ModelBuilder& model, const Options& options) {
    const bool plane = std::holds_alternative<adversarial::Mixture>(options.prior) ||
                       std::holds_alternative<adversarial::Swiss>(options.prior);
    if (plane && options.latent != 2) {
      model.refuse("latent", text("is ", options.latent,
                                  ", and this prior lies in a plane: set it "
                                  "to 2, or prior to gaussian"));
    }
    if (std::holds_alternative<adversarial::Categorical>(options.prior) && options.latent < 2) {
      model.refuse("latent", "must be at least 2 for the prior categorical: it counts the classes");
    }
    const bool reads_labels =
        options.mode != Mode::Unsupervised && options.mode != Mode::Clustering;
    if (reads_labels && model.data().classes < 2) {
      model.refuse("mode", "needs labels, and the data have none: use unsupervised or clustering");
    }
    if (options.mode != Mode::LabelPrior) return;
    if (!plane) {
      model.refuse("prior",
                   "must be mixture or swiss_roll for the mode label_prior: of these each "
                   "label has a part of its own");
    }
    const auto* mixture = std::get_if<adversarial::Mixture>(&options.prior);
    if (mixture != nullptr && mixture->components != model.data().classes) {
      model.refuse("prior.mixture.components",
                   text("is ", mixture->components, ", and there are ", model.data().classes,
                        " labels, one for each: set it to ", model.data().classes));
    }
  }
};

}  // namespace hourglass

using hourglass::Adversarial;
HOURGLASS_PLUGIN("adversarial", "1.0.0", Adversarial, "Adversarial autoencoder")
