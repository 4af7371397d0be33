#include "latent_model.hpp"

#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/step_scores.hpp>
#include <hourglass/experiment/check.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/runs.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

// Windows of `size` steps at `starts` of a series of zeros.
LazySource windows_at(const Rows& starts, std::int64_t steps, std::int64_t columns,
                      std::int64_t size) {
  return {windows_of(Tensor(Shape{steps, columns}), size), Labels(),
          std::make_shared<FittedScaling>(), starts};
}

using Values = std::vector<float>;

// 12 time steps, of which 8 and 11 are anomalies; the first half trains.
DataSet twelve_steps(const ScratchFolder& folder) {
  const std::string path = folder.put("s.csv",
                                      "when,x,odd\n0,0,0\n1,1,0\n2,0,0\n3,1,0\n4,0,0\n5,1,0\n"
                                      "6,2,0\n7,1,0\n8,4,1\n9,1,0\n10,3,0\n11,1,1\n");
  DataOptions options;
  options.scaling = Scaling::None;
  options.read.table.time = "when";
  options.read.table.label = "odd";
  options.window = 2;
  options.anomaly.emplace();
  options.anomaly->train = 0.5;
  return load_data_set(path, options, {});
}

// Of a window (a, b) it gives back (a, 0).
std::unique_ptr<Model> keeps_first_step() {
  auto model = small::make("{latent: 1}", {2});
  small::set(*model, "code.weight", {1, 0});
  small::set(*model, "decoder.0.weight", {1, 0});
  return model;
}

// Two waves of period 12; for twenty steps the second stands still.
std::string waves() {
  RandomStream random(5, "waves");
  std::string rows = "when,a,b,odd\n";
  for (int i = 0; i < 400; ++i) {
    const bool odd = i >= 300 && i < 320;
    const double angle = i * 3.14159265358979 / 6;
    rows += text(i, ",", std::sin(angle) + 0.05f * random.normal(), ",",
                 (odd ? 0 : std::cos(angle)) + 0.05f * random.normal(), ",", odd ? 1 : 0, "\n");
  }
  return rows;
}

}  // namespace

TEST_SUITE("evaluate/step_scores") {
  TEST_CASE("a step's mean is over the windows that hold it") {
    const LazySource source = windows_at({4, 5, 6}, 10, 1, 2);
    StepMeans means(source, 2);
    means.add_squared(Values{1, 2});
    means.add_squared(Values{3, 4});
    means.add_squared(Values{5, 6});
    CHECK(means.steps() == Rows{4, 5, 6, 7});
    CHECK(means.values() == Values{1, (4 + 9) / 2.0f, (16 + 25) / 2.0f, 36});
    StepMeans plain(source, 2);
    plain.add(Values{1, 2});
    plain.add(Values{4, 4});
    plain.add(7.0);
    CHECK(plain.values() == Values{1, 3, 5.5f, 7});
  }

  TEST_CASE("steps between windows have no score, and the square is averaged over columns") {
    const LazySource source = windows_at({1, 5}, 10, 2, 2);
    StepMeans means(source, 2);
    means.add_squared(Values{1, 2, 3, 4});  // the first column, then the second
    means.add_squared(Values{0, 1, std::nanf(""), 1});
    CHECK(means.steps() == Rows{1, 2, 5, 6});
    CHECK(means.values() == Values{5, 10, std::numeric_limits<float>::infinity(), 1});
  }

  TEST_CASE("the scores of a series' steps are those known by hand, and so is what they tell") {
    const ScratchFolder folder;
    const DataSet data = twelve_steps(folder);
    const auto model = keeps_first_step();
    // A step is lost where it is a window's second: in the first window alone it never is.
    const StepScores scored =
        step_scores(*model, *data.find("test"), 2, AnomalyScore::SquaredError, 2);
    CHECK(scored.steps == Rows{6, 7, 8, 9, 10, 11});
    CHECK(scored.scores == Values{0, 0.5f, 8, 0.5f, 4.5f, 1});

    config::Named entry{"anomaly"};
    entry.options = config::parse_text("{quantile: 0.75}", "test.yaml");
    const auto metric = make_metric(entry);
    REQUIRE(metric->fault(*model, data).empty());
    Measures measures;
    metric->measure({*model, data, 1}, measures);
    const auto value = [&](const std::string& name) { return *measures.find(name); };
    CHECK(value("test/anomaly/auroc") == doctest::Approx(7.0 / 8));
    CHECK(value("test/anomaly/average_precision") == doctest::Approx((1 + 2.0 / 3) / 2));
    // Training steps score 0, 1/2, 0, 1/2, 0, 1.
    CHECK(value("test/anomaly/threshold") == 0.5);
    CHECK(value("test/anomaly/recall") == 1);
    CHECK(value("test/anomaly/false_positive_rate") == 0.25);
    CHECK(value("test/anomaly/f1") == doctest::Approx(0.8));
    CHECK(measures.find("pca/test/anomaly/auroc") != nullptr);

    const auto columns = metric->columns({*model, data, 1}, "test");
    REQUIRE(columns.size() == 5);
    CHECK(columns[0].second.shape() == Shape{5});  // of windows
    CHECK(columns[0].second.floats()[1] == 16);
    CHECK(columns[1].second.values<std::uint8_t>()[0] == 0);
    CHECK(columns[1].second.values<std::uint8_t>()[1] == 1);
    CHECK(columns[2].first == "step");
    CHECK(columns[2].second.values<std::uint32_t>()[5] == 11);
    CHECK(columns[3].first == "step_score");
    CHECK(columns[3].second.floats()[2] == 8);
    CHECK(columns[4].first == "step_anomaly");
    CHECK(columns[4].second.values<std::uint8_t>()[2] == 1);
    const auto figures = metric->figures({*model, data, 1});
    REQUIRE(figures.size() == 1);
    CHECK(figures[0].first == "series.png");
  }

  TEST_CASE("a step's negative evidence lower bound is the mean of its windows'") {
    const ScratchFolder folder;
    const DataSet data = twelve_steps(folder);
    // q(z | a, b) = N(a, 1), and the output is 0 whatever z is drawn: a window has the bound
    // (a² + b²) / 2 + log 2π + a² / 2.
    const auto model = small::make_linear_vae("{likelihood: gaussian}", {2});
    small::set(*model, "mean.weight", {1, 0});
    small::set(*model, "log_variance.weight", {0, 0});
    small::set(*model, "decoder.0.weight", {0, 0});
    CHECK(score_of(AnomalyScore::Auto, *model, true) == AnomalyScore::SquaredError);
    const StepScores scored =
        step_scores(*model, *data.find("test"), 2, AnomalyScore::NegativeElbo, 2);
    CHECK(scored.steps == Rows{6, 7, 8, 9, 10, 11});
    const double expected[] = {4.5, 6.75, 12.75, 11, 7.5, 9.5};
    REQUIRE(scored.scores.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(scored.scores[i] - std::log(2 * std::numbers::pi) ==
            doctest::Approx(expected[i]).epsilon(1e-5));
    }
  }

  TEST_CASE("principal components score steps by what they leave of them") {
    const ScratchFolder folder;
    const DataSet data = twelve_steps(folder);
    const Pca pca = fit_pca(data.train(), 2);  // as many as a window has: nothing is left
    const StepScores scored = step_scores(pca, *data.find("test"), 2);
    REQUIRE(scored.scores.size() == 6);
    for (const float score : scored.scores) CHECK(score < 1e-9f);
    const Pca one = fit_pca(data.train(), 1);
    StepMeans means(*data.find("test"), 2);
    visit_residuals(one, *data.find("test"),
                    [&](std::span<const float> residual) { means.add_squared(residual); });
    CHECK(step_scores(one, *data.find("test"), 2).scores == means.values());
    const auto sums = squared_errors(one, *data.find("test"));
    double all = 0, doubled = 0;
    for (const float each : sums) all += static_cast<double>(each);
    const auto values = means.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool end = i == 0 || i + 1 == values.size();
      doubled += static_cast<double>(values[i]) * (end ? 1 : 2);
    }
    CHECK(doubled == doctest::Approx(all).epsilon(1e-6));
  }

  TEST_CASE(
      "a run on a series finds what is odd in it, twice alike, and scores each step of a file") {
    test::Bench bench;
    bench.scratch.put("waves.csv", waves());
    const std::vector<std::string> overrides = {
        text("dataset={name: ", bench.at("waves.csv").string(),
             ", time: when, label: odd, window: 8, stride: 2, validation: 0.2, "
             "anomaly: {train: 0.5}}"),
        "model={latent: 2}",
        "train.epochs=100",
        "train.batch=16",
        "train.optimizer={adam: {learning_rate: 1.0e-2}}",
        "evaluate=[anomaly]"};
    const Surroundings surroundings{test::plugins(), {}};
    CHECK(
        check_experiment(bench.at("small.yaml"), overrides, surroundings)
            .find("# windows of 8 time steps, one every 2, of 2 columns; time steps 200 to 399 in "
                  "test, 0 to 159 in train, 160 to 199 in validation\n") != std::string::npos);
    const RunOutcome outcome = bench.run("a", false, overrides);
    double area = 0;
    for (const auto& [name, number] : outcome.metrics) {
      if (name == "test/anomaly/auroc") area = number;
    }
    CHECK(area > 0.95);
    CHECK(std::filesystem::exists(bench.at("a/figures/series.png")));
    bench.run("b", false, overrides);
    CHECK(bench.content("a/latents.h5") == bench.content("b/latents.h5"));

    const hdf5::Reader latents(bench.at("a/latents.h5"));
    const Tensor index = latents.read("test/index"), steps = latents.read("test/step"),
                 scores = latents.read("test/step_score");
    CHECK(latents.read("test/codes").shape()[0] == 97);
    CHECK(index.values<std::uint32_t>()[96] == 392);
    REQUIRE(scores.shape() == Shape{200});
    Trained trained = open_trained(bench.at("a"), surroundings);
    std::vector<std::string> notes;
    const Scored scored = write_scores(trained, bench.at("waves.csv").string(), bench.at("s.h5"),
                                       surroundings, notes, 0.0, true);
    CHECK(scored.samples == 400);
    CHECK(scored.above == 400);
    const hdf5::Reader file(bench.at("s.h5"));
    const Tensor all = file.read("scores"), residuals = file.read("residuals");
    REQUIRE(all.shape() == Shape{400});
    CHECK(residuals.shape() == Shape{400, 2});
    CHECK(file.text_attribute("scores", "score") == "squared_error");
    for (int i = 8; i < 200; ++i) {  // steps that windows of the file alone hold differ
      CHECK(steps.values<std::uint32_t>()[i] == 200 + i);
      CHECK(scores.floats()[i] == doctest::Approx(all.floats()[200 + i]).epsilon(1e-5));
    }
  }
}
