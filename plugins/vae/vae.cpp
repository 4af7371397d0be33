#include <hourglass/plugin.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hourglass {

// Variational autoencoders (D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", 2014) and
// their objectives; README.md names the papers.
class Vae final : public Variant {
 public:
  struct Capacity {
    double gamma = 100;
    Schedule target = 0.0;
    static void describe(Schema<Capacity>& schema) {
      schema.add("gamma", &Capacity::gamma, "weight of the KL's distance from the target",
                 greater_than(0));
      schema.require("target", &Capacity::target, "what the KL is to be, in nats", at_least(0));
    }
  };

  struct Discriminator {
    int layers = 6;
    int width = 1000;
    OptimizerOptions optimizer = adam();
    static OptimizerOptions adam() {
      AdamOptions options;
      options.learning_rate = 1e-4;
      options.beta1 = 0.5;
      options.beta2 = 0.9;
      return options;
    }
    static void describe(Schema<Discriminator>& schema) {
      schema.add("layers", &Discriminator::layers, "how many hidden layers", at_least(1));
      schema.add("width", &Discriminator::width, "units of each", at_least(1));
      schema.add("optimizer", &Discriminator::optimizer, "how the discriminator is trained");
    }
  };

  struct TotalCorrelation {
    enum class Estimator { Sampling, Discriminator };
    Schedule weight = 1.0;
    Estimator estimator = Estimator::Sampling;
    std::optional<Discriminator> discriminator;
    static void describe(Schema<TotalCorrelation>& schema) {
      schema.require("weight", &TotalCorrelation::weight,
                     "of the total correlation; 1 is the evidence lower bound", at_least(0));
      schema.add("estimator", &TotalCorrelation::estimator, "how it is estimated",
                 Names<Estimator>{{"sampling", Estimator::Sampling},
                                  {"discriminator", Estimator::Discriminator}});
      schema.add("discriminator", &TotalCorrelation::discriminator,
                 "the network that estimates it; null: six layers of 1000 units");
    }
  };

  struct Options {
    int latent = 20;
    Schedule beta = 1.0;
    double free_bits = 0;
    std::optional<Capacity> capacity;
    int importance_samples = 1;
    std::optional<TotalCorrelation> total_correlation;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("beta", &Options::beta, "weight of the KL term; 1 is the evidence lower bound",
               at_least(0));
    schema.add("free_bits", &Options::free_bits,
               "nats of each code dimension's KL that cost as much as none", at_least(0));
    schema.add("capacity", &Options::capacity, "what the KL is held at; null: it is minimised");
    schema.add("importance_samples", &Options::importance_samples,
               "codes a sample in the importance-weighted bound; 1: the evidence lower bound",
               at_least(1));
    schema.add("total_correlation", &Options::total_correlation,
               "a further weight for the dependence of code dimensions; null: none");
  }

  void build(ModelBuilder& model, const Options& options) {
    refuse_contradictions(model, options);
    // Losses may want several codes of each sample.
    const std::int64_t draws = model.for_losses() ? options.importance_samples : 1;
    const Value hidden = model.encoder(model.input());
    const Value mean = model.dense("mean", hidden, options.latent);
    const Value log_variance = model.dense("log_variance", hidden, options.latent);
    const Value means = repeat(mean, draws), log_variances = repeat(log_variance, draws);
    const Value noise = model.normal("posterior", means.shape());
    const Value z = model.latent(means + exp(0.5f * log_variances) * noise,
                                 {.code = mean, .prior = standard_normal(options.latent)});
    const Value y = model.decoder(z);
    model.reconstruction(model.likelihood().mean(y));

    const Value errors = model.likelihood().negative_log(y, repeat(model.target(), draws));
    const Value log_weights = log_standard_normal(z) - log_normal(z, means, log_variances) - errors;
    const auto of_sample = [&](Value each) {  // [batch, draws]
      return reshape(each, {each.shape()[0] / draws, draws});
    };
    const Value error = draws == 1 ? errors : hourglass::mean(of_sample(errors), {1});
    const Value kl = kl_to_standard_normal(mean, log_variance);
    model.elbo(error, kl);
    model.log_weight(log_weights);

    TrainStep& step = model.train_step("elbo");
    step.part("negative_log_likelihood", error).part("kl", kl);
    if (options.capacity || options.total_correlation || options.free_bits > 0) step.coupled();
    if (options.importance_samples > 1) {
      step.minimise(-log_mean_exp(of_sample(log_weights), 1));
    } else if (options.capacity) {
      const auto gamma = static_cast<float>(options.capacity->gamma);
      const Value target = model.scalar("capacity", options.capacity->target);
      step.minimise(error + gamma * abs(hourglass::mean(kl) - target));
    } else if (options.total_correlation) {
      const Value weight = model.scalar("total_correlation", options.total_correlation->weight);
      const Value dependence = total_correlation(model, options, z, mean, log_variance);
      step.minimise(error + kl + (weight - 1.0f) * dependence);
      step.part("total_correlation", dependence);
    } else {
      const Value beta = model.scalar("beta", options.beta);
      const Value cost =
          options.free_bits > 0 ? kl_above(options.free_bits, mean, log_variance) : kl;
      step.minimise(error + beta * cost);
    }
  }

 private:
  using Estimator = TotalCorrelation::Estimator;

  /// The sum over dimensions of max(least, mean over the batch of a dimension's KL).
  static Value kl_above(double least, Value mean, Value log_variance) {
    const Value each =
        hourglass::mean(kl_to_standard_normal_per_dimension(mean, log_variance), {0});
    return sum(maximum(each, each.graph().filled({}, static_cast<float>(least))));
  }

  static Value total_correlation(ModelBuilder& model, const Options& options, Value z, Value mean,
                                 Value log_variance) {
    if (options.total_correlation->estimator == Estimator::Sampling) {
      const std::int64_t samples = std::max<std::int64_t>(model.data().samples, 1);
      return total_correlation_by_sampling(z, mean, log_variance, samples);
    }
    const Discriminator discriminator =
        options.total_correlation->discriminator.value_or(Discriminator());
    std::vector<std::string> own = {"encoder", "mean", "log_variance", "decoder"};
    const auto* gaussian = std::get_if<GaussianLikelihood>(&model.architecture().likelihood);
    if (gaussian != nullptr && gaussian->variance == GaussianLikelihood::Variance::Learned) {
      own.push_back("likelihood");
    }
    model.train_step("elbo").moving(own);
    // It learns to tell codes from such whose dimensions have nothing to do with each other.
    const Value codes = stop_gradient(z);
    const Value shuffled = shuffle_columns(codes, "shuffled");
    model.train_step("discriminator")
        .minimise(0.5f * (softplus(-log_ratio(model, discriminator, codes)) +
                          softplus(log_ratio(model, discriminator, shuffled))))
        .moving({"discriminator"})
        .optimizer(discriminator.optimizer)
        .stream(Stream::Second);
    return log_ratio(model, discriminator, z);
  }

  /// log q(z) - log prod_d q(z_d) of each code, [batch], as the discriminator has it.
  static Value log_ratio(ModelBuilder& model, const Discriminator& options, Value z) {
    for (int i = 0; i < options.layers; ++i) {
      z = leaky_relu(model.dense(text("discriminator.", i), z, options.width), 0.2f);
    }
    const Value y = model.dense(text("discriminator.", options.layers), z, 1);
    return reshape(y, {y.shape()[0]});
  }

  /// The first three each say all that there is to say of the KL.
  static void refuse_contradictions(const ModelBuilder& model, const Options& options) {
    const std::pair<const char*, bool> chosen[] = {
        {"importance_samples", options.importance_samples > 1},
        {"capacity", options.capacity.has_value()},
        {"total_correlation", options.total_correlation.has_value()},
        {"free_bits", options.free_bits > 0},
        {"beta", options.beta != Schedule(1.0)}};
    for (int i = 0; i < 3; ++i) {
      for (int j = i + 1; j < 5; ++j) {
        if (!chosen[i].second || !chosen[j].second) continue;
        model.refuse(chosen[j].first, text("does not go with ", chosen[i].first,
                                           ", which weighs the KL in a way of its own; leave one "
                                           "of them out"));
      }
    }
    if (!options.total_correlation) return;
    const TotalCorrelation& total = *options.total_correlation;
    if (options.latent == 1) {
      model.refuse("total_correlation", "needs two code dimensions at least, and latent is 1");
    }
    if (total.discriminator && total.estimator == Estimator::Sampling) {
      model.refuse("total_correlation.discriminator",
                   "is for the estimator discriminator, and the estimator is sampling");
    }
  }
};

}  // namespace hourglass

using hourglass::Vae;
HOURGLASS_PLUGIN("vae", "1.0.0", Vae, "Variational autoencoder")
