#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/runs.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

std::unique_ptr<Metric> with(const std::string& options) {
  config::Named entry{"anomaly"};
  entry.options = config::parse_text(options, "test.yaml");
  return make_metric(entry);
}

Labels truth(const std::vector<std::uint8_t>& anomalies) {
  Labels labels;
  labels.anomalies = Tensor(Shape{std::ssize(anomalies)}, DType::U8);
  std::ranges::copy(anomalies, labels.anomalies.values<std::uint8_t>().begin());
  return labels;
}

// Gives back (a, 0) for (a, b): the score of a sample is b^2.
std::unique_ptr<Model> keeps_first() {
  auto model = small::make("{latent: 1}", {2});
  small::set(*model, "code.weight", {1, 0});
  small::set(*model, "decoder.0.weight", {1, 0});
  return model;
}

std::shared_ptr<Source> along_second(const std::vector<float>& values,
                                     const std::vector<std::uint8_t>& anomalies) {
  std::vector<float> samples;
  for (const float value : values) samples.insert(samples.end(), {7 * value + 1, value});
  return test::source({std::ssize(values), 2}, samples, truth(anomalies));
}

// Rows near a plane of 3 dimensions within 8, and anomalies away from it.
std::string table() {
  RandomStream random(11, "anomaly table");
  std::vector<std::vector<float>> axes(3, std::vector<float>(8));
  for (auto& axis : axes) {
    for (float& value : axis) value = random.normal();
  }
  std::string rows = "a,b,c,d,e,f,g,h,y\n";
  for (int i = 0; i < 600; ++i) {
    const bool anomaly = i % 10 == 0;
    std::vector<float> row(8);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const float along = random.normal() * (3 - static_cast<float>(axis));
      for (std::size_t k = 0; k < 8; ++k) row[k] += along * axes[axis][k];
    }
    for (float& value : row) value += random.normal() * (anomaly ? 0.9f : 0.6f);
    for (const float value : row) rows += text(value, ",");
    rows += anomaly ? "1\n" : "0\n";
  }
  return rows;
}

double recorded(const RunOutcome& outcome, const std::string& name) {
  for (const auto& [each, value] : outcome.metrics) {
    if (each == name) return value;
  }
  FAIL("no number ", name);
  return 0;
}

}  // namespace

TEST_SUITE("evaluate/anomaly") {
  TEST_CASE("areas, threshold and what lies above it are those of scores known by hand") {
    const auto model = keeps_first();
    DataSet data = small::data(along_second({9, 9, 9}, {0, 0, 0}),
                               along_second({1, 2, 3, 4, 5, 2}, {0, 0, 1, 0, 1, 1}));
    data.splits["validation"] = along_second({1, -2, 3, 4}, {0, 0, 0, 0});
    const auto metric = with("{quantile: 0.75}");
    REQUIRE(metric->fault(*model, data).empty());
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    const auto value = [&](const std::string& name) { return *measures.find(name); };
    // Scores 1, 4, 9, 16, 25, 4; of nine pairs, 9 wins two, 25 three, 4 one and a half.
    CHECK(value("test/anomaly/auroc") == doctest::Approx(6.5 / 9));
    // Thresholds 25, 16, 9, 4: precision 1, -, 2/3, 3/5, a third of recall each.
    CHECK(value("test/anomaly/average_precision") == doctest::Approx((1 + 2.0 / 3 + 3.0 / 5) / 3));
    CHECK(value("test/anomaly/threshold") == 9);
    CHECK(value("test/anomaly/recall") == doctest::Approx(1.0 / 3));
    CHECK(value("test/anomaly/false_positive_rate") == doctest::Approx(1.0 / 3));
    CHECK(value("test/anomaly/f1") == doctest::Approx(2.0 / 5));
    CHECK(measures.find("pca/test/anomaly/auroc") != nullptr);

    const auto columns = metric->columns({*model, data, 1}, "test");
    REQUIRE(columns.size() == 2);
    CHECK(columns[0].first == "score");
    CHECK(columns[0].second.floats()[3] == 16);
    CHECK(columns[1].first == "anomaly");
    CHECK(columns[1].second.values<std::uint8_t>()[4] == 1);

    data.splits.erase("validation");
    Measures without;
    metric->measure({*model, data, 1}, without);
    CHECK(*without.find("test/anomaly/threshold") == 81);
    const auto& protocol = without.protocol();
    CHECK(std::ranges::any_of(protocol, [](const auto& each) {
      return each.second.find("for want of a validation split") != std::string::npos;
    }));
  }

  TEST_CASE(
      "data that do not say what an anomaly is are refused, and so are scores not to be had") {
    const auto model = keeps_first();
    const auto plain = test::source({2, 2}, {0, 1, 1, 0});
    const auto metric = make_metric({"anomaly"});
    CHECK(metric->fault(*model, small::data(plain, plain)) ==
          "needs to know which samples are anomalies; say it in dataset.anomaly, such as "
          "{anomalous: [9]}");
    const auto normal = along_second({1, 2}, {0, 0});
    CHECK(metric->fault(*model, small::data(normal, normal)) ==
          "needs normal samples and anomalies in the split test, which has no anomalies; name "
          "other classes in dataset.anomaly");
    const auto both = along_second({1, 2}, {0, 1});
    const auto elbo = with("{score: negative_elbo}");
    CHECK(elbo->fault(*model, small::data(normal, both)) ==
          "cannot score by negative_elbo, since the variant has no evidence lower bound; use "
          "squared_error");
  }

  TEST_CASE("a linear autoencoder finds anomalies as principal components do, and scores a file") {
    test::Bench bench;
    bench.scratch.put("table.csv", table());
    const RunOutcome outcome = bench.run(
        "a", false,
        {text("dataset={name: ", bench.at("table.csv").string(), ", label: y, anomaly: {}}"),
         "model={latent: 3}", "train.epochs=150", "train.batch=32",
         "train.optimizer={adam: {learning_rate: 3.0e-3}}", "evaluate=[anomaly]"});
    const double area = recorded(outcome, "test/anomaly/auroc");
    CHECK(area > 0.6);
    CHECK(area < 0.99);
    CHECK(std::abs(area - recorded(outcome, "pca/test/anomaly/auroc")) < 0.02);

    // The same scores by the command's way, for the rows of the test split.
    const hdf5::Reader latents(bench.at("a/latents.h5"));
    const Surroundings surroundings{test::plugins(), {}};
    Trained trained = open_trained(bench.at("a"), surroundings);
    const auto threshold = anomaly_threshold(bench.at("a"));
    REQUIRE(threshold);
    CHECK(*threshold == recorded(outcome, "test/anomaly/threshold"));
    CHECK_FALSE(anomaly_threshold(bench.at("a/checkpoints/last.h5")));
    std::vector<std::string> notes;
    const Scored scored = write_scores(trained, bench.at("table.csv").string(), bench.at("s.h5"),
                                       surroundings, notes, threshold, true);
    CHECK(scored.samples == 600);
    const hdf5::Reader file(bench.at("s.h5"));
    CHECK(file.text_attribute("scores", "score") == "squared_error");
    const Tensor all = file.read("scores"), residuals = file.read("residuals");
    REQUIRE(residuals.shape() == Shape{600, 8});
    std::int64_t above = 0;
    for (int i = 0; i < 600; ++i) {
      double sum = 0;
      for (int k = 0; k < 8; ++k) {
        const double value = residuals.floats()[i * 8 + k];
        sum += value * value;
      }
      CHECK(sum == doctest::Approx(all.floats()[i]).epsilon(1e-5));
      above += all.floats()[i] > *threshold;
    }
    CHECK(scored.above == above);
    const Tensor score = latents.read("test/score"), index = latents.read("test/index"),
                 anomaly = latents.read("test/anomaly");
    REQUIRE(score.shape() == Shape{180});
    int anomalies = 0;
    for (int i = 0; i < 180; ++i) {
      const std::uint32_t row = index.values<std::uint32_t>()[i];
      CHECK(score.floats()[i] == doctest::Approx(all.floats()[row]).epsilon(1e-5));
      CHECK(anomaly.values<std::uint8_t>()[i] == (row % 10 == 0));
      anomalies += anomaly.values<std::uint8_t>()[i];
    }
    CHECK(anomalies == 18);
  }

  TEST_CASE("the highest and the lowest scores are shown as images") {
    auto model = small::make("{latent: 1}", {4, 4});
    std::vector<std::uint8_t> anomalies(24, 0);
    anomalies[3] = 1;
    const auto test = test::source({24, 4, 4}, test::uniform_values(24 * 16, 1), truth(anomalies));
    const DataSet data = small::data(test, test);
    const auto metric = make_metric({"anomaly"});
    const auto figures = metric->figures({*model, data, 1});
    REQUIRE(figures.size() == 1);
    CHECK(figures[0].first == "anomalies.png");
    CHECK(figures[0].second.shape()[2] == 3);
    const auto table = small::make("{latent: 1}", {2});
    const auto flat = along_second({1, 2}, {0, 1});
    CHECK(metric->figures({*table, small::data(flat, flat), 1}).empty());
  }
}
