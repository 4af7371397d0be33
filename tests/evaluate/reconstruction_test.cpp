#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/evaluate/image_similarity.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/ops/structural_similarity.hpp>

#include <doctest/doctest.h>
#include <ops/evaluate.hpp>

#include <cmath>

using namespace hourglass;

namespace {

constexpr const char* kSquared = "test/reconstruction/squared_error_per_feature";
constexpr const char* kCrossEntropy = "test/reconstruction/cross_entropy_per_feature";

// A model whose reconstruction is `output` (or its sigmoid), whatever comes in.
std::unique_ptr<Model> constant_model(const std::string& options, std::vector<float> output) {
  auto model = small::make(options, {static_cast<std::int64_t>(output.size())});
  small::set(*model, "code.weight",
             std::vector<float>(model->variables().find("code.weight")->shape().size(), 0.0f));
  small::set(*model, "decoder.0.bias", std::move(output));
  return model;
}

}  // namespace

TEST_SUITE("evaluate/reconstruction") {
  TEST_CASE("errors of two samples are those worked out by hand") {
    const auto model = constant_model("{latent: 1}", {0.5f, 0.25f});
    const DataSet data =
        small::data(test::source({3, 2}, {0, 0, 1, 1, 0, 1}), test::source({2, 2}, {0, 1, 1, 0}));
    const Measures measures = test::measured("reconstruction", *model, data);
    // (0.25 + 0.5625 + 0.25 + 0.0625) / 4
    CHECK(*measures.find(kSquared) == doctest::Approx(0.28125));
    // -(log 0.5 + log 0.25 + log 0.5 + log 0.75) / 4
    CHECK(*measures.find(kCrossEntropy) ==
          doctest::Approx(-(2 * std::log(0.5) + std::log(0.25) + std::log(0.75)) / 4));
  }

  TEST_CASE("a model's own loss, a feature, is its cross-entropy or squared error") {
    const DataSet data = small::data(test::source({40, 6}, test::uniform_values(240, 1)),
                                     test::source({1300, 6}, test::uniform_values(7800, 2)));
    for (const bool sigmoid : {false, true}) {
      CAPTURE(sigmoid);
      const auto model = small::make(text("{latent: 3, sigmoid: ", sigmoid, "}"), {6});
      const Measures measures = test::measured("reconstruction", *model, data);
      const double loss = model->evaluate(*data.find("test"), 2)[0].second / 6;
      const double* value = measures.find(sigmoid ? kCrossEntropy : kSquared);
      REQUIRE(value != nullptr);
      CHECK(std::abs(*value - loss) < 1e-5 * loss);
    }
  }

  TEST_CASE("probabilities that f32 rounds to 0 and 1 cost what f32 can tell, never infinity") {
    const auto model = constant_model("{latent: 1, sigmoid: true}", {60, -60});
    const DataSet right =
        small::data(test::source({2, 2}, {1, 0, 0, 1}), test::source({1, 2}, {1, 0}));
    CHECK(*test::measured("reconstruction", *model, right).find(kCrossEntropy) < 1e-7);
    const DataSet wrong =
        small::data(test::source({2, 2}, {1, 0, 0, 1}), test::source({1, 2}, {0, 1}));
    // -log(2^-25) for a certain 1 that was 0; the small side is exact.
    CHECK(*test::measured("reconstruction", *model, wrong).find(kCrossEntropy) ==
          doctest::Approx((25 * std::log(2.0) + 60) / 2).epsilon(1e-6));
  }

  TEST_CASE("there is no cross-entropy where data or reconstructions leave the unit interval") {
    const DataSet inside = small::data(test::source({2, 1}, {0, 1}));
    const DataSet outside = small::data(test::source({2, 1}, {0, 1.5f}));
    const std::string name = "train/reconstruction/cross_entropy_per_feature";
    CHECK(test::measured("reconstruction", *constant_model("{latent: 1}", {1.0f}), inside)
              .find(name) != nullptr);
    CHECK(test::measured("reconstruction", *constant_model("{latent: 1}", {1.1f}), inside)
              .find(name) == nullptr);
    CHECK(test::measured("reconstruction", *constant_model("{latent: 1}", {-0.1f}), inside)
              .find(name) == nullptr);
    CHECK(test::measured("reconstruction", *constant_model("{latent: 1}", {NAN}), inside)
              .find(name) == nullptr);
    CHECK(test::measured("reconstruction", *constant_model("{latent: 1}", {1.0f}), outside)
              .find(name) == nullptr);
  }

  TEST_CASE("the measured similarity is that of the operation, wherever the channels stand") {
    using namespace hourglass::test;
    const Tensor x = random_tensor({5, 3, 14, 12}, 1, 0, 1);
    Tensor y = random_tensor(x.shape(), 2);
    for (std::int64_t i = 0; i < y.size(); ++i)
      y.floats()[i] = x.floats()[i] + 0.1f * y.floats()[i];
    const Numbers expected =
        run([](Values v) { return structural_similarity(v[0], v[1]); }, {x, y});
    const auto last = [](Values v) { return transpose(v[0], {0, 2, 3, 1}); };
    const Tensor x_last = evaluate(last, {x}), y_last = evaluate(last, {y});
    ImageSimilarity first({3, 14, 12, 14 * 12, 12, 1}), behind({3, 14, 12, 1, 12 * 3, 3});
    for (std::int64_t n = 0; n < 5; ++n) {
      const std::int64_t at = n * 3 * 14 * 12;
      const double ours = first(x.floats().data() + at, y.floats().data() + at);
      CHECK(std::abs(ours - expected[n]) < 1e-5);
      CHECK(behind(x_last.floats().data() + at, y_last.floats().data() + at) ==
            doctest::Approx(ours).epsilon(1e-12));
    }
  }

  TEST_CASE("images have a peak signal-to-noise ratio, and a similarity where the window fits") {
    const std::string psnr = "test/reconstruction/psnr", ssim = "test/reconstruction/ssim";
    const auto of = [](const Shape& shape, float most) {
      const std::int64_t size = shape.size();
      const auto model = small::make("{latent: 2}", shape);
      small::set(*model, "decoder.0.weight", std::vector<float>(2 * size, 0.0f));
      small::set(*model, "decoder.0.bias", std::vector<float>(size, 0.5f));
      std::vector<float> pixels(2 * size, 0.0f);  // errors of 0.5 and 0.1
      std::fill(pixels.begin() + size, pixels.end(), 0.4f);
      pixels[0] = most;
      const auto images = test::source(shape.prepended(2), pixels);
      return test::measured("reconstruction", *model, small::data(images, images));
    };
    const Measures large = of({11, 12}, 0);
    CHECK(*large.find(psnr) == doctest::Approx((10 * std::log10(4.0) + 20) / 2).epsilon(1e-5));
    // Flat images: only the means count.
    const auto flat = [](double a, double b) {
      return (2 * a * b + 1e-4) / (a * a + b * b + 1e-4);
    };
    CHECK(*large.find(ssim) == doctest::Approx((flat(0, 0.5) + flat(0.4, 0.5)) / 2).epsilon(1e-5));
    const Measures narrow = of({3, 10, 12}, 0), outside = of({11, 12}, 1.1f), signal = of({40}, 0);
    CHECK(narrow.find(psnr) != nullptr);
    CHECK(narrow.find(ssim) == nullptr);
    CHECK(outside.find(psnr) == nullptr);
    CHECK(outside.find(ssim) == nullptr);
    CHECK(signal.find(psnr) == nullptr);
  }

  TEST_CASE("the baseline has as many components as the code, fitted to training samples") {
    // Training varies along the first axis, testing along the second as well.
    const DataSet data = small::data(test::source({2, 2}, {0, 0.5f, 1, 0.5f}),
                                     test::source({2, 2}, {0, 0.5f, 1, 0.7f}));
    const Measures measures =
        test::measured("reconstruction", *small::make("{latent: 1}", {2}), data);
    const std::string name = "pca/test/reconstruction/squared_error_per_feature";
    CHECK(*measures.find(name) == doctest::Approx(0.04 / 4));
    CHECK(measures.protocol().back().first == name);
    CHECK(measures.protocol().back().second ==
          "mean of (x - y)^2 over samples and features, model's scale; PCA fitted to the training "
          "split, components: 1, by eigenvectors of the covariance");
  }

  TEST_CASE("without a test split, training is measured and says so") {
    const DataSet data = small::data(test::source({2, 2}, {0, 1, 1, 0}));
    const Measures measures =
        test::measured("reconstruction", *constant_model("{latent: 1}", {0.5f, 0.5f}), data);
    REQUIRE(measures.numbers().size() == 3);
    CHECK(measures.numbers()[0].first == "train/reconstruction/squared_error_per_feature");
    CHECK(measures.numbers()[1].first == "train/reconstruction/cross_entropy_per_feature");
    CHECK(measures.numbers()[2].first == "pca/train/reconstruction/squared_error_per_feature");
    CHECK(measures.protocol().size() == 3);
  }
}
