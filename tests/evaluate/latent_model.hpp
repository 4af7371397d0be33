#pragma once

#include "small_model.hpp"

#include <memory>
#include <string>

/// A latent-variable model for tests: one dense layer each way, so that its densities are known.
namespace small {

/// z ~ N(0, 1), x | z as the likelihood says, q(z | x) normal with mean and log-variance linear in
/// x.
class LinearVae final : public hourglass::Variant {
 public:
  struct Options {
    int latent = 1;
    bool weighted = true;  // declares importance weights
  };
  static void describe(hourglass::Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code");
    schema.add("weighted", &Options::weighted, "whether there are importance weights");
  }
  void build(hourglass::ModelBuilder& model, const Options& options) {
    using namespace hourglass;
    const Value hidden = model.encoder(model.input());
    const Value mean = model.dense("mean", hidden, options.latent);
    const Value log_variance = model.dense("log_variance", hidden, options.latent);
    const Value z =
        model.latent(mean + exp(0.5f * log_variance) * model.normal("posterior", mean.shape()),
                     {.code = mean, .prior = standard_normal(options.latent)});
    const Value output = model.decoder(z);
    model.reconstruction(model.likelihood().mean(output));
    const Value nll = model.likelihood().negative_log(output, model.target());
    const Value kl = kl_to_standard_normal(mean, log_variance);
    model.elbo(nll, kl);
    if (options.weighted) {
      model.log_weight(log_standard_normal(z) - log_normal(z, mean, log_variance) - nll);
    }
    model.train_step("elbo").minimise(nll + kl);
  }
};

inline std::unique_ptr<hourglass::Model> make_linear_vae(const std::string& options,
                                                         const hourglass::Shape& sample_shape) {
  static const hourglass::VariantTypeOf<LinearVae> kType("linear-vae", "1.0.0", "for tests");
  return make(kType, options, sample_shape);
}

}  // namespace small
