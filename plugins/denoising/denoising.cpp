#include <hourglass/plugin.hpp>

namespace hourglass {

// A denoising autoencoder (P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and
// composing robust features with denoising autoencoders", 2008), with the emphasised loss of
// P. Vincent et al., "Stacked denoising autoencoders", 2010, section 4.2.
class Denoising final : public Variant {
 public:
  enum class Loss { SquaredError, BinaryCrossEntropy };
  enum class Output { Auto, Linear, Sigmoid, Tanh };

  struct Options {
    std::optional<int> latent = 32;
    Activation code_activation = Activation::None;
    Loss loss = Loss::SquaredError;
    Output output = Output::Auto;
    double corrupted_weight = 1;
    double uncorrupted_weight = 1;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent,
               "size of a dense code; null: the code is what the encoder gives", at_least(1));
    schema.add("code_activation", &Options::code_activation, "activation of a dense code",
               activation_names());
    schema.add("loss", &Options::loss,
               "what is minimised against the clean sample, summed over features",
               Names<Loss>{{"squared_error", Loss::SquaredError},
                           {"binary_cross_entropy", Loss::BinaryCrossEntropy}});
    schema.add("output", &Options::output,
               "activation of the output; auto: sigmoid for the cross-entropy, else linear",
               Names<Output>{{"auto", Output::Auto},
                             {"linear", Output::Linear},
                             {"sigmoid", Output::Sigmoid},
                             {"tanh", Output::Tanh}});
    schema.add("corrupted_weight", &Options::corrupted_weight,
               "weight of the loss at features that were corrupted", at_least(0));
    schema.add("uncorrupted_weight", &Options::uncorrupted_weight,
               "weight of the loss at features that were left as they are", at_least(0));
    schema.check([](const Options& options) -> std::string {
      if (options.corrupted_weight > 0 || options.uncorrupted_weight > 0) return "";
      return "needs corrupted_weight or uncorrupted_weight > 0: there is nothing to learn";
    });
  }

  void build(ModelBuilder& model, const Options& options) {
    check(model, options);
    const Output output = checked_output(model, options);
    const Value hidden = model.encoder(model.input());
    const Value code = options.latent
                           ? model.dense("code", hidden, *options.latent, options.code_activation)
                           : hidden;
    const Value logits = model.decoder(model.latent(code));
    const Value y = output == Output::Sigmoid ? sigmoid(logits)
                    : output == Output::Tanh  ? tanh(logits)
                                              : logits;
    model.reconstruction(y);

    const Value error = options.loss == Loss::BinaryCrossEntropy
                            ? binary_cross_entropy(logits, model.target())
                            : squared_error(y, model.target());
    model.train_step("reconstruction").minimise(sum(flatten(weighed(model, options, error)), {1}));
  }

 private:
  /// The error of each feature, [batch, shape...], times its weight.
  static Value weighed(ModelBuilder& model, const Options& options, Value error) {
    const auto on = static_cast<float>(options.corrupted_weight);
    const auto off = static_cast<float>(options.uncorrupted_weight);
    const Value corrupted = model.corrupted();
    if (!corrupted || on == off) return off == 1 ? error : off * error;
    return (off + (on - off) * corrupted) * error;
  }

  static void check(const ModelBuilder& model, const Options& options) {
    if (model.corruption().empty()) {
      throw OptionError("corruption",
                        "is missing: the variant denoising learns to undo it; write for instance "
                        "corruption: [{gaussian: 0.5}]");
    }
    if (options.latent) return;
    if (model.architecture().encoder.empty()) {
      model.refuse("encoder", "must have layers where latent is null: there is nothing to learn");
    }
    if (options.code_activation != Activation::None) {
      model.refuse("code_activation",
                   "must be none where latent is null: give it to the encoder's last layer");
    }
  }

  /// The output that the options mean; refuses what does not go with the loss or the data.
  static Output checked_output(const ModelBuilder& model, const Options& options) {
    const bool entropy = options.loss == Loss::BinaryCrossEntropy;
    Output output = options.output;
    if (output == Output::Auto) output = entropy ? Output::Sigmoid : Output::Linear;
    if (entropy && output != Output::Sigmoid) {
      model.refuse("output", "must be sigmoid (or auto) for the loss binary_cross_entropy");
    }
    if (entropy)
      need_range(model, "loss", "binary_cross_entropy", DataRange::Unit, "squared_error");
    if (output == Output::Sigmoid) {
      need_range(model, "output", "sigmoid", DataRange::Unit, "linear");
    }
    if (output == Output::Tanh) need_range(model, "output", "tanh", DataRange::Symmetric, "linear");
    return output;
  }
};

}  // namespace hourglass

using hourglass::Denoising;
HOURGLASS_PLUGIN("denoising", "1.0.0", Denoising,
                 "Autoencoder that gives corrupted samples back clean")
