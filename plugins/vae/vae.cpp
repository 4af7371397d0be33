#include <hourglass/plugin.hpp>

namespace hourglass {

// A variational autoencoder (D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", 2014).
class Vae final : public Variant {
 public:
  struct Options {
    int latent = 20;
    Schedule beta = 1.0f;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("beta", &Options::beta, "weight of the KL term; 1 is the evidence lower bound",
               at_least(0));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value hidden = model.encoder(model.input());
    const Value mean = model.dense("mean", hidden, options.latent);
    const Value log_variance = model.dense("log_variance", hidden, options.latent);
    const Value noise = model.normal("posterior", mean.shape());
    const Value z = model.latent(mean + exp(0.5f * log_variance) * noise,
                                 {.code = mean, .prior = standard_normal(options.latent)});
    const Value logits = model.decoder(z);
    model.reconstruction(model.likelihood().mean(logits));

    const Value nll = model.likelihood().negative_log(logits, model.target());
    const Value kl = kl_to_standard_normal(mean, log_variance);
    model.elbo(nll, kl);
    model.log_weight(log_standard_normal(z) - log_normal(z, mean, log_variance) - nll);
    model.train_step("elbo")
        .minimise(nll + model.scalar("beta", options.beta) * kl)
        .part("negative_log_likelihood", nll)
        .part("kl", kl);
  }
};

}  // namespace hourglass

using hourglass::Vae;
HOURGLASS_PLUGIN("vae", "1.0.0", Vae, "Variational autoencoder")
