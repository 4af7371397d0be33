#include <hourglass/compare/choose_metrics.hpp>
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

using MetricList = std::vector<std::string>;

Summaries with_metrics(const MetricList& names) {
  Summaries all;
  for (const std::string& name : names) {
    all.metrics.push_back({.name = name, .direction = direction_of(name)});
  }
  return all;
}

MetricList usual(const Summaries& all) {
  MetricList out;
  for (const std::size_t metric : usual_metrics(all)) out.push_back(all.metrics[metric].name);
  return out;
}

}  // namespace

TEST_SUITE("compare/choose_metrics") {
  const MetricList kNames = {"train/loss",
                             "test/loss",
                             "test/kl",
                             "test/reconstruction/psnr",
                             "test/reconstruction/squared_error_per_feature",
                             "test/denoising/squared_error_per_feature",
                             "test/own/threshold",
                             "test/own/auroc",
                             "pca/test/probe/linear_accuracy",
                             "seconds"};

  TEST_CASE("the loss and the main quantity of each measure are shown, without baselines") {
    CHECK(usual(with_metrics(kNames)) ==
          MetricList{"test/loss", "test/reconstruction/squared_error_per_feature",
                     "test/denoising/squared_error_per_feature", "test/own/auroc"});
    CHECK(usual(with_metrics({"train/loss", "validation/loss"})) == MetricList{"validation/loss"});
    CHECK(usual(with_metrics({"train/own/a", "train/own/b"})) == MetricList{"train/own/a"});
    CHECK(usual(with_metrics({})).empty());
  }

  TEST_CASE("objectives of several variants come last") {
    Summaries all = with_metrics({"test/loss", "test/own/auroc"});
    for (const char* variant : {"vae", "vanilla"}) {
      GroupSummary group;
      group.group.point = {{"variant", text_value(variant)}};
      group.metrics.emplace_back().values = {{1, 2.0}};
      all.groups.push_back(group);
    }
    CHECK(usual(all) == MetricList{"test/own/auroc", "test/loss"});
    all.groups.pop_back();
    CHECK(usual(all) == MetricList{"test/loss", "test/own/auroc"});
  }

  TEST_CASE("a metric is found by its name or the end of it") {
    const Summaries all = with_metrics(kNames);
    const auto found = [&](const std::string& name) {
      return all.metrics[find_metric(all.metrics, name)].name;
    };
    CHECK(found("test/kl") == "test/kl");
    CHECK(found("psnr") == "test/reconstruction/psnr");
    CHECK(found("loss") == "test/loss");
    CHECK(found("reconstruction/squared_error_per_feature") ==
          "test/reconstruction/squared_error_per_feature");
    CHECK(found("linear_accuracy") == "pca/test/probe/linear_accuracy");
    CHECK(found("seconds") == "seconds");
  }

  TEST_CASE("a name that fits several metrics, or none, is an error that helps") {
    const Summaries all = with_metrics(kNames);
    CHECK_THROWS_WITH_AS(find_metric(all.metrics, "squared_error_per_feature"),
                         "metric \"squared_error_per_feature\" fits several: "
                         "test/reconstruction/squared_error_per_feature, "
                         "test/denoising/squared_error_per_feature",
                         ConfigError);
    CHECK_THROWS_WITH_AS(find_metric(all.metrics, "psrn"),
                         "no run has a metric \"psrn\"; did you mean \"psnr\"?", ConfigError);
    CHECK_THROWS_WITH_AS(find_metric(all.metrics, "tst/loss"),
                         "no run has a metric \"tst/loss\"; did you mean \"test/loss\"?",
                         ConfigError);
    CHECK_THROWS_AS(find_metric(all.metrics, ""), ConfigError);
    CHECK_THROWS_AS(find_metric(all.metrics, std::string(5000, '\033')), ConfigError);
  }
}
