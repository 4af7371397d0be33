#include "workloads.hpp"

#include "images.hpp"

#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin.hpp>
#include <hourglass/plugin/host.hpp>

#include <algorithm>
#include <vector>

namespace hourglass::bench {

namespace {

/// What the variant sparse does by looking at the active units alone, by a mask instead: five dense
/// products.
class SparseByMask final : public Variant {
 public:
  struct Options {
    int latent = 16384;
    int active = 32;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("active", &Options::active, "latents that are not zero", at_least(1));
  }
  void build(ModelBuilder& model, const Options& options) {
    const std::int64_t width = model.data().sample_shape.size();
    const Value encoder = model.weight("code.weight", {options.latent, width});
    const Value bias = model.parameter("code.bias", {options.latent}, 0);
    const Value decoder = model.weight("decoder.0.weight", {options.latent, width});
    const Value centre = model.parameter("decoder.0.bias", {width}, 0);
    const Value scores = dense(flatten(model.input()) - centre, encoder, bias);
    SparseValue mask = topk(scores, options.active);
    mask.values = scores.graph().filled(mask.values.shape(), 1.0f);
    const Value z = relu(scores) * stop_gradient(to_dense(mask));
    const Value y = dense_transposed(model.latent(z), decoder, centre);
    model.reconstruction(reshape(y, model.target().shape()));
    model.train_step("error").minimise(sum(squared_error(y, flatten(model.target())), {1}));
  }
};

std::string dense_layers(const std::vector<int>& widths) {
  std::string out = "[";
  for (int width : widths)
    out += text(out.size() > 1 ? ", " : "", "{dense: ", width, ", activation: relu}");
  return out + "]";
}

/// Products with kernels of 4 x 4 and stride 2, each followed by a batch normalisation.
std::string halving_layers(const char* kind, const std::vector<int>& channels) {
  std::string out;
  for (const int each : channels) {
    out += text("{", kind, ": {channels: ", each, ", kernel: 4, stride: 2}}, ",
                "{batchnorm: {}, activation: relu}, ");
  }
  return out;
}

ModelOptions options_of(const VariantType& type, const std::string& yaml) {
  config::Problems problems;
  ModelOptions options = read_model_options(type, config::parse_text(yaml, "workload"), problems);
  problems.throw_if_any();
  return options;
}

double products(const std::vector<int>& widths) {
  double total = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    total += static_cast<double>(widths[i]) * widths[i + 1];
  }
  return total;
}

/// The first layer needs no gradient of its input.
double training_flop(const std::vector<int>& widths) {
  return 2 * (3 * products(widths) - static_cast<double>(widths[0]) * widths[1]);
}

}  // namespace

Workload workload(const std::string& name, std::int64_t batch) {
  static PluginHost plugins;
  Workload work;
  work.name = name;
  work.batch = batch;
  if (name == "W1" || name == "W2" || name == "I1") {
    const bool deep = name != "W2";
    if (batch == 0) work.batch = deep ? 128 : 256;
    const std::vector<int> widths =
        deep ? std::vector<int>{784, 512, 256, 128, 32, 128, 256, 512, 784}
             : std::vector<int>{784, 128, 64, 128, 784};
    work.flop_per_sample = name == "I1" ? 2 * products(widths) : training_flop(widths);
    work.loss_scale = 1.0 / 784;
    work.window = !deep ? 150 : work.batch <= 32 ? 200 : work.batch >= 1024 ? 15 : 80;
    const std::vector<int> hidden(widths.begin() + 1, widths.begin() + (deep ? 4 : 2));
    work.options = options_of(plugins.variant("vanilla"),
                              text("{latent: ", deep ? 32 : 64,
                                   ", code_activation: relu, loss: binary_cross_entropy, "
                                   "encoder: ",
                                   dense_layers(hidden), "}"));
  } else if (name == "W5") {
    if (batch == 0) work.batch = 128;
    work.window = 100;
    work.flop_per_sample = 2 * (3 * (784. * 400 * 2 + 400. * 60) - 784. * 400);
    work.options = options_of(plugins.variant("vae"),
                              text("{latent: 20, encoder: ", dense_layers({400}), "}"));
  } else if (name == "W6") {
    if (batch == 0) work.batch = 100;
    work.window = 15;
    constexpr double kEncoder = 784. * 1000 + 1000. * 1000 + 1000. * 8, kFirst = 784. * 1000,
                     kJudge = 8. * 1000 + 1000. * 1000 + 1000.;
    work.flop_per_sample = 2 * ((6 * kEncoder - kFirst) + (kEncoder + 2 * (3 * kJudge - 8000)) +
                                (3 * kEncoder - kFirst + 2 * kJudge));
    work.options = options_of(plugins.variant("adversarial"),
                              text("{latent: 8, encoder: ", dense_layers({1000, 1000}), "}"));
  } else if (name == "W3" || name == "W3-ssim") {
    if (batch == 0) work.batch = 128;
    work.window = 15;
    work.loss_scale = 1.0 / 784;
    constexpr double kFirst = 784. * 16 * 9, kSecond = 196. * 32 * 16 * 9;
    work.flop_per_sample = 2 * (3 * (2 * kFirst + 2 * kSecond) - kFirst);
    work.options = options_of(plugins.variant("conv"),
                              name == "W3" ? "loss: binary_cross_entropy" : "loss: ssim_l1");
  } else if (name == "W4") {
    if (batch == 0) work.batch = 64;
    work.window = 15;
    work.samples = 1024;
    work.sample_shape = {64, 64};
    constexpr double kConv = 1024. * 32 * 16 + 256. * 32 * 32 * 16 + 64. * 64 * 32 * 16 +
                             16. * 64 * 64 * 16,
                     kDense = 1024. * 256 + 256. * 30 / 2;
    work.flop_per_sample = 2 * (3 * 2 * (kConv + kDense) - 1024. * 32 * 16);
    std::string layers;
    for (const int channels : {32, 32, 64, 64}) {
      layers +=
          text("{conv: {channels: ", channels, ", kernel: 4, stride: 2}, activation: relu}, ");
    }
    work.options = options_of(
        plugins.variant("vae"),
        text("{latent: 10, beta: 4, encoder: [", layers, "{dense: 256, activation: relu}]}"));
  } else if (name == "W8") {
    if (batch == 0) work.batch = 32;
    work.window = 4;
    work.samples = std::max<std::int64_t>(128, work.batch);
    work.sample_shape = {3, 64, 64};
    work.loss_scale = 1.0 / (3 * 64 * 64);
    constexpr double kFirst = 1024. * 128 * 3 * 16, kDense = 16384. * 64,
                     kConv = kFirst + 256. * 256 * 128 * 16 + 64. * 512 * 256 * 16 +
                             16. * 1024 * 512 * 16;
    work.flop_per_sample = 2 * (3 * 2 * (kConv + kDense) - kFirst);
    work.options =
        options_of(plugins.variant("conv"),
                   text("{latent: 64, encoder: [", halving_layers("conv", {128, 256, 512, 1024}),
                        "], decoder: [{dense: 16384}, {reshape: [1024, 4, 4]}, ",
                        halving_layers("conv_transpose", {512, 256, 128}),
                        "{conv_transpose: {channels: 3, kernel: 4, stride: 2}}]}"));
  } else if (name == "W7" || name == "W7-dense") {
    constexpr double kWidth = 768, kLatents = 16384;
    if (batch == 0) work.batch = 1024;
    work.window = 4;
    work.sample_shape = {768};
    work.images = false;
    work.flop_per_sample = 2 * 5 * kWidth * kLatents;  // of the dense form
    work.loss_scale = 1 / kWidth;
    static const VariantTypeOf<SparseByMask> kByMask("sparse-by-mask", "1.0.0", "the same, dense");
    work.options = name == "W7" ? options_of(plugins.variant("sparse"),
                                             "{latent: 16384, penalty: {topk: {k: 32}}}")
                                : options_of(kByMask, "{latent: 16384}");
  } else {
    throw ConfigError(
        text("unknown workload \"", name,
             "\"; there are W1, W2, W3, W3-ssim, W4, W5, W6, W7, W7-dense, W8 and I1"));
  }
  return work;
}

Tensor samples_of(const Workload& work, std::int64_t count) {
  if (work.images) return bumps(count, work.sample_shape);
  Tensor samples({count, work.sample_shape[0]});
  RandomStream random(1, "samples");
  for (float& each : samples.floats()) each = random.normal();
  return samples;
}

std::unique_ptr<Model> model_of(const Workload& work) {
  ModelSetup setup;
  setup.options = work.options;
  setup.data.sample_shape = work.sample_shape;
  if (work.images) setup.data.range = {0.0f, 1.0f, false};
  setup.optimizer = AdamOptions();
  setup.steps_per_epoch = work.samples / work.batch;
  return std::make_unique<Model>(std::move(setup));
}

}  // namespace hourglass::bench
