#include <hourglass/plugin.hpp>

namespace {

using namespace hourglass;

// Which paper does it follow? (authors, "title", year)
class @CLASS@ final : public Variant {
 public:
  // What an experiment file may say below `model`, with the defaults.
  struct Options {
    int latent = 16;
    Schedule beta = 1.0;
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
    const Value y = model.decoder(z);
    model.reconstruction(model.likelihood().mean(y));

    // A loss has one number a sample, [batch], in nats.
    const Value error = model.likelihood().negative_log(y, model.target());
    const Value kl = kl_to_standard_normal(mean, log_variance);
    model.elbo(error, kl);
    model.train_step("elbo")
        .minimise(error + model.scalar("beta", options.beta) * kl)
        .part("negative_log_likelihood", error)
        .part("kl", kl);
  }
};

}  // namespace

HOURGLASS_PLUGIN("@NAME@", "0.1.0", @CLASS@, "Variational autoencoder")
