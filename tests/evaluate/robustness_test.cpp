#include "labelled_groups.hpp"

#include <hourglass/config/emit.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/corrupted_source.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/robustness.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace hourglass;

namespace {

config::Node options(const std::string& yaml) {
  config::Problems problems;
  const config::Node node =
      find_metric("robustness")
          ->resolve(config::parse_text("corruptions: " + yaml, "f"), "robustness", problems);
  problems.throw_if_any();
  return node;
}

std::unique_ptr<Metric> robustness(const std::string& yaml) {
  return make_metric({"robustness", {}, options(yaml)});
}

Measures measured_robustness(Model& model, const DataSet& data, const std::string& yaml) {
  Measures measures;
  robustness(yaml)->measure({model, data, 1}, measures);
  return measures;
}

std::vector<float> values_of(const Source& source) {
  std::vector<std::uint32_t> all(static_cast<std::size_t>(source.size()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  std::vector<float> values(all.size() * static_cast<std::size_t>(source.sample_shape().size()));
  source.read(all, values.data());
  return values;
}

}  // namespace

TEST_SUITE("evaluate/robustness") {
  TEST_CASE("outputs under each corruption are held to the clean samples, by hand") {
    // The output is the input's first feature, twice.
    const auto model = small::make("{latent: 1}", {1, 2});
    small::set(*model, "code.weight", {1, 0});
    small::set(*model, "decoder.0.weight", {1, 1});
    small::set(*model, "decoder.0.bias", {0, 0});
    const DataSet data = small::data(test::source({1, 1, 2}, {0, 0}),
                                     test::source({2, 1, 2}, {0.5f, 1, 0.25f, 0.5f}));
    const Measures measures = measured_robustness(*model, data, "[{masking: 1}, {masking: 0}]");
    REQUIRE(measures.numbers().size() == 2);
    // All is 0: mean squared errors 0.625 and 0.15625; and as it was: 0.125 and 0.03125.
    CHECK(*measures.find("test/robustness/psnr_masking_1") ==
          doctest::Approx(-5 * (std::log10(0.625) + std::log10(0.15625))));
    CHECK(*measures.find("test/robustness/psnr_masking_0") ==
          doctest::Approx(-5 * (std::log10(0.125) + std::log10(0.03125))));
  }

  TEST_CASE("data that are no images in the unit interval have their squared error") {
    const auto model = small::make("{latent: 1}", {2});
    small::set(*model, "code.weight", {0, 0});
    small::set(*model, "decoder.0.bias", {1, 1});
    const DataSet data = small::data(test::source({1, 2}, {0, 0}), test::source({1, 2}, {3, 1}));
    const Measures measures =
        measured_robustness(*model, data, "[{speckle: 0.5}, {salt_pepper: 0.25}]");
    REQUIRE(measures.numbers().size() == 2);
    CHECK(*measures.find("test/robustness/squared_error_per_feature_speckle_0.5") == 2);
    CHECK(*measures.find("test/robustness/squared_error_per_feature_salt_pepper_0.25") == 2);
  }

  TEST_CASE("a probe of clean codes reads those of corrupted samples, by hand") {
    const auto model = small::make("{latent: 1}", {2});
    small::set(*model, "code.weight", {1, 0});
    const auto train = test::source({4, 2}, {0, 5, 3, 5, 0, 1, 3, 1}, small::turns(4, 2));
    Labels labels = small::turns(6, 2);
    labels.classes.values<std::int64_t>()[5] = -1;  // carries none
    DataSet data =
        small::data(train, test::source({6, 2}, {0, 9, 3, 9, 1, 9, 2, 9, 0, 9, 3, 9}, labels));
    data.classes = 2;
    const auto metric = robustness("[{masking: 0}, {masking: 1}]");
    metric->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
    REQUIRE(measures.numbers().size() == 4);
    CHECK(*measures.find("test/robustness/linear_accuracy_masking_0") == 1);
    // All codes are 0, which is class 0: that of three out of five.
    CHECK(*measures.find("test/robustness/linear_accuracy_masking_1") == 0.6);
    CHECK(
        measures.protocol().back().second ==
        "part of 5 corrupted samples whose class is the most probable one by multinomial logistic "
        "regression (L2 1e-4) fitted to the codes of 4 clean training samples");
  }

  TEST_CASE("without corruption robustness has the accuracy of the probe, and none for one class") {
    const auto model = small::make("{latent: 1}", {3});
    small::set(*model, "code.weight", {1, 1, 0});
    DataSet data = small::grouped(300, 90, 3, 1.2f);
    Measures measures = measured_robustness(*model, data, "[{masking: 0}]");
    make_metric({"probe"})->measure({*model, data, 1}, measures);
    CHECK(*measures.find("test/robustness/linear_accuracy_masking_0") ==
          *measures.find("test/probe/linear_accuracy"));
    data.splits["train"] = test::source({30, 3}, small::groups(30, 3, 1, 1), small::turns(30, 1));
    CHECK(measured_robustness(*model, data, "[{masking: 0}]").numbers().size() == 1);
  }

  TEST_CASE("a linear probe leaves the codes that it is given as they are") {
    Tensor codes(Shape{4, 1});
    std::ranges::copy(std::vector<float>{1, 5, 1, 5}, codes.floats().begin());
    const std::vector<std::int32_t> classes{0, 1, 0, 1};
    const LinearProbe probe(codes, classes);
    CHECK(probe.accuracy(codes, classes) == 1);
    CHECK(probe.accuracy(codes, classes) == 1);
    CHECK(codes.floats()[1] == 5);
  }

  TEST_CASE("under the corruption of the experiment it is the measure of denoising") {
    const std::vector<float> values = test::uniform_values(1300 * 6, 1);
    const DataSet data = small::data(test::source({1, 2, 3}, std::vector<float>(6)),
                                     test::source({1300, 2, 3}, values));
    ModelSetup setup = small::make("{latent: 2}", {2, 3})->setup();
    setup.corruption = {{GaussianCorruption{0.5}}};
    Model model(std::move(setup));
    Measures measures = measured_robustness(model, data, "[{gaussian: 0.5}, {masking: 0.5}]");
    make_metric({"denoising"})->measure({model, data, 1}, measures);
    CHECK(*measures.find("test/robustness/psnr_gaussian_0.5") ==
          *measures.find("test/denoising/psnr"));
    CHECK(*measures.find("test/robustness/psnr_masking_0.5") !=
          *measures.find("test/denoising/psnr"));
  }

  TEST_CASE("a corrupted source gives a sample the same noise in any order and any part") {
    const auto clean = test::source({40, 2}, test::uniform_values(80, 1));
    const std::vector<CorruptionOptions> noise{{GaussianCorruption{0.5}}};
    const ValueRange range{.least = -9, .greatest = 9};
    const CorruptedSource noisy(*clean, noise, range, 1, 2);
    const std::vector<float> whole = values_of(noisy);
    CHECK(whole != values_of(*clean));
    const std::vector<std::uint32_t> some{7, 3};
    std::vector<float> read(4);
    noisy.read(some, read.data());
    CHECK(read == std::vector<float>{whole[14], whole[15], whole[6], whole[7]});
    const ChosenSource part(*clean, {7, 3});
    CHECK(values_of(CorruptedSource(part, noise, range, 1, 2)) == read);
    CHECK(values_of(CorruptedSource(*clean, noise, range, 1, 0)) != whole);
    CHECK(values_of(CorruptedSource(*clean, noise, range, 2, 2)) != whole);
  }

  TEST_CASE("the corruptions of robustness have defaults, and faults at their places") {
    config::Problems problems;
    const config::Node defaults =
        find_metric("robustness")->resolve(config::Node::map(), "robustness", problems);
    CHECK(config::emit_in_line(defaults) ==
          "{corruptions: [{gaussian: 0.2}, {gaussian: 0.5}, {masking: 0.3}, {salt_pepper: 0.2}]}");
    CHECK_THROWS_WITH_AS(options("[{gaussian: 0.5}, gaussian]"),
                         "f:1:1: robustness has the corruption gaussian_0.5 twice; keep one",
                         ConfigError);
    CHECK_THROWS_WITH_AS(options("[]"),
                         "f:1:1: robustness needs a corruption, such as {gaussian: 0.5}",
                         ConfigError);
    CHECK_THROWS_WITH_AS(
        options("[gausian]"),
        "f:1:15: unknown name \"gausian\" for robustness.corruptions.0; did you mean "
        "\"gaussian\"?",
        ConfigError);
    const auto model = small::make("{latent: 1}", {2});
    const DataSet table = small::data(test::source({1, 2}, {0, 0}));
    CHECK(robustness("[gaussian, {block: 2}]")->fault(*model, table) ==
          "cannot have corruptions.1: block hides squares of images, and the data have the shape "
          "[2]; use masking");
    const DataSet images = small::data(test::source({1, 4, 4}, std::vector<float>(16)));
    CHECK(robustness("[gaussian, {block: {size: 2, count: 3}}]")->fault(*model, images) == "");
    CHECK(measured_robustness(*small::make("{latent: 1}", {4, 4}), images,
                              "[{block: {size: 2, count: 3}}]")
              .find("train/robustness/psnr_block_2x3") != nullptr);
  }
}
