// The variant beside a reference in plain loops of double, which knows nothing of graphs.
#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/onednn/primitive.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/models.hpp>
#include <support/program.hpp>
#include <support/ranges.hpp>
#include <support/scratch_folder.hpp>
#include <support/similarity.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::kUnit;
using test::kWide;
using test::uniform;
using Numbers = std::vector<double>;
using Paths = std::vector<std::string>;

ModelSetup conv(const std::string& options, const Shape& shape, const ValueRange& range = kUnit) {
  return test::setup_of("conv", options, shape, range);
}

/// [channels, height, width].
struct Image {
  Image(std::int64_t c, std::int64_t h, std::int64_t w)
      : channels(c), height(h), width(w), values(static_cast<std::size_t>(c * h * w)) {}
  double& at(std::int64_t c, std::int64_t i, std::int64_t j) {
    return values[static_cast<std::size_t>((c * height + i) * width + j)];
  }
  double padded(std::int64_t c, std::int64_t i, std::int64_t j) {
    return i < 0 || j < 0 || i >= height || j >= width ? 0 : at(c, i, j);
  }
  std::int64_t channels, height, width;
  Numbers values;
};

using Weights = std::map<std::string, Numbers>;

/// A 3 x 3 convolution that keeps the size, or the transposed one: with its weight [in, out, 3, 3]
/// turned round, that is a convolution too.
Image convolved(Image x, const Weights& weights, const std::string& layer, std::int64_t out,
                bool transposed) {
  const Numbers &w = weights.at(layer + ".weight"), &b = weights.at(layer + ".bias");
  Image y(out, x.height, x.width);
  for (std::int64_t o = 0; o < out; ++o) {
    for (std::int64_t i = 0; i < x.height; ++i) {
      for (std::int64_t j = 0; j < x.width; ++j) {
        double sum = b[static_cast<std::size_t>(o)];
        for (std::int64_t c = 0; c < x.channels; ++c) {
          for (std::int64_t k = 0; k < 9; ++k) {
            const std::int64_t at =
                transposed ? (c * out + o) * 9 + 8 - k : (o * x.channels + c) * 9 + k;
            sum += w[static_cast<std::size_t>(at)] * x.padded(c, i + k / 3 - 1, j + k % 3 - 1);
          }
        }
        y.at(o, i, j) = sum;
      }
    }
  }
  return y;
}

Numbers dense(const Numbers& x, const Weights& weights, const std::string& layer) {
  const Numbers &w = weights.at(layer + ".weight"), &b = weights.at(layer + ".bias");
  Numbers y = b;
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += w[o * x.size() + i] * x[i];
  }
  return y;
}

/// `{conv: 4, activation: tanh}, {maxpool: 2}`, a dense code if there is one, and the mirror.
Image reconstruct(const Weights& weights, const Image& sample, bool sigmoid) {
  Image hidden = convolved(sample, weights, "encoder.0", 4, false);
  for (double& v : hidden.values) v = std::tanh(v);
  Image pooled(4, sample.height / 2, sample.width / 2);
  for (std::int64_t c = 0; c < 4; ++c) {
    for (std::int64_t i = 0; i < pooled.height; ++i) {
      for (std::int64_t j = 0; j < pooled.width; ++j) {
        pooled.at(c, i, j) =
            std::max({hidden.at(c, 2 * i, 2 * j), hidden.at(c, 2 * i, 2 * j + 1),
                      hidden.at(c, 2 * i + 1, 2 * j), hidden.at(c, 2 * i + 1, 2 * j + 1)});
      }
    }
  }
  const bool has_code = weights.contains("code.weight");
  if (has_code) {
    pooled.values = dense(dense(pooled.values, weights, "code"), weights, "decoder.0");
    for (double& v : pooled.values) v = std::tanh(v);
  }
  Image larger(4, sample.height, sample.width);
  for (std::int64_t c = 0; c < 4; ++c) {
    for (std::int64_t i = 0; i < larger.height; ++i) {
      for (std::int64_t j = 0; j < larger.width; ++j) {
        larger.at(c, i, j) =
            pooled.at(c, i * pooled.height / larger.height, j * pooled.width / larger.width);
      }
    }
  }
  Image y = convolved(larger, weights, has_code ? "decoder.1" : "decoder.0", sample.channels, true);
  for (double& v : y.values) v = sigmoid ? 1 / (1 + std::exp(-v)) : v;
  return y;
}

double loss_of(const std::string& loss, const Image& x, const Image& y) {
  double total = 0, absolute = 0;
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const double a = x.values[i], b = y.values[i];
    absolute += std::abs(a - b);
    if (loss == "squared_error") total += (a - b) * (a - b);
    if (loss == "binary_cross_entropy") total -= a * std::log(b) + (1 - a) * std::log(1 - b);
  }
  if (loss != "ssim_l1") return total;
  const double similarity =
      test::slow_similarity(x.values.data(), y.values.data(), x.channels, x.height, x.width);
  return 0.84 * static_cast<double>(x.values.size()) * (1 - similarity) + 0.16 * absolute;
}

constexpr const char* kSmall = "encoder: [{conv: 4, activation: tanh}, {maxpool: 2}]\n";

/// Reconstructions and loss against the reference.
void check_against_reference(const std::string& loss, const std::string& more, const Shape& shape,
                             const ValueRange& range = kUnit) {
  CAPTURE(loss);
  CAPTURE(more);
  const Tensor samples = uniform(shape.prepended(3), 1, range.least, range.greatest);
  Model model(conv(text(kSmall, "loss: ", loss, "\n", more), shape, range));
  Weights weights;
  std::uint64_t seed = 10;
  for (const std::string& path : test::parameter_paths(model)) {  // biases start at zero
    Variable& variable = *model.variables().find(path);
    variable.write(uniform(variable.shape(), ++seed, -0.4f, 0.4f));
    const auto values = test::values(model, path);
    weights[path] = Numbers(values.begin(), values.end());
  }
  const std::vector<float> got = test::reconstructions(model, samples);
  double total = 0;
  for (std::int64_t n = 0; n < 3; ++n) {
    Image x(shape.rank() == 3 ? shape[0] : 1, shape[shape.rank() - 2], shape.back());
    const std::int64_t size = shape.size();
    std::copy_n(samples.floats().data() + n * size, size, x.values.begin());
    const Image y = reconstruct(weights, x, range.within(0, 1));
    for (std::int64_t i = 0; i < size; ++i) {
      CHECK(got[static_cast<std::size_t>(n * size + i)] ==
            doctest::Approx(y.values[static_cast<std::size_t>(i)]).epsilon(1e-5));
    }
    total += loss_of(loss, x, y);
  }
  CHECK(test::step(model, samples) == doctest::Approx(total / 3).epsilon(2e-5));
}

void check_conv_refused(const std::string& options, const Shape& shape, const ValueRange& range,
                        const char* message, bool table = false) {
  CAPTURE(options);
  ModelSetup setup = conv(options, shape, range);
  setup.data.table = table;
  Model model(std::move(setup));
  CHECK_THROWS_WITH_AS(model.code_shape(), message, OptionError);
}

/// A disc on a dark ground each, of any place, size and brightness.
Tensor discs(std::int64_t count, std::int64_t size) {
  Tensor images({count, size, size});
  RandomStream random(1, "discs");
  for (std::int64_t n = 0; n < count; ++n) {
    const auto extent = static_cast<float>(size);
    const float row = random.uniform(0.3f, 0.7f) * extent,
                column = random.uniform(0.3f, 0.7f) * extent,
                radius = random.uniform(0.1f, 0.3f) * extent, light = random.uniform(0.5f, 1);
    for (std::int64_t i = 0; i < size * size; ++i) {
      const float down = static_cast<float>(i / size) - row,
                  right = static_cast<float>(i % size) - column;
      images.floats()[n * size * size + i] =
          down * down + right * right < radius * radius ? light : 0;
    }
  }
  return images;
}

}  // namespace

TEST_SUITE("plugins/conv") {
  TEST_CASE("without layers of its own an experiment has the classic ones") {
    Model model(conv("{}", {28, 28}));
    CHECK(model.code_shape() == Shape{32, 7, 7});
    CHECK(test::parameter_paths(model) ==
          Paths{"encoder.0.weight", "encoder.0.bias", "encoder.1.weight", "encoder.1.bias",
                "decoder.0.weight", "decoder.0.bias", "decoder.1.weight", "decoder.1.bias"});
    const auto shape = [&](const char* path) { return model.variables().find(path)->shape(); };
    CHECK(shape("encoder.0.weight") == Shape{16, 1, 3, 3});
    CHECK(shape("encoder.1.weight") == Shape{32, 16, 3, 3});
    CHECK(shape("decoder.0.weight") == Shape{32, 16, 3, 3});
    CHECK(shape("decoder.1.weight") == Shape{16, 1, 3, 3});
    const std::string given =
        "encoder: [{conv: 16, activation: relu}, {maxpool: 2}, {conv: 32, activation: relu}, "
        "{maxpool: 2}]";
    CHECK(config::emit(conv("{}", {28, 28}).options.resolved) ==
          config::emit(conv(given, {28, 28}).options.resolved));
    CHECK(config::emit(conv("{}", {28, 28}).options.resolved)
              .starts_with("latent: null\nloss: squared_error\nssim_weight: 0.84\noutput: auto\n"
                           "encoder:\n  - conv:\n      channels: 16\n"));
    const Finished listed = hourglass_command({"plugins", "conv"});
    CHECK(contains(listed.out, "[{conv: 16,"));
    const Finished draft = hourglass_command({"init", "glyphs", "--variant", "conv"});
    CHECK(contains(draft.out,
                   "    - {conv: 16, activation: relu}\n    - {maxpool: 2}\n"
                   "    - {conv: 32, activation: relu}\n    - {maxpool: 2}\n"));
  }

  TEST_CASE("a dense code stands in the middle where its size is given") {
    Model model(conv("latent: 10", {3, 12, 10}));
    CHECK(model.code_shape() == Shape{10});
    CHECK(test::parameter_paths(model) ==
          Paths{"encoder.0.weight", "encoder.0.bias", "encoder.1.weight", "encoder.1.bias",
                "code.weight", "code.bias", "decoder.0.weight", "decoder.0.bias",
                "decoder.1.weight", "decoder.1.bias", "decoder.2.weight", "decoder.2.bias"});
    CHECK(model.variables().find("code.weight")->shape() == Shape{10, 32 * 3 * 2});
    CHECK(model.variables().find("decoder.2.weight")->shape() == Shape{16, 3, 3, 3});
  }

  TEST_CASE("every loss agrees with the reference, with and without a dense code") {
    for (const char* loss : {"squared_error", "binary_cross_entropy", "ssim_l1"}) {
      for (const char* more : {"", "latent: 5\n"}) {
        check_against_reference(loss, more, {14, 12});
        check_against_reference(loss, more, {3, 11, 13});
      }
    }
    check_against_reference("squared_error", "", {8, 6}, kWide);
  }

  TEST_CASE("images of any size and signals come back in their own shape") {
    for (const Shape& shape : {Shape{28, 28}, Shape{11, 13}, Shape{1, 5, 7}, Shape{3, 33, 30},
                               Shape{3, 4, 4}, Shape{41}}) {
      CAPTURE(shape.to_text());
      for (const char* options : {"{}", "latent: 3"}) {
        Model model(conv(options, shape));
        const Tensor x = uniform(shape.prepended(2), 1);
        CHECK(std::ssize(test::reconstructions(model, x)) == 2 * shape.size());
      }
    }
    // A signal of several channels says so by its layers.
    Model model(
        conv("encoder: [{reshape: [2, 40]}, {conv: 4, activation: relu}, {maxpool: 2}]", {80}));
    CHECK(model.code_shape() == Shape{4, 20});
    CHECK(model.variables().find("decoder.0.weight")->shape() == Shape{4, 2, 3});
  }

  TEST_CASE("images change their layout only around a dense code") {
    if (onednn::instruction_set() == "sse41") return;  // whose convolutions have other layouts
    const auto steps_of = [](const std::string& options, const Shape& shape) {
      Model model(conv(options, shape));
      return model.train(8)[0].program.steps();
    };
    // Without AVX-512 the gradient of a weight wants its image in blocks, also one of one channel.
    const bool wide = onednn::instruction_set().find("avx512") != std::string::npos;
    for (const char* loss : {"binary_cross_entropy", "squared_error"}) {
      int reorders_of_ends = 0;
      for (const StepReport& step : steps_of(text("loss: ", loss), {28, 28})) {
        if (!step.operation.starts_with("reorder")) continue;
        CAPTURE(step.detail);
        CHECK_FALSE(wide);
        const bool of_weight = contains(step.detail, "because an elementwise sweep has one layout");
        CHECK((of_weight || contains(step.detail, "convolution_backward_weights wants it so")));
        ++reorders_of_ends;
      }
      CHECK(reorders_of_ends <= 4);
    }
    // Into the code, out of it, and the same on the way back.
    const std::string layers =
        "{conv: {channels: 32, kernel: 4, stride: 2}}, {batchnorm: {}, activation: relu}, "
        "{conv: {channels: 64, kernel: 4, stride: 2}}, {batchnorm: {}, activation: relu}";
    int reorders = 0;
    for (const StepReport& step :
         steps_of(text("{latent: 5, encoder: [", layers, "]}"), {3, 16, 16})) {
      if (!step.operation.starts_with("reorder")) continue;
      ++reorders;
      CAPTURE(step.detail);
      CHECK(contains(step.detail, "plain"));
    }
    CHECK(reorders <= 4);
  }

  TEST_CASE("every loss leads below the best constant image") {
    const Tensor images = discs(32, 16);
    const std::int64_t size = 16 * 16;
    Image mean(1, 16, 16);
    for (std::int64_t i = 0; i < images.size(); ++i) {
      mean.values[static_cast<std::size_t>(i % size)] += images.floats()[i] / 32.0;
    }
    for (double& v : mean.values) v = std::clamp(v, 1e-6, 1 - 1e-6);
    for (const std::string loss : {"squared_error", "binary_cross_entropy", "ssim_l1"}) {
      CAPTURE(loss);
      double constant = 0;
      for (std::int64_t n = 0; n < 32; ++n) {
        Image x(1, 16, 16);
        std::copy_n(images.floats().data() + n * size, size, x.values.begin());
        constant += loss_of(loss, x, mean) / 32;
      }
      ModelSetup setup = conv(
          "{encoder: [{conv: 8, activation: relu}, {maxpool: 2}], loss: " + loss + "}", {16, 16});
      AdamOptions adam;
      adam.learning_rate = 3e-3;
      setup.optimizer = adam;
      Model model(std::move(setup));
      for (int i = 0; i < 200; ++i) test::step(model, images, i);
      const double trained = model.evaluate(*test::source_of(images), 2)[0].second;
      CHECK(trained < 0.6 * constant);
    }
  }

  TEST_CASE("a perfect reconstruction costs no structural similarity") {
    Model model(
        conv("{encoder: [{conv: {channels: 1, bias: false}}], output: linear, "
             "loss: ssim_l1}",
             {12, 12}));
    for (const std::string& path : test::parameter_paths(model)) {
      Variable& variable = *model.variables().find(path);
      Tensor kernel(variable.shape());  // a copy: 1 at the centre; a bias of 0
      if (kernel.size() == 9) kernel.floats()[4] = 1;
      variable.write(kernel);
    }
    CHECK(std::abs(test::step(model, uniform({4, 12, 12}, 1))) < 1e-3);
  }

  TEST_CASE("what a convolution cannot do with the data is refused, with a way out") {
    check_conv_refused(
        "{}", {12}, kUnit,
        "model.encoder must begin with reshape: the data are a table, and convolutions "
        "need neighbours; {reshape: [1, 12]} takes its columns for a signal, the variant "
        "vanilla takes them as they are",
        true);
    ModelSetup reshaped = conv("encoder: [{reshape: [1, 12]}, {conv: 4}]", {12});
    reshaped.data.table = true;
    CHECK(Model(std::move(reshaped)).code_shape() == Shape{4, 12});
    check_conv_refused(
        "encoder: []", {8, 8}, kUnit,
        "model.encoder must have layers where latent is null: there is nothing to learn");
    check_conv_refused("{}", {32, 30, 3}, kUnit,
                       "model.encoder needs images with the channels first, and the data's are "
                       "[32, 30, 3]; store them as [3, 32, 30]");
    check_conv_refused(
        "loss: binary_cross_entropy", {12, 12}, kWide,
        "model.loss cannot be binary_cross_entropy: the data lie in [-3, 5], it needs "
        "[0, 1]; set dataset.scaling to unit or minmax, or use squared_error");
    check_conv_refused(
        "loss: ssim_l1", {12, 12}, kWide,
        "model.loss cannot be ssim_l1: the data lie in [-3, 5], it needs [0, 1]; set "
        "dataset.scaling to unit or minmax, or use squared_error");
    check_conv_refused("{loss: binary_cross_entropy, output: linear}", {12, 12}, kUnit,
                       "model.output must be sigmoid (or auto) for the loss binary_cross_entropy");
    check_conv_refused(
        "output: sigmoid", {12, 12}, kWide,
        "model.output cannot be sigmoid: the data lie in [-3, 5], it needs [0, 1]; set "
        "dataset.scaling to unit or minmax, or use linear");
    check_conv_refused(
        "loss: ssim_l1", {3, 10, 30}, kUnit,
        "model.loss cannot be ssim_l1: it compares images through a window of 11 x 11, "
        "and the data have the shape [3, 10, 30]; use squared_error or "
        "binary_cross_entropy");
    check_conv_refused(
        "loss: ssim_l1", {140}, kUnit,
        "model.loss cannot be ssim_l1: it compares images through a window of 11 x 11, "
        "and the data have the shape [140]; use squared_error or binary_cross_entropy");
    check_conv_refused(
        "encoder: [{conv: 4}, {maxpool: 9}]", {8, 8}, kUnit,
        "model.encoder.1 does not fit what comes before it: layer encoder.1: [max_pool] "
        "the kernel 9x9 reaches beyond the padded input: x is [2, 4, 8, 8]");
    CHECK_THROWS_WITH_AS(conv("latent: 0", {8, 8}),
                         "test.yaml:1:9: model.latent must be >= 1, got 0", ConfigError);
    CHECK_THROWS_WITH_AS(conv("ssim_weight: 1.5", {8, 8}), doctest::Contains("must be <= 1"),
                         ConfigError);
  }

  TEST_CASE("the command trains it, keeps feature maps flat with their shape, and uses them") {
    ScratchFolder folder;
    folder.put("small.yaml",
               "name: small\ndataset: {name: glyphs, limit: 200}\nvariant: conv\n"
               "model:\n  encoder: [{conv: 4, activation: relu}, {maxpool: 4}]\n"
               "  loss: binary_cross_entropy\n"
               "train: {epochs: 1, batch: 50}\n");
    const auto command = [&](const std::vector<std::string>& arguments) {
      const Finished done = hourglass_command(folder.path(), arguments);
      CAPTURE(done.err);
      CHECK(done.code == 0);
      return done;
    };
    command({"run", "small.yaml"});
    command({"encode", "runs/small-1", "glyphs", "--output", "codes.h5"});
    command({"reconstruct", "runs/small-1", "glyphs", "--output", "pictures.h5"});
    const std::vector<std::int64_t> map = {4, 7, 7};
    const hdf5::Reader latents(folder / "runs/small-1/latents.h5");
    CHECK(latents.shape("test/codes") == Shape{200, 4 * 7 * 7});
    CHECK(latents.integers_attribute("test/codes", "shape") == map);
    CHECK(hdf5::Reader(folder / "codes.h5").integers_attribute("codes", "shape") == map);
    CHECK(hdf5::Reader(folder / "pictures.h5").shape("reconstructions").without(0) ==
          Shape{28, 28});
    // No weight knows how large an image is: a larger one goes through whole.
    folder.put("large.npy", testing::npy("|u1", "(1, 40, 36)", std::string(40 * 36, '\x40')));
    CHECK_FALSE(contains(
        command({"encode", "runs/small-1", "large.npy", "--output", "larger.h5"}).err, "tiles"));
    CHECK(hdf5::Reader(folder / "larger.h5").integers_attribute("codes", "shape") ==
          std::vector<std::int64_t>{4, 10, 9});
    const hdf5::Reader checkpoint(folder / "runs/small-1/checkpoints/last.h5");
    CHECK(checkpoint.shape("parameters/encoder.0.weight") == Shape{4, 1, 3, 3});
    CHECK(checkpoint.shape("parameters/decoder.0.weight") == Shape{4, 1, 3, 3});
  }
}

}  // namespace hourglass
