#include <hourglass/plugin.hpp>

namespace {

using namespace hourglass;

// Which paper does it follow? (authors, "title", year)
class @CLASS@ final : public Variant {
 public:
  // What an experiment file may say below `model`, with the defaults.
  struct Options {
    int latent = 16;
    double weight = 0.01;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("weight", &Options::weight, "of the code's squared length in the loss", at_least(0));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value hidden = model.encoder(model.input());
    const Value code = model.dense("code", hidden, options.latent);
    const Value z = model.latent(code);
    const Value y = model.decoder(z);
    model.reconstruction(y);

    // A loss has one number a sample, [batch]: sums over features and over the code's numbers.
    const Value error = sum(squared_error(flatten(y), flatten(model.target())), {1});
    const Value length = sum(square(code), {1});
    model.train_step("reconstruction")
        .minimise(error + static_cast<float>(options.weight) * length)
        .part("squared_error", error)
        .part("length", length);
  }
};

}  // namespace

HOURGLASS_PLUGIN("@NAME@", "0.1.0", @CLASS@, "Autoencoder with short codes")
