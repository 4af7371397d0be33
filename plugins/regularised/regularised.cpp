#include <hourglass/plugin.hpp>

namespace hourglass {

// An autoencoder with a smooth decoder and codes near zero, to which a distribution is fitted
// afterwards (P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schoelkopf, "From variational to
// deterministic autoencoders", 2020: RAE-L2).
class Regularised final : public Variant {
 public:
  struct Options {
    int latent = 20;
    Schedule beta = 0.01;
    Schedule lambda = 0.001;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("beta", &Options::beta, "weight of half the code's squared length", at_least(0));
    schema.add("lambda", &Options::lambda, "weight of the decoder's squared parameters",
               at_least(0));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value code = model.dense("code", model.encoder(model.input()), options.latent);
    const Value y = model.decoder(model.latent(code));
    model.reconstruction(model.likelihood().mean(y));

    const Value error = model.likelihood().negative_log(y, model.target());
    const Value length = 0.5f * sum(square(code), {1});
    const Value size = squared_size_of_decoder(model);
    model.train_step("reconstruction")
        .minimise(error + model.scalar("beta", options.beta) * length +
                  model.scalar("lambda", options.lambda) * size)
        .part("error", error)
        .part("code_length", length)
        .part("decoder_size", size);
  }

 private:
  /// The sum of the squares of all that the decoder has learnt, a scalar.
  static Value squared_size_of_decoder(ModelBuilder& model) {
    Value size = model.graph().filled({}, 0);
    for (const Value& parameter : model.parameters("decoder")) {
      size = size + sum(square(parameter));
    }
    return size;
  }
};

}  // namespace hourglass

using hourglass::Regularised;
HOURGLASS_PLUGIN("regularised", "1.0.0", Regularised,
                 "Autoencoder with a smooth decoder and codes near zero (RAE-L2)")
