#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace hourglass;

namespace {

constexpr const char* kDenoisingError = "test/denoising/squared_error_per_feature";

// A model of samples that are corrupted so, whose output is their first feature times `weight` for
// every feature; see small::Shallow.
std::unique_ptr<Model> model_of(const Shape& shape, std::vector<CorruptionOptions> corruption,
                                const ValueRange& range = {.least = 0, .greatest = 1}) {
  ModelSetup setup = small::make("{latent: 1}", shape)->setup();
  setup.corruption = std::move(corruption);
  setup.data.range = range;
  auto model = std::make_unique<Model>(std::move(setup));
  model->code_shape();
  return model;
}

// The output is always `bias`.
void set_constant(Model& model, float bias) {
  const std::int64_t features = model.setup().data.sample_shape.size();
  const std::vector<float> zeros(static_cast<std::size_t>(features), 0.0f);
  small::set(model, "code.weight", zeros);
  small::set(model, "decoder.0.weight", zeros);
  small::set(model, "decoder.0.bias", std::vector<float>(zeros.size(), bias));
}

}  // namespace

TEST_SUITE("evaluate/denoising") {
  TEST_CASE("output and corrupted samples are held to the clean ones, by hand") {
    const auto model = model_of({1, 2}, {{MaskingCorruption{1}}});
    set_constant(*model, 0.5f);
    const DataSet data =
        small::data(test::source({1, 1, 2}, {0, 0}), test::source({2, 1, 2}, {1, 0.5f, 0, 0.25f}));
    const Measures measures = test::measured("denoising", *model, data);
    // Mean squared errors of the images: 0.125 and 0.15625; masked altogether 0.625 and 0.03125.
    CHECK(*measures.find(kDenoisingError) == doctest::Approx((0.125 + 0.15625) / 2));
    CHECK(*measures.find("test/denoising/squared_error_per_feature_input") ==
          doctest::Approx((0.625 + 0.03125) / 2));
    CHECK(*measures.find("test/denoising/psnr") ==
          doctest::Approx(-5 * (std::log10(0.125) + std::log10(0.15625))));
    CHECK(*measures.find("test/denoising/psnr_input") ==
          doctest::Approx(-5 * (std::log10(0.625) + std::log10(0.03125))));
    CHECK(measures.protocol().size() == 4);
  }

  TEST_CASE("the model is given the corrupted samples") {
    const auto model = model_of({1, 2}, {{MaskingCorruption{1}}});
    small::set(*model, "code.weight", {1, 0});
    small::set(*model, "decoder.0.weight", {1, 1});
    small::set(*model, "decoder.0.bias", {0, 0});
    // Zeros come in and zeros go out.
    const Measures measures = test::measured(
        "denoising", *model,
        small::data(test::source({1, 1, 2}, {0, 0}), test::source({1, 1, 2}, {0.5f, 1})));
    CHECK(*measures.find(kDenoisingError) == doctest::Approx(0.625));
  }

  TEST_CASE("the noise of a sample depends on no batch, and the sums on no order") {
    const auto values = test::uniform_values(1300 * 6, 2);
    const auto model = model_of({2, 3}, {{GaussianCorruption{0.2}}});
    const DataSet all = small::data(test::source({1, 2, 3}, std::vector<float>(6)),
                                    test::source({1300, 2, 3}, values));
    const Measures first = test::measured("denoising", *model, all),
                   again = test::measured("denoising", *model, all);
    CHECK(first.numbers() == again.numbers());
    std::vector<float> seen;
    model->denoise(*all.find("test"), 2, [&](auto indices, auto*, const float* corrupted, auto*) {
      seen.insert(seen.end(), corrupted, corrupted + 6 * indices.size());
    });
    double squared = 0;
    for (std::size_t i = 0; i < values.size(); ++i) squared += std::pow(values[i] - seen[i], 2);
    CHECK(*first.find("test/denoising/squared_error_per_feature_input") ==
          doctest::Approx(squared / static_cast<double>(values.size())));
  }

  TEST_CASE("there is no ratio where samples are no images in the unit interval") {
    const DataSet table = small::data(test::source({1, 2}, {0, 0}), test::source({1, 2}, {1, 0}));
    const auto of_table = model_of({2}, {{MaskingCorruption{1}}});
    CHECK(test::measured("denoising", *of_table, table).find("test/denoising/psnr") == nullptr);
    CHECK(test::measured("denoising", *of_table, table).find(kDenoisingError) != nullptr);
    const DataSet bright =
        small::data(test::source({1, 1, 2}, {0, 0}), test::source({1, 1, 2}, {1, 1.5f}));
    const auto of_bright = model_of({1, 2}, {{MaskingCorruption{1}}});
    CHECK(test::measured("denoising", *of_bright, bright).find("test/denoising/psnr") == nullptr);
  }

  TEST_CASE("images that a corruption has spared leave the ratio of inputs out") {
    const auto model = model_of({1, 2}, {{MaskingCorruption{0}}});
    set_constant(*model, 0.5f);
    const Measures measures = test::measured(
        "denoising", *model,
        small::data(test::source({1, 1, 2}, {0, 0}), test::source({1, 1, 2}, {1, 0})));
    CHECK(measures.find("test/denoising/psnr") != nullptr);
    CHECK(measures.find("test/denoising/psnr_input") == nullptr);
    CHECK(*measures.find("test/denoising/squared_error_per_feature_input") == 0);
  }

  TEST_CASE("an experiment without corruption has nothing to denoise") {
    const auto model = small::make("{latent: 1}", {2});
    const DataSet data = small::data(test::source({1, 2}, {0, 0}));
    CHECK(make_metric({"denoising"})->fault(*model, data) ==
          "needs an experiment that corrupts its samples: write for instance corruption: "
          "[{gaussian: 0.5}], or measure robustness, which has corruptions of its own");
    CHECK(make_metric({"denoising"})->fault(*model_of({2}, {{MaskingCorruption{}}}), data) == "");
  }
}
