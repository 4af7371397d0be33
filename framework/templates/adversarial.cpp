#include <hourglass/plugin.hpp>

namespace {

using namespace hourglass;

// Which paper does it follow? (authors, "title", year)
class @CLASS@ final : public Variant {
 public:
  // What an experiment file may say below `model`, with the defaults.
  struct Options {
    int latent = 8;
    int width = 200;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("width", &Options::width, "units of the discriminator's hidden layer", at_least(1));
  }

  // Three train steps, one after another for each batch: the autoencoder's, the discriminator's,
  // which learns to tell codes from draws, and the encoder's, which learns to pass for draws.
  void build(ModelBuilder& model, const Options& options) {
    const Prior prior = standard_normal(options.latent);
    const Value hidden = model.encoder(model.input());
    const Value code = model.dense("code", hidden, options.latent);
    const Value z = model.latent(code, {.prior = prior});
    const Value y = model.decoder(z);
    model.reconstruction(model.likelihood().mean(y));

    const Value error = model.likelihood().negative_log(y, model.target());
    model.train_step("reconstruction").minimise(error).moving({"encoder", "code", "decoder"});

    const Value draws = prior.draw(model.graph(), model.batch(), "prior");
    model.train_step("discriminator")
        .minimise(softplus(-verdict(model, options, draws)) +
                  softplus(verdict(model, options, stop_gradient(code))))
        .moving({"discriminator"});
    model.train_step("encoder")
        .minimise(softplus(-verdict(model, options, code)))
        .moving({"encoder", "code"});
  }

 private:
  // Positive where the discriminator takes a code for a draw: [batch].
  static Value verdict(ModelBuilder& model, const Options& options, Value codes) {
    codes = model.dense("discriminator.0", codes, options.width, Activation::Relu);
    const Value y = model.dense("discriminator.1", codes, 1);
    return reshape(y, {y.shape()[0]});
  }
};

}  // namespace

HOURGLASS_PLUGIN("@NAME@", "0.1.0", @CLASS@, "Adversarial autoencoder")
