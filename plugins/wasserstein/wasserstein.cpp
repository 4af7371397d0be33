#include <hourglass/plugin.hpp>

namespace hourglass {

// An autoencoder whose codes, all together, are distributed like the prior (I. Tolstikhin, O.
// Bousquet, S. Gelly, B. Schoelkopf, "Wasserstein auto-encoders", 2018: WAE-MMD).
class Wasserstein final : public Variant {
 public:
  struct Options {
    int latent = 20;
    Schedule weight = 1000.0;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("weight", &Options::weight,
               "of the squared discrepancy between a batch's codes and as many normal draws",
               at_least(0));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value code = model.dense("code", model.encoder(model.input()), options.latent);
    const Value z = model.latent(code, {.prior = standard_normal(options.latent)});
    const Value y = model.decoder(z);
    model.reconstruction(model.likelihood().mean(y));

    const Value error = model.likelihood().negative_log(y, model.target());
    const Value draws = model.normal("prior draws", code.shape());
    const Value discrepancy = squared_discrepancy(code, draws);
    model.train_step("reconstruction")
        .minimise(error + model.scalar("weight", options.weight) * discrepancy)
        .part("error", error)
        .part("discrepancy", discrepancy)
        .coupled();
  }
};

}  // namespace hourglass

using hourglass::Wasserstein;
HOURGLASS_PLUGIN("wasserstein", "1.0.0", Wasserstein,
                 "Autoencoder whose codes together are like normal numbers (WAE-MMD)")
