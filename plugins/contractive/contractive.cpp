#include <hourglass/plugin.hpp>

#include <string>
#include <variant>
#include <vector>

namespace hourglass {

// An autoencoder whose code changes little where the input does (S. Rifai, P. Vincent, X. Muller,
// X. Glorot, Y. Bengio, "Contractive auto-encoders: explicit invariance during feature
// extraction", 2011).
class Contractive final : public Variant {
 public:
  enum class Loss { SquaredError, BinaryCrossEntropy };

  struct Options {
    int latent = 64;
    Activation code_activation = Activation::Sigmoid;
    Schedule weight = 1.0;
    int probes = 1;
    Loss loss = Loss::SquaredError;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("code_activation", &Options::code_activation, "activation of the code",
               activation_names());
    schema.add("weight", &Options::weight, "of the squared norm of the code's Jacobian",
               at_least(0));
    schema.add("probes", &Options::probes, "random directions a sample that estimate the norm",
               at_least(1));
    schema.add("loss", &Options::loss, "what is minimised besides, summed over features",
               Names<Loss>{{"squared_error", Loss::SquaredError},
                           {"binary_cross_entropy", Loss::BinaryCrossEntropy}});
  }

  void build(ModelBuilder& model, const Options& options) {
    check(model, options);
    const bool entropy = options.loss == Loss::BinaryCrossEntropy;
    const Value x = model.input();
    const Value code =
        model.dense("code", model.encoder(x), options.latent, options.code_activation);
    const Value logits = model.decoder(model.latent(code));
    const Value y = entropy ? sigmoid(logits) : logits;
    model.reconstruction(y);

    const Value error = sum(flatten(entropy ? binary_cross_entropy(logits, model.target())
                                            : squared_error(y, model.target())),
                            {1});
    const Value norm = squared_norm_of_jacobian(code, x, options.probes);
    model.train_step("reconstruction")
        .minimise(error + model.scalar("weight", options.weight) * norm)
        .part("error", error)
        .part("contraction", norm);
  }

 private:
  /// Of each sample, [batch], as an estimate: for signs v drawn at random, the mean of |J^T v|^2 is
  /// the sum of all squares in the Jacobian J = d code / d x, and J^T v is one gradient (M. F.
  /// Hutchinson, "A stochastic estimator of the trace of the influence matrix", 1989).
  static Value squared_norm_of_jacobian(Value code, Value x, int probes) {
    const std::vector<Value> inputs{x};
    Value total;
    for (int i = 0; i < probes; ++i) {
      const Value heads = random_bernoulli(code.graph(), code.shape(), text("probe ", i), 0.5f);
      const Value slope = gradients(sum(code * (2.0f * heads - 1.0f)), inputs)[0];
      const Value squares = sum(square(flatten(slope)), {1});
      total = total ? total + squares : squares;
    }
    return total / static_cast<float>(probes);
  }

  static void check(const ModelBuilder& model, const Options& options) {
    if (options.loss == Loss::BinaryCrossEntropy) {
      need_range(model, "loss", "binary_cross_entropy", DataRange::Unit, "squared_error");
    }
    const auto& layers = model.architecture().encoder;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!std::holds_alternative<MaxPoolLayer>(layers[i].kind)) continue;
      model.refuse(text("encoder.", i),
                   "cannot be maxpool: the Jacobian's norm is differentiated through the gradient "
                   "of each layer, and that of maxpool has none; use avgpool, or a conv with "
                   "stride 2");
    }
  }
};

}  // namespace hourglass

using hourglass::Contractive;
HOURGLASS_PLUGIN("contractive", "1.0.0", Contractive,
                 "Autoencoder whose code changes little where the input does")
