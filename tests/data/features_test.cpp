#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/features.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

/// Few features that are often active, and no correlation.
features::Options few_features() {
  features::Options options;
  options.dimensions = 7;
  options.features = 12;
  options.most_frequent = 0.4;
  options.least_frequent = 0.05;
  options.correlation.scale = 0;
  return options;
}

constexpr int kFeatureDraws = 20'000;

/// How often each feature is active, and each pair of features.
struct Firings {
  explicit Firings(const features::Features& features, int draws = kFeatureDraws)
      : rates(features.rates().size()), pairs(rates.size(), rates) {
    for (int i = 0; i < draws; ++i) {
      const auto active = features.draw("train", static_cast<std::uint64_t>(i));
      for (const features::Active& a : active) {
        rates[a.feature] += 1.0 / draws;
        for (const features::Active& b : active) pairs[a.feature][b.feature] += 1.0 / draws;
      }
    }
  }
  /// The correlation of two firings.
  double correlation(std::size_t a, std::size_t b) const {
    const auto variance = [&](std::size_t i) { return rates[i] * (1 - rates[i]); };
    return (pairs[a][b] - rates[a] * rates[b]) / std::sqrt(variance(a) * variance(b));
  }

  std::vector<double> rates;
  std::vector<std::vector<double>> pairs;
};

/// Four standard deviations of a rate that is counted in `draws` samples.
double rate_error(double rate, int draws = kFeatureDraws) {
  return 4 * std::sqrt(rate * (1 - rate) / draws);
}

std::string feature_fault(const std::string& yaml) {
  config::Problems problems;
  schema_of<features::Options>().read(config::parse_text(yaml, "a", problems), problems);
  return problems.empty() ? std::string() : problems.to_text();
}

std::vector<float> feature_samples(const LazySamples& samples,
                                   const std::vector<std::uint32_t>& rows) {
  std::vector<float> values(rows.size() * static_cast<std::size_t>(samples.shape()[1]));
  samples.read(rows, reinterpret_cast<std::byte*>(values.data()));
  return values;
}

}  // namespace

TEST_SUITE("data/features") {
  TEST_CASE("directions have length 1 and differ, by seed too") {
    features::Options options;
    options.features = 300;
    const features::Features features(options);
    REQUIRE(features.directions().shape() == Shape{300, 256});
    const auto values = features.directions().floats();
    double products = 0;
    for (std::size_t i = 0; i < 300; ++i) {
      double squares = 0, product = 0;
      for (std::size_t k = 0; k < 256; ++k) {
        squares += double{values[i * 256 + k]} * values[i * 256 + k];
        product += double{values[i * 256 + k]} * values[(i + 1) % 300 * 256 + k];
      }
      CHECK(squares == doctest::Approx(1).epsilon(1e-5));
      products += product * product / 300;
    }
    CHECK(products == doctest::Approx(1.0 / 256).epsilon(0.3));  // of random directions
    options.seed = 2;
    CHECK(features::Features(options).directions().floats()[0] != values[0]);
  }

  TEST_CASE("rates fall as a power from the first to the last, and firings keep to them") {
    const features::Options options = few_features();
    const features::Features features(options);
    CHECK(features.rates().front() == doctest::Approx(0.4));
    CHECK(features.rates().back() == doctest::Approx(0.05));
    // 1 at the first and 0 at the last of 12, in between (i^-1/2 - 12^-1/2) / (1 - 12^-1/2).
    CHECK(features.rates()[3] == doctest::Approx(0.05 + 0.35 * 0.2113249 / 0.7113249));
    const Firings firings(features);
    for (std::size_t i = 0; i < 12; ++i) {
      CAPTURE(i);
      CHECK(std::abs(firings.rates[i] - features.rates()[i]) < rate_error(features.rates()[i]));
    }
  }

  TEST_CASE("the defaults have the rates of 2048 features") {
    const features::Features features{features::Options()};
    CHECK(features.rates().size() == 2048);
    CHECK(features.rates().front() == doctest::Approx(0.4));
    CHECK(features.rates().back() == doctest::Approx(5e-4));
    double expected = 0, active = 0;
    for (const double rate : features.rates()) expected += rate;
    for (int i = 0; i < 2000; ++i) {
      active += static_cast<double>(features.draw("train", static_cast<std::uint64_t>(i)).size());
    }
    CHECK(active / 2000 == doctest::Approx(expected).epsilon(0.05));
  }

  TEST_CASE("magnitudes are folded normal about means on a line") {
    features::Options options = few_features();
    options.most_frequent = options.least_frequent = 0.5;
    const auto moments = [&](std::size_t feature) {
      const features::Features features(options);
      double count = 0, sum = 0, squares = 0;
      for (std::uint64_t i = 0; i < kFeatureDraws; ++i) {
        for (const features::Active& each : features.draw("train", i)) {
          if (each.feature != feature) continue;
          count += 1;
          sum += each.magnitude;
          squares += double{each.magnitude} * each.magnitude;
          CHECK(each.magnitude >= 0);
        }
      }
      const double mean = sum / count;
      return std::pair{mean, std::sqrt(squares / count - mean * mean)};
    };
    for (const auto& [feature, mean] : {std::pair{0, 5.0}, {11, 4.0}, {4, 5 - 4.0 / 11}}) {
      const auto [got, deviation] = moments(static_cast<std::size_t>(feature));
      CHECK(std::abs(got - mean) < 4 * 0.5 / 100);  // of about 10,000
      CHECK(std::abs(deviation - 0.5) < 4 * 0.5 / std::sqrt(2 * 10'000.0));
    }
    options.first_magnitude = 0;  // |n / 2|
    CHECK(moments(0).first == doctest::Approx(0.5 * std::sqrt(2 / 3.14159265)).epsilon(0.03));
  }

  TEST_CASE("a sample is the sum of its features, whatever it is read with") {
    features::Options options = few_features();
    options.correlation = {.rank = 3, .scale = 0.3};
    const auto features = std::make_shared<const features::Features>(options);
    const auto train = features::samples_of(features, "train", 1000);
    REQUIRE(train->shape() == Shape{1000, 7});
    CHECK(train->dtype() == DType::F32);
    const auto alone = feature_samples(*train, {17});
    const auto among = feature_samples(*train, {999, 17, 0, 17});
    CHECK(std::equal(alone.begin(), alone.end(), among.begin() + 7));
    CHECK(std::equal(alone.begin(), alone.end(), among.begin() + 21));
    std::vector<double> sum(7);
    for (const features::Active& each : features->draw("train", 17)) {
      for (std::size_t k = 0; k < 7; ++k) {
        sum[k] += double{each.magnitude} * features->directions().floats()[each.feature * 7 + k];
      }
    }
    for (std::size_t k = 0; k < 7; ++k) CHECK(alone[k] == doctest::Approx(sum[k]));
    const auto bounds = train->bounds();
    REQUIRE(bounds);
    for (const float value : among) CHECK(std::abs(value) < bounds->greatest);
    CHECK(bounds->least == -bounds->greatest);
  }

  TEST_CASE("splits, seeds and samples differ, and equal options give equal samples") {
    const auto values = [](const features::Options& options, const std::string& split) {
      const auto features = std::make_shared<const features::Features>(options);
      return feature_samples(*features::samples_of(features, split, 50), {0, 1, 2, 3, 4});
    };
    features::Options options = few_features();
    const auto first = values(options, "train");
    CHECK(values(options, "train") == first);
    CHECK(values(options, "test") != first);
    CHECK_FALSE(std::equal(first.begin(), first.begin() + 7, first.begin() + 7));
    options.seed = 2;
    CHECK(values(options, "train") != first);
  }

  TEST_CASE("other features, rates and counts have another checksum") {
    const auto checksum = [](const features::Options& options, std::int64_t count) {
      const auto features = std::make_shared<const features::Features>(options);
      return features::samples_of(features, "train", count)->checksum();
    };
    features::Options options = few_features();
    const std::uint32_t first = checksum(options, 400);
    CHECK(checksum(options, 400) == first);
    CHECK(checksum(options, 401) != first);
    options.magnitude_deviation = 0.6;
    CHECK(checksum(options, 400) != first);
    options = few_features();
    options.least_frequent = 0.0500001;
    CHECK(checksum(options, 400) != first);
  }

  TEST_CASE("without scale firings are independent, with it as far correlated as their factors") {
    features::Options options = few_features();
    options.features = 30;
    options.most_frequent = options.least_frequent = 0.5;
    const auto mean_square = [&](double scale) {
      options.correlation = {.rank = 5, .scale = scale};
      const features::Features features(options);
      const Firings firings(features);
      double sum = 0;
      for (std::size_t a = 0; a < 30; ++a) {
        CHECK(std::abs(firings.rates[a] - 0.5) < rate_error(0.5));  // whatever the scale
        for (std::size_t b = 0; b < a; ++b) sum += std::pow(firings.correlation(a, b), 2);
      }
      return sum / (30 * 29 / 2);
    };
    CHECK(mean_square(0) == doctest::Approx(1.0 / kFeatureDraws).epsilon(0.3));
    // Of normal numbers r = F_a F_b, with mean square rank scale^4; of signs 2 / pi asin(r).
    const double expected = 5 * std::pow(0.3, 4) * std::pow(2 / 3.14159265, 2);
    CHECK(mean_square(0.3) == doctest::Approx(expected).epsilon(0.35));
  }

  TEST_CASE("a child is active only with its parent, and never beside a sibling") {
    features::Options options = few_features();
    options.features = 40;
    options.hierarchy = features::Hierarchy{.roots = 2, .branching = 3, .depth = 2};
    CHECK(options.hierarchy->size() == 26);
    const features::Features features(options);
    CHECK(features.parent(1) == -1);
    CHECK(features.parent(2) == 0);
    CHECK(features.parent(4) == 0);
    CHECK(features.parent(5) == 1);
    CHECK(features.parent(8) == 2);
    CHECK(features.parent(25) == 7);
    CHECK(features.parent(26) == -1);
    std::int64_t orphans = 0, beside = 0, children = 0, grandchildren = 0;
    for (std::uint64_t i = 0; i < kFeatureDraws; ++i) {
      std::set<std::int64_t> active, parents;
      for (const features::Active& each : features.draw("train", i)) {
        active.insert(each.feature);
        const std::int64_t parent = features.parent(each.feature);
        if (parent < 0) continue;
        ++(each.feature < 8 ? children : grandchildren);
        orphans += active.contains(parent) ? 0 : 1;
        beside += parents.insert(parent).second ? 0 : 1;
      }
    }
    CHECK(orphans == 0);
    CHECK(beside == 0);
    CHECK(children > 1000);
    CHECK(grandchildren > 1000);
    const Firings firings(features);
    for (std::size_t i = 0; i < 40; ++i) {
      CAPTURE(i);
      CHECK(std::abs(firings.rates[i] - features.rates()[i]) < rate_error(features.rates()[i]));
    }
  }

  TEST_CASE("children come to their rates where parent and siblings leave room, else share it") {
    features::Options options = few_features();
    options.features = 7;
    options.exponent = 0;  // all as frequent as the first
    options.most_frequent = options.least_frequent = 0.3;
    options.hierarchy = features::Hierarchy{.roots = 1, .branching = 2, .depth = 2};
    const features::Features crowded(options);
    CHECK(crowded.rates()[0] == doctest::Approx(0.3));
    for (const std::size_t i : {1, 2}) CHECK(crowded.rates()[i] == doctest::Approx(0.15));
    for (const std::size_t i : {3, 4, 5, 6}) CHECK(crowded.rates()[i] == doctest::Approx(0.075));
    options.exponent = 1;  // 0.3, then about 0.12 and 0.06 twice at the least
    options.least_frequent = 0.01;
    const features::Features roomy(options);
    options.hierarchy.reset();
    const features::Features none(options);
    for (const std::size_t i : {0, 1, 2}) {
      CHECK(roomy.rates()[i] == doctest::Approx(none.rates()[i]));
    }
  }

  TEST_CASE("options of features that cannot be are refused") {
    CHECK(feature_fault("{}").empty());
    CHECK(feature_fault("{features: 1360, hierarchy: {}}").empty());
    CHECK(feature_fault("{features: 1359, hierarchy: {}}")
              .find("has 1359 features, but hierarchy takes 1360; choose fewer roots, or more "
                    "features") != std::string::npos);
    CHECK(feature_fault("{most_frequent: 0.01, least_frequent: 0.02}")
              .find("needs least_frequent of at most most_frequent, got 0.02 and 0.01") !=
          std::string::npos);
    CHECK(feature_fault("{correlation: {rank: 25, scale: 0.2}}")
              .find("needs rank times scale squared below 1") != std::string::npos);
    CHECK(feature_fault("{most_frequent: 1}").find("most_frequent must be < 1") !=
          std::string::npos);
    CHECK(feature_fault("{dimensions: 0}").find("dimensions must be >= 1") != std::string::npos);
    CHECK(feature_fault("{hierarchy: {depth: 0}}").find("hierarchy.depth must be >= 1") !=
          std::string::npos);
    CHECK(feature_fault("{direction: 3}").find("dimensions") != std::string::npos);
  }

  TEST_CASE("features are a data set by name that knows its directions, and are held nowhere") {
    const ScratchFolder folder;
    folder.put("features.yaml",
               "name: features\ntitle: t\nformat: features\nscaling: none\n"
               "features: {dimensions: 7, features: 12, train: 4000000000, test: 300}\n");
    folder.put("glyphs.yaml", "name: glyphs\ntitle: digits\nformat: glyphs\n");
    const DataPlaces places{"", {folder.path()}};
    DataOptions options;
    options.limit = 500;
    const DataSet set = load_data_set("features", options, places);
    CHECK(set.sample_shape == Shape{7});
    CHECK(set.train().size() == 500);
    CHECK(set.find("test")->size() == 300);
    CHECK(set.scaling->keeps_values());
    CHECK(set.classes == 0);
    REQUIRE(set.directions.shape() == Shape{12, 7});
    options.read.features = few_features();
    options.read.features->train = 80;
    options.limit.reset();
    CHECK(load_data_set("features", options, places).train().size() == 80);
    CHECK_THROWS_WITH_AS(load_data_set("glyphs", options, places),
                         "features is an option of data sets of features; glyphs are drawn in "
                         "memory",
                         OptionError);
    options.read.features.reset();
    options.limit = 2;
    CHECK(load_data_set("glyphs", options, places).directions.empty());
  }
}
