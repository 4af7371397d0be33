#include <hourglass/plugin.hpp>

namespace hourglass {

// An autoencoder with a deterministic code (G. E. Hinton, R. R. Salakhutdinov, "Reducing the
// dimensionality of data with neural networks", 2006).
class Vanilla final : public Variant {
 public:
  enum class Loss { SquaredError, BinaryCrossEntropy, CategoricalCrossEntropy };
  enum class Output { Auto, Linear, Sigmoid, Tanh, Softmax };

  struct Options {
    int latent = 32;
    Activation code_activation = Activation::None;
    bool tied = false;
    Loss loss = Loss::SquaredError;
    Output output = Output::Auto;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("code_activation", &Options::code_activation, "activation of the code",
               activation_names());
    schema.add("tied", &Options::tied,
               "whether the decoder's weights are the encoder's, transposed");
    schema.add("loss", &Options::loss, "what is minimised, summed over features",
               Names<Loss>{{"squared_error", Loss::SquaredError},
                           {"binary_cross_entropy", Loss::BinaryCrossEntropy},
                           {"categorical_cross_entropy", Loss::CategoricalCrossEntropy}});
    schema.add("output", &Options::output,
               "activation of the output; auto: sigmoid or softmax for the cross-entropies, else "
               "linear",
               Names<Output>{{"auto", Output::Auto},
                             {"linear", Output::Linear},
                             {"sigmoid", Output::Sigmoid},
                             {"tanh", Output::Tanh},
                             {"softmax", Output::Softmax}});
  }

  void build(ModelBuilder& model, const Options& options) {
    const Output output = checked_output(model, options);
    const Value hidden = model.encoder(model.input());
    const Value code = model.dense("code", hidden, options.latent, options.code_activation);
    const Value z = model.latent(code);
    const Value logits = flatten(options.tied ? model.tied_decoder(z, "code") : model.decoder(z));
    const Value target = flatten(model.target());

    const Value y = output == Output::Sigmoid   ? sigmoid(logits)
                    : output == Output::Tanh    ? tanh(logits)
                    : output == Output::Softmax ? softmax(logits)
                                                : logits;
    model.reconstruction(reshape(y, model.target().shape()));

    Value loss;
    switch (options.loss) {
      case Loss::SquaredError: loss = sum(squared_error(y, target), {1}); break;
      case Loss::BinaryCrossEntropy: loss = sum(binary_cross_entropy(logits, target), {1}); break;
      case Loss::CategoricalCrossEntropy: loss = categorical_cross_entropy(logits, target); break;
    }
    model.train_step("reconstruction").minimise(loss);
  }

 private:
  /// The output that the options mean; refuses what does not go with the loss or the data.
  static Output checked_output(ModelBuilder& model, const Options& options) {
    Output output = options.output;
    if (options.loss == Loss::BinaryCrossEntropy) {
      if (output == Output::Auto) output = Output::Sigmoid;
      if (output != Output::Sigmoid) {
        model.refuse("output", "must be sigmoid (or auto) for the loss binary_cross_entropy");
      }
      need_range(model, "loss", "binary_cross_entropy", DataRange::Unit, "squared_error");
    } else if (options.loss == Loss::CategoricalCrossEntropy) {
      if (output == Output::Auto) output = Output::Softmax;
      if (output != Output::Softmax) {
        model.refuse("output", "must be softmax (or auto) for the loss categorical_cross_entropy");
      }
    } else if (output == Output::Auto) {
      output = Output::Linear;
    }
    if (output == Output::Softmax && !model.data().range.sums_to_one) {
      const std::string why =
          "softmax gives numbers that sum to 1, and the data do not: it is for one-hot data and "
          "histograms; use squared_error with a linear output";
      if (options.loss == Loss::CategoricalCrossEntropy) {
        model.refuse("loss", "cannot be categorical_cross_entropy: " + why);
      }
      model.refuse("output", "cannot be softmax: " + why);
    }
    if (output == Output::Sigmoid) {
      need_range(model, "output", "sigmoid", DataRange::Unit, "linear");
    }
    if (output == Output::Tanh) {
      need_range(model, "output", "tanh", DataRange::Symmetric, "linear");
    }
    return output;
  }
};

}  // namespace hourglass

using hourglass::Vanilla;
HOURGLASS_PLUGIN("vanilla", "1.0.0", Vanilla, "Autoencoder with a deterministic code")
