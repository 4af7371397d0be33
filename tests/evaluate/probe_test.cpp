#include "labelled_groups.hpp"
#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass;
using small::grouped, small::groups, small::turns;
using test::number;
using test::protocol;

namespace {

std::unique_ptr<Metric> metric(const std::string& options = "{}") {
  return make_metric({"probe", {}, config::parse_text(options, "test.yaml")});
}

std::unique_ptr<Model> with_code(const std::vector<float>& weight,
                                 const std::vector<float>& bias = {0}) {
  auto model = small::make("{latent: 1}", {3});
  small::set(*model, "code.weight", weight);
  small::set(*model, "code.bias", bias);
  return model;
}

}  // namespace

TEST_SUITE("evaluate/probe") {
  TEST_CASE("codes that keep the classes apart are read without a fault, others by chance") {
    const DataSet data = grouped(300, 90, 3);
    const auto keeps = with_code({1, 0, 0}), loses = with_code({0, 1, 0});
    const Measures kept = test::measured("probe", *keeps, data),
                   lost = test::measured("probe", *loses, data);
    for (const char* name : {"linear_accuracy", "knn_accuracy"}) {
      CAPTURE(name);
      CHECK(number(kept, text("test/probe/", name)) == 1);
      CHECK(number(lost, text("test/probe/", name)) < 0.6);
      CHECK(number(lost, text("raw/test/probe/", name)) == 1);
      CHECK(number(lost, text("pca/test/probe/", name)) == 1);
    }
  }

  TEST_CASE("where codes lie and how large they are changes no accuracy") {
    const DataSet data = grouped(300, 90, 3, 1.2f);
    const Measures plain = test::measured("probe", *with_code({1, 1, 0}), data);
    const Measures moved = test::measured("probe", *with_code({256, 256, 0}, {128}), data);
    for (const char* name : {"test/probe/linear_accuracy", "test/probe/knn_accuracy"}) {
      CHECK(number(plain, name) < 1);
      CHECK(number(plain, name) > 0.5);
    }
    CHECK(number(moved, "test/probe/knn_accuracy") == number(plain, "test/probe/knn_accuracy"));
  }

  TEST_CASE("a probe of few labels has equally many of each class and says so") {
    const DataSet data = grouped(300, 90, 3);
    const auto model = with_code({1, 0, 0});
    const Measures measures = test::measured("probe", *model, data, "{labels: 6, neighbours: 1}");
    CHECK(number(measures, "test/probe/linear_accuracy") == 1);
    CHECK(number(measures, "test/probe/knn_accuracy") == 1);
    CHECK(protocol(measures, "test/probe/knn_accuracy") ==
          "part of 90 samples; codes, majority of the 1 nearest of 6 training labels, evenly over "
          "the classes, Euclidean, ties to the class of the nearest");
  }

  TEST_CASE("the protocol of a probe states the objective, and is the same however fits end") {
    const Measures measures =
        test::measured("probe", *with_code({1, 0, 0}), grouped(30, 9, 3), "{l2: 0.01}");
    const std::string linear = protocol(measures, "raw/test/probe/linear_accuracy");
    CHECK(linear ==
          "part of 9 samples; multinomial logistic regression of raw samples divided "
          "by their root mean square, on 30 training labels: mean cross-entropy + "
          "0.01/2 |W|^2, bias free; L-BFGS (history 10) to 1e-5 of the gradient's norm "
          "at zero, or as far as it gets");
    // That of the single code goes as far as single precision lets it.
    CHECK(number(measures, "test/probe/unfinished_fits") == 1);
    const std::string unfinished = protocol(measures, "test/probe/linear_accuracy");
    CHECK(unfinished.substr(unfinished.find("bias")) == linear.substr(linear.find("bias")));
    const Measures finished =
        test::measured("probe", *with_code({1, 0, 0}), grouped(30, 9, 3), "{l2: 1.0e-30}");
    CHECK(number(finished, "test/probe/unfinished_fits") == 0);
  }

  TEST_CASE("measures of one evaluation share the principal components") {
    const auto model = with_code({1, 0, 0});
    const DataSet data = grouped(30, 12, 3);
    const Evaluation evaluation{*model, data, 1};
    Measures measures;
    make_metric({"reconstruction"})->measure(evaluation, measures);
    const auto fitted = evaluation.fitted_pca;
    REQUIRE(fitted != nullptr);
    metric()->measure(evaluation, measures);
    CHECK(evaluation.fitted_pca == fitted);
    const Measures alone = test::measured("probe", *model, data);
    for (const auto& [name, value] : alone.numbers()) CHECK(number(measures, name) == value);
  }

  TEST_CASE("samples without a label are neither fitted nor tried") {
    DataSet data = grouped(300, 90, 3);
    Labels labels = turns(90, 3);
    for (std::size_t i = 30; i < 90; ++i) labels.classes.values<std::int64_t>()[i] = -1;
    data.splits["test"] = test::source({90, 3}, groups(90, 3, 3, 2), labels);
    const Measures measures = test::measured("probe", *with_code({1, 0, 0}), data);
    CHECK(number(measures, "test/probe/linear_accuracy") == 1);
    CHECK(protocol(measures, "test/probe/linear_accuracy").starts_with("part of 30 samples"));
  }

  TEST_CASE("a probe is refused where there is nothing to read or too little to read it with") {
    const auto model = with_code({1, 0, 0});
    const DataSet data = grouped(30, 9, 3);
    CHECK(metric()->fault(*model, data).empty());
    CHECK(metric("{labels: 31}")->fault(*model, data) ==
          "asks for labels: 31, but 30 training samples carry one");
    CHECK(metric("{labels: 6}")->fault(*model, data) ==
          "asks for neighbours: 10 of 6 training samples; ask for fewer");
    CHECK(metric("{labels: 1}")->fault(*model, data) ==
          "needs two classes at least, and the 1 training labels that it uses are of one; leave it "
          "out, or raise labels");
    CHECK(metric()->fault(*model, grouped(30, 9, 1)).find("needs two classes") == 0);
    DataSet bare = small::data(test::source({4, 3}, groups(4, 3, 2, 1)));
    CHECK(metric()->fault(*model, bare) ==
          "needs samples with classes, and the train split has none; name a table's column with "
          "dataset.label, an array with dataset.labels_array, or leave it out");
    CHECK_THROWS_AS(metric("{l2: 0}"), ConfigError);
    CHECK_THROWS_AS(metric("{neighbours: 0}"), ConfigError);
  }

  TEST_CASE("all that a probe runs is compiled before") {
    const auto model = with_code({1, 0, 0});
    const DataSet data = grouped(300, 90, 3);
    const auto probe = metric("{labels: 30}");
    probe->compile(*model, data);
    const std::size_t programs = model->compiled().size();
    Measures measures;
    probe->measure({*model, data, 1}, measures);
    CHECK(model->compiled().size() == programs);
  }
}
