#include "labelled_groups.hpp"
#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/statistics/cluster_scores.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hourglass;
using small::grouped;
using test::number;
using test::protocol;

namespace {

using ClassNumbers = std::vector<std::int32_t>;

ClusterScores scores(const ClassNumbers& clusters, const ClassNumbers& classes) {
  return cluster_scores({clusters, classes}, {clusters, classes});
}

// A code that is the probabilities of as many classes as it has numbers.
class Chooser final : public Variant {
 public:
  struct Options {
    int classes = 3;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("classes", &Options::classes, "of the code");
  }
  void build(ModelBuilder& model, const Options& options) {
    const Value choice = softmax(model.dense("code", model.input(), options.classes));
    const Value y = model.dense("decoder", model.latent(choice, {.classes = options.classes}),
                                model.data().sample_shape.size());
    model.reconstruction(y);
    model.train_step("reconstruction").minimise(sum(squared_error(y, model.target()), {1}));
  }
};

std::unique_ptr<Model> chooser(const std::vector<float>& weight) {
  static const VariantTypeOf<Chooser> kType("chooser", "1.0.0", "for tests");
  auto model = small::make(kType, "{classes: 3}", {3});
  small::set(*model, "code.weight", weight);
  return model;
}

std::string clustering_fault(Model& model, const DataSet& data) {
  return make_metric({"clustering"})->fault(model, data);
}

}  // namespace

TEST_SUITE("evaluate/clustering") {
  TEST_CASE("a table of four samples scores what it does by hand") {
    const ClusterScores four = scores({0, 0, 1, 1}, {0, 0, 1, 2});
    CHECK(four.used == 2);
    CHECK(four.accuracy == 0.75);
    CHECK(four.majority_accuracy == 0.75);
    // Entropies log 2 and 1.5 log 2, of which log 2 is shared.
    CHECK(four.nmi == doctest::Approx(0.8));
    // One pair is together in both, of 2 and of 1; chance gives 2 * 1 / 6.
    CHECK(four.ari == doctest::Approx(4.0 / 7));
  }

  TEST_CASE("clusters that are the classes under other numbers score one") {
    const ClusterScores same = scores({2, 2, 0, 1, 1}, {0, 0, 1, 2, 2});
    CHECK(same.accuracy == 1);
    CHECK(same.majority_accuracy == 1);
    CHECK(same.nmi == doctest::Approx(1));
    CHECK(same.ari == doctest::Approx(1));
    CHECK(scores({0, 0}, {0, 0}).nmi == 1);
    CHECK(scores({0}, {0}).ari == 1);
  }

  TEST_CASE("clusters that know nothing of the classes score nothing") {
    const ClusterScores none = scores({0, 1, 0, 1}, {0, 0, 1, 1});
    CHECK(none.accuracy == 0.5);
    CHECK(none.nmi == doctest::Approx(0));
    CHECK(none.ari == doctest::Approx(-0.5));
    CHECK(scores({0, 0, 0, 0}, {0, 0, 1, 1}).nmi == doctest::Approx(0));
    CHECK(scores({0, 0, 0, 0}, {0, 0, 1, 1}).ari == doctest::Approx(0));
  }

  TEST_CASE(
      "more clusters than classes lose by one to one alone, and stand for training's classes") {
    // Of training samples cluster 0 holds class 1 most; cluster 3 none at all.
    const ClassNumbers training_clusters{0, 0, 0, 1, 2}, training_classes{1, 1, 0, 0, 1};
    const ClassNumbers clusters{0, 1, 2, 3}, classes{1, 0, 1, 0};
    const ClusterScores split =
        cluster_scores({training_clusters, training_classes}, {clusters, classes});
    CHECK(split.used == 4);
    CHECK(split.accuracy == 0.5);
    CHECK(split.majority_accuracy == 0.75);
  }

  TEST_CASE("k-means of codes finds the groups that codes keep") {
    const DataSet data = grouped(300, 90, 3);
    auto keeps = small::make("{latent: 1}", {3});
    small::set(*keeps, "code.weight", {1, 0, 0});
    const Measures kept = test::measured("clustering", *keeps, data);
    small::set(*keeps, "code.weight", {0, 1, 0});
    const Measures lost = test::measured("clustering", *keeps, data);
    for (const char* name : {"accuracy", "majority_accuracy", "nmi", "ari"}) {
      CAPTURE(name);
      CHECK(number(kept, text("test/clustering/", name)) == doctest::Approx(1));
      CHECK(number(lost, text("test/clustering/", name)) < 0.6);
      CHECK(number(lost, text("raw/test/clustering/", name)) == doctest::Approx(1));
      CHECK(number(lost, text("pca/test/clustering/", name)) == doctest::Approx(1));
    }
    CHECK(number(kept, "test/clustering/used") == 3);
    CHECK(kept.find("k_means/test/clustering/ari") == nullptr);
    CHECK(protocol(kept, "raw/test/clustering/ari") ==
          "adjusted Rand index; 3 clusters by k-means of raw samples: the best of 10 from "
          "k-means++, fitted to 300 training samples, evenly spread");
    CHECK(number(test::measured("clustering", *keeps, data, "{clusters: 5}"),
                 "raw/test/clustering/used") == 5);
  }

  TEST_CASE("classes of a variant's own are its clusters, beside k-means of its codes") {
    const DataSet data = grouped(300, 90, 3);
    // The same probabilities for all: every sample is of the first class.
    const Measures same = test::measured("clustering", *chooser(std::vector<float>(9, 0)), data);
    CHECK(number(same, "test/clustering/used") == 1);
    CHECK(number(same, "test/clustering/accuracy") == doctest::Approx(1.0 / 3));
    CHECK(protocol(same, "test/clustering/accuracy")
              .ends_with("; clusters: the most probable of the variant's own 3 classes"));
    CHECK(same.find("k_means/test/clustering/accuracy") != nullptr);
  }

  TEST_CASE("classes count as those that there are, whatever their numbers") {
    DataSet data = grouped(300, 90, 3);
    for (const auto& [split, rows] : {std::pair{"train", 300}, {"test", 90}}) {
      Labels labels = small::turns(rows, 3);
      for (std::int64_t& each : labels.classes.values<std::int64_t>()) {
        if (each > 0) each += 4'000'000'000;
      }
      data.splits[split] =
          test::source({rows, 3}, small::groups(rows, 3, 3, rows == 300 ? 1 : 2), labels);
    }
    data.classes = data.train().labels().class_count();
    REQUIRE(data.classes > 4'000'000'000);
    auto model = small::make("{latent: 1}", {3});
    small::set(*model, "code.weight", {1, 0, 0});
    const Measures measures = test::measured("clustering", *model, data);
    CHECK(number(measures, "test/clustering/accuracy") == doctest::Approx(1));
    CHECK(number(measures, "test/clustering/used") == 3);
  }

  TEST_CASE("clusters without classes to compare them with are refused") {
    auto model = small::make("{latent: 1}", {3});
    CHECK(clustering_fault(*model, grouped(30, 9, 3)).empty());
    CHECK(make_metric({"clustering", {}, config::parse_text("{clusters: 31}", "test.yaml")})
              ->fault(*model, grouped(30, 9, 3)) ==
          "asks for clusters: 31 of 30 training samples; ask for fewer");
    DataSet bare = grouped(30, 9, 3);
    bare.splits["test"] = test::source({2, 3}, std::vector<float>(6, 0));
    CHECK(clustering_fault(*model, bare) ==
          "needs samples with classes to compare clusters with, and the test split has none; name "
          "a table's column with dataset.label, an array with dataset.labels_array, or leave it "
          "out");
    CHECK_THROWS_AS(
        make_metric({"clustering", {}, config::parse_text("{clusters: 1}", "test.yaml")}),
        ConfigError);
  }

  TEST_CASE("all that a clustering runs is compiled before") {
    auto model = small::make("{latent: 1}", {3});
    const DataSet data = grouped(300, 90, 3);
    const auto clustering = make_metric({"clustering"});
    clustering->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    clustering->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
  }
}
