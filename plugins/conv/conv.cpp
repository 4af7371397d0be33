#include <hourglass/plugin.hpp>

#include <algorithm>
#include <optional>
#include <variant>

namespace hourglass {

// A convolutional autoencoder (J. Masci, U. Meier, D. Ciresan, J. Schmidhuber, "Stacked
// convolutional auto-encoders for hierarchical feature extraction", 2011).
class Conv final : public Variant {
 public:
  enum class Loss { SquaredError, BinaryCrossEntropy, SsimL1 };
  enum class Output { Auto, Linear, Sigmoid };

  struct Options {
    std::optional<int> latent;
    Loss loss = Loss::SquaredError;
    double ssim_weight = 0.84;
    Output output = Output::Auto;
  };

  static constexpr const char* kArchitecture =
      "encoder: [{conv: 16, activation: relu}, {maxpool: 2}, "
      "{conv: 32, activation: relu}, {maxpool: 2}]";

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent,
               "size of a dense code; null: the code is the encoder's feature maps", at_least(1));
    schema.add("loss", &Options::loss, "what is minimised, summed over features",
               Names<Loss>{{"squared_error", Loss::SquaredError},
                           {"binary_cross_entropy", Loss::BinaryCrossEntropy},
                           {"ssim_l1", Loss::SsimL1}});
    schema.add("ssim_weight", &Options::ssim_weight,
               "of structural similarity in ssim_l1; the absolute error has the rest", at_least(0),
               at_most(1));
    schema.add(
        "output", &Options::output,
        "activation of the output; auto: sigmoid where the data lie in [0, 1], else linear",
        Names<Output>{
            {"auto", Output::Auto}, {"linear", Output::Linear}, {"sigmoid", Output::Sigmoid}});
  }

  void build(ModelBuilder& model, const Options& options) {
    check_data(model, options);
    check_loss(model, options);
    const Value hidden = model.encoder(model.input());
    const Value code = options.latent ? model.dense("code", hidden, *options.latent) : hidden;
    const Value z = model.latent(code);
    const Value logits = model.decoder(z);
    const Value y = has_sigmoid(model, options) ? sigmoid(logits) : logits;
    model.reconstruction(y);

    const Value target = model.target();
    const auto per_sample = [](Value error) { return sum(flatten(error), {1}); };
    Value loss;
    switch (options.loss) {
      case Loss::SquaredError: loss = per_sample(squared_error(y, target)); break;
      case Loss::BinaryCrossEntropy: loss = per_sample(binary_cross_entropy(logits, target)); break;
      case Loss::SsimL1: {  // the mean over features, and so as many times as there are
        const auto features = static_cast<float>(target.shape().without(0).size());
        const auto weight = static_cast<float>(options.ssim_weight);
        loss = features * weight * (1.0f - structural_similarity(y, target)) +
               (1.0f - weight) * per_sample(abs(y - target));
        break;
      }
    }
    model.train_step("reconstruction").minimise(loss);
  }

 private:
  static bool has_sigmoid(const ModelBuilder& model, const Options& options) {
    if (options.output == Output::Auto) return model.data().range.within(0, 1);
    return options.output == Output::Sigmoid;
  }

  /// Refuses samples in which nothing says what is whose neighbour.
  static void check_data(const ModelBuilder& model, const Options& options) {
    const auto& layers = model.architecture().encoder;
    if (layers.empty() && !options.latent) {
      model.refuse("encoder", "must have layers where latent is null: there is nothing to learn");
    }
    if (!layers.empty() && std::holds_alternative<ReshapeLayer>(layers[0].kind)) return;
    const Shape& shape = model.data().sample_shape;
    const auto is_channels = [](std::int64_t extent) { return extent == 1 || extent == 3; };
    if (model.data().table) {
      const std::string remedy = text("{reshape: [1, ", shape.size(), "]} takes its columns for a ",
                                      "signal, the variant vanilla takes them as they are");
      model.refuse("encoder",
                   "must begin with reshape: the data are a table, and convolutions "
                   "need neighbours; " +
                       remedy);
    }
    if (shape.rank() == 3 && is_channels(shape[2]) && !is_channels(shape[0])) {
      model.refuse("encoder", text("needs images with the channels first, and the data's are ",
                                   shape.to_text(), "; store them as [", shape[2], ", ", shape[0],
                                   ", ", shape[1], "]"));
    }
  }

  /// Refuses losses and outputs that do not go with the data.
  static void check_loss(const ModelBuilder& model, const Options& options) {
    const bool ssim = options.loss == Loss::SsimL1;
    if (options.loss != Loss::SquaredError) {
      need_range(model, "loss", ssim ? "ssim_l1" : "binary_cross_entropy", DataRange::Unit,
                 "squared_error");
    }
    if (options.loss == Loss::BinaryCrossEntropy && options.output == Output::Linear) {
      model.refuse("output", "must be sigmoid (or auto) for the loss binary_cross_entropy");
    }
    if (options.output == Output::Sigmoid) {
      need_range(model, "output", "sigmoid", DataRange::Unit, "linear");
    }
    const Shape& shape = model.data().sample_shape;
    const int rank = shape.rank();
    const bool image = rank == 2 || rank == 3;
    if (ssim && (!image || std::min(shape[rank - 2], shape[rank - 1]) < kSimilarityWindow)) {
      model.refuse("loss", text("cannot be ssim_l1: it compares images through a window of ",
                                kSimilarityWindow, " x ", kSimilarityWindow,
                                ", and the data have the shape ", shape.to_text(),
                                "; use squared_error or binary_cross_entropy"));
    }
  }
};

}  // namespace hourglass

using hourglass::Conv;
HOURGLASS_PLUGIN("conv", "1.0.0", Conv, "Convolutional autoencoder of images and signals")
