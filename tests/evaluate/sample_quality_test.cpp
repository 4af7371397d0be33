#include "labelled_groups.hpp"
#include "latent_model.hpp"
#include "measures.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/feature_classifier.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/sample_quality.hpp>

#include <doctest/doctest.h>
#include <support/scratch_folder.hpp>

#include <string>
#include <vector>

using namespace hourglass;
using test::number;
using test::protocol;

namespace {

using small::grouped, small::groups, small::turns;

constexpr const char* kQuantities[] = {"frechet_distance", "precision", "recall"};

std::unique_ptr<Metric> quality_metric(const std::string& options = "{}") {
  return make_metric({"sample_quality", {}, config::parse_text(options, "test.yaml")});
}

Measures measured(Model& model, const DataSet& data, const std::string& options = "{}",
                  const std::filesystem::path& kept = {}) {
  Measures measures;
  quality_metric(options)->measure({model, data, 1, kept}, measures);
  return measures;
}

// Codes are the samples themselves, and so are what the decoder makes of codes.
std::unique_ptr<Model> faithful() {
  auto model = small::make("{latent: 3}", {3});
  small::set(*model, "code.weight", {1, 0, 0, 0, 1, 0, 0, 0, 1});
  small::set(*model, "decoder.0.weight", {1, 0, 0, 0, 1, 0, 0, 0, 1});
  return model;
}

// A decoder that reads labels beside the code.
class Conditional final : public Variant {
 public:
  struct Options {};
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder& model, const Options&) {
    const Value code = model.dense("code", model.input(), 2);
    const Value z = model.latent(code, {.prior = standard_normal(2)});
    const Value both = concat({z, model.labels()}, 1);
    const Value y = model.dense("out", both, model.data().sample_shape.size());
    model.reconstruction(y);
    model.train_step("first").minimise(sum(squared_error(y, model.target()), {1}));
  }
};

}  // namespace

TEST_SUITE("evaluate/sample_quality") {
  TEST_CASE("a mixture hits classes that one normal distribution falls between") {
    const auto model = faithful();
    const DataSet data = grouped(600, 300, 3);
    const ScratchFolder kept;
    const Measures measures = measured(*model, data, "{}", kept.path());
    REQUIRE(measures.numbers().size() == 9);
    const auto of = [&](const std::string& prefix, const char* quantity) {
      return number(measures, prefix + "test/sample_quality/" + quantity);
    };
    CHECK(of("mixture/", "precision") > 0.9);
    CHECK(of("", "precision") < 0.6);
    CHECK(of("mixture/", "recall") > 0.8);
    CHECK(of("data/", "precision") > 0.9);
    CHECK(of("data/", "frechet_distance") < of("", "frechet_distance"));
    CHECK(of("mixture/", "frechet_distance") < of("", "frechet_distance"));
    CHECK(
        protocol(measures, "mixture/test/sample_quality/precision") ==
        "part of y whose features lie in a ball about one of the others that reaches to its third "
        "nearest among these");
    const std::string told = protocol(measures, "test/sample_quality");
    CAPTURE(told);
    CHECK(told.starts_with(
        "x: 300 samples of the split test; y: 300 samples decoded from a normal distribution "
        "fitted to 600 codes of the training split; 64 features of a classifier that was trained "
        "on 600 labelled samples of made (checksum "));
    CHECK(protocol(measures, "mixture/test/sample_quality")
              .find("; y: 300 samples decoded from a mixture of 10 normal distributions fitted to "
                    "600 codes of the training split; 64 ") != std::string::npos);
    CHECK(protocol(measures, "data/test/sample_quality")
              .find("; y: 300 samples of the training split; 64 ") != std::string::npos);
    // Again, now in the features that were kept.
    const Measures again = measured(*model, data, "{}", kept.path());
    CHECK(again.numbers() == measures.numbers());
    CHECK(again.protocol() == measures.protocol());
  }

  TEST_CASE("training samples that are those of the test split match them wholly") {
    const auto model = faithful();
    DataSet data = grouped(90, 90, 3);
    data.splits["test"] = test::source({90, 3}, groups(90, 3, 3, 1), turns(90, 3));
    const Measures measures = measured(*model, data);
    CHECK(number(measures, "data/test/sample_quality/frechet_distance") < 1e-6);
    CHECK(number(measures, "data/test/sample_quality/precision") == 1);
    CHECK(number(measures, "data/test/sample_quality/recall") == 1);
  }

  TEST_CASE("where there is a prior its draws are measured, in the features of a named file") {
    const ScratchFolder scratch;
    const DataSet data = grouped(300, 90, 3);
    const auto file = scratch / "classifier.h5";
    train_feature_classifier(data)->write(file);
    const auto model = small::make_linear_vae("{latent: 1, likelihood: gaussian}", {3});
    small::set(*model, "mean.weight", {1, 0, 0});
    small::set(*model, "decoder.0.weight", {1, 0, 0});
    const std::string named = text("{features: ", file.string(), ", samples: 50}");
    const Measures measures = measured(*model, data, named);
    for (const char* quantity : kQuantities) {
      const std::string name = text("test/sample_quality/", quantity);
      CHECK(number(measures, name) == number(measured(*model, data, "{samples: 50}"), name));
    }
    CHECK(protocol(measures, "test/sample_quality")
              .find("x: 50 samples of the split test; y: 50 samples decoded from a standard normal "
                    "distribution, the prior; 64 ") != std::string::npos);
    // The file serves data that carry no labels.
    DataSet bare = grouped(300, 90, 3);
    bare.classes = 0;
    CHECK(quality_metric()->fault(*model, bare) != "");
    CHECK(quality_metric(named)->fault(*model, bare) == "");
    CHECK(measured(*model, bare, named).numbers() == measures.numbers());
  }

  TEST_CASE(
      "codes too long for a mixture have no row of one, and without a test split none of data") {
    const auto model = small::make("{latent: 257}", {3});
    DataSet data = grouped(60, 9, 3);
    data.splits.erase("test");
    const Measures measures = measured(*model, data);
    REQUIRE(measures.numbers().size() == 3);
    for (const char* quantity : kQuantities) {
      CHECK(measures.find(text("train/sample_quality/", quantity)) != nullptr);
    }
  }

  TEST_CASE("sample quality is refused where nothing can be drawn or told apart") {
    const DataSet data = grouped(60, 9, 3);
    const auto model = faithful();
    CHECK(quality_metric()->fault(*model, data) == "");
    CHECK(quality_metric()->fault(*model, grouped(60, 3, 3)) ==
          "needs 4 samples in both splits, and there are 3; leave it out");
    DataSet bare = grouped(60, 9, 3);
    bare.classes = 0;
    CHECK(quality_metric()->fault(*model, bare) == fault_of_labels(bare));
    CHECK(
        quality_metric()->fault(*small::make("{latent: 2049}", {3}), data) ==
        "fits a normal distribution to codes where the variant has no prior, which takes codes of "
        "at most 2048 numbers, and these have 2049; lower model.latent, or leave it out");
    static const VariantTypeOf<Conditional> kType("conditional", "1.0.0", "for tests");
    config::Problems problems;
    ModelSetup setup;
    setup.options = read_model_options(kType, config::parse_text("{}", "test.yaml"), problems);
    setup.data = {{3}, {.least = 0, .greatest = 1}, 3};
    setup.optimizer = AdamOptions();
    Model conditional(std::move(setup));
    CHECK(
        quality_metric()->fault(conditional, data) ==
        "decodes drawn codes, and this variant decodes a code together with labels; leave it out");
    // What reads codes alone works for it.
    Measures measures;
    make_metric({"prior_match"})->measure({conditional, data, 1}, measures);
    CHECK(measures.find("test/prior_match/mmd") != nullptr);
    CHECK_THROWS_AS(quality_metric("{features: no/such.h5}")->fault(*model, data), DataError);
    config::Problems others;
    find_metric("sample_quality")
        ->resolve(config::parse_text("{samples: 3}", "f"), "sample_quality", others);
    CHECK_THROWS_WITH_AS(others.throw_if_any(),
                         "f:1:11: sample_quality.samples must be >= 4, got 3", ConfigError);
  }

  TEST_CASE("all that sample quality runs of the model is compiled before") {
    const DataSet data = grouped(60, 9, 3);
    std::vector<std::unique_ptr<Model>> models;
    models.push_back(faithful());
    models.push_back(small::make_linear_vae("{latent: 2, likelihood: gaussian}", {3}));
    for (const auto& model : models) {
      quality_metric()->compile(*model, data);
      const std::size_t programs = model->compiled().size();
      measured(*model, data);
      CHECK(model->compiled().size() == programs);
    }
  }
}
