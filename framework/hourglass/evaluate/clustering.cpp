#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/clustering.hpp>
#include <hourglass/evaluate/features_of.hpp>
#include <hourglass/statistics/cluster_scores.hpp>
#include <hourglass/statistics/k_means.hpp>
#include <hourglass/statistics/pca.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {
namespace {

using Numbers = std::vector<std::int32_t>;

constexpr std::int64_t kMostFitted = 10'000;

// Numbers of the samples of both splits, [samples, size], and the cluster of each.
struct BothSplits {
  Tensor train, test;
};
struct BothNumbers {
  Numbers train, test;
};

std::vector<std::uint32_t> fitted_samples(const DataSet& data) {
  const std::vector<std::uint32_t> labelled = data.train().labels().labelled(data.classes);
  std::vector<std::uint32_t> chosen = spread(std::ssize(labelled), kMostFitted);
  for (std::uint32_t& sample : chosen) sample = labelled[sample];
  return chosen;
}

// Classes of both splits as 0, 1, ..., whatever their numbers are.
BothNumbers ranked_classes(const Source& train, const Source& test) {
  BothNumbers classes{classes_of(train), classes_of(test)};
  Numbers all = classes.train;
  all.insert(all.end(), classes.test.begin(), classes.test.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (Numbers* part : {&classes.train, &classes.test}) {
    for (std::int32_t& each : *part) {
      each = static_cast<std::int32_t>(std::ranges::lower_bound(all, each) - all.begin());
    }
  }
  return classes;
}

std::int64_t kinds_of(const BothNumbers& classes) {
  return 1 + std::max(std::ranges::max(classes.train), std::ranges::max(classes.test));
}

// The most probable class of each code, whose first `count` numbers are probabilities.
Numbers own_classes(const Tensor& codes, std::int64_t count) {
  const std::int64_t samples = codes.shape()[0], size = codes.size() / samples;
  Numbers classes(static_cast<std::size_t>(samples));
  for (std::int64_t i = 0; i < samples; ++i) {
    const float* code = codes.floats().data() + i * size;
    classes[static_cast<std::size_t>(i)] =
        static_cast<std::int32_t>(std::max_element(code, code + count) - code);
  }
  return classes;
}

Points points_of_rows(const Tensor& rows) {
  const auto values = rows.floats();
  return {rows.shape()[0], rows.size() / rows.shape()[0], {values.begin(), values.end()}};
}

Numbers narrow(const std::vector<std::int64_t>& numbers) {
  return {numbers.begin(), numbers.end()};
}

BothNumbers k_means_of(const BothSplits& features, std::int64_t count, std::uint64_t seed) {
  const Clusters clusters =
      fit_k_means(points_of_rows(features.train), {.clusters = count, .seed = seed});
  return {narrow(clusters.nearest),
          narrow(nearest_centres(points_of_rows(features.test), clusters.centres).nearest)};
}

}  // namespace

void ClusteringMetric::Options::describe(Schema<Options>& schema) {
  schema.add("clusters", &Options::clusters,
             "of k-means; null: as many as the variant has classes of its own, or the data have",
             at_least(2));
}

std::string ClusteringMetric::fault(Model&, const DataSet& data) const {
  for (const std::string& split : {std::string("train"), evaluated_split(data)}) {
    if (data.classes == 0 || data.find(split)->labels().labelled(data.classes).empty()) {
      return text("needs samples with classes to compare clusters with, and the ", split,
                  " split has none; name a table's column with dataset.label, an array with "
                  "dataset.labels_array, or leave it out");
    }
  }
  const std::int64_t fitted = std::ssize(fitted_samples(data));
  if (options_.clusters.value_or(0) > fitted) {
    return text("asks for clusters: ", *options_.clusters, " of ", fitted,
                " training samples; ask for fewer");
  }
  return "";
}

void ClusteringMetric::compile(Model& model, const DataSet& data) const {
  model.compile(Purpose::Encode, std::ssize(fitted_samples(data)));
  model.compile(Purpose::Encode,
                std::ssize(data.find(evaluated_split(data))->labels().labelled(data.classes)));
}

void ClusteringMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const DataSet& data = evaluation.data;
  const ChosenSource train(data.train(), fitted_samples(data));
  const ChosenSource test(evaluation.source(), evaluation.source().labels().labelled(data.classes));
  const BothNumbers classes = ranked_classes(train, test);
  const std::int64_t own = model.traits().classes;
  const std::int64_t count = options_.clusters.value_or(own > 0 ? own : kinds_of(classes));

  const auto report = [&](const std::string& prefix, const BothNumbers& clusters,
                          const std::string& what) {
    const ClusterScores scores =
        cluster_scores({clusters.train, classes.train}, {clusters.test, classes.test});
    const auto add = [&](const char* quantity, double value, const std::string& sentence) {
      const std::string name = prefix + evaluation.named(text("clustering/", quantity));
      measures.add(name, value);
      measures.explain(name, text(sentence, "; ", what));
    };
    const std::string part = text("part of ", test.size(), " samples");
    add("accuracy", scores.accuracy,
        part + ", clusters and classes assigned one to one as fits best");
    add("majority_accuracy", scores.majority_accuracy,
        text(part, ", a cluster stands for the class that most of its samples have among ",
             train.size(), " training samples"));
    add("nmi", scores.nmi, "mutual information of clusters and classes over their mean entropy");
    add("ari", scores.ari, "adjusted Rand index");
    add("used", static_cast<double>(scores.used), "clusters that have a sample");
  };
  const auto report_k_means = [&](const std::string& prefix, const BothSplits& features,
                                  const std::string& what) {
    report(
        prefix, k_means_of(features, count, evaluation.seed),
        text(count, " clusters by k-means of ", what, ": the best of 10 from k-means++, fitted to ",
             train.size(), " training samples, evenly spread"));
  };

  const BothSplits codes{codes_of(model, train, split_number("train")),
                         codes_of(model, test, split_number(evaluation.split()))};
  if (own > 0) {
    report("", {own_classes(codes.train, own), own_classes(codes.test, own)},
           text("clusters: the most probable of the variant's own ", own, " classes"));
  }
  report_k_means(own > 0 ? "k_means/" : "", codes, "codes");
  const BothSplits raw{samples_of(train), samples_of(test)};
  const Pca& pca = evaluation.pca();
  report_k_means("pca/", {components_of(pca, raw.train), components_of(pca, raw.test)},
                 text(pca.count(), " principal components"));
  report_k_means("raw/", raw, "raw samples");
}

}  // namespace hourglass
