#include <hourglass/core/text.hpp>
#include <hourglass/data/split.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/evaluate/probe.hpp>
#include <hourglass/statistics/logistic_regression.hpp>
#include <hourglass/statistics/nearest_neighbours.hpp>
#include <hourglass/statistics/pca.hpp>

#include <algorithm>
#include <cstdio>
#include <span>

namespace hourglass {
namespace {

using Classes = std::vector<std::int32_t>;

// What is probed: numbers of each sample of both splits, [samples, size].
struct Features {
  Tensor train, test;
};

std::string short_text(double value) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", value);
  return number;
}

std::int64_t class_count(const Classes& classes) { return 1 + *std::ranges::max_element(classes); }

}  // namespace

void ProbeMetric::Options::describe(Schema<Options>& schema) {
  schema.add("labels", &Options::labels,
             "training labels that are used, evenly over the classes; null: all", at_least(1));
  schema.add("neighbours", &Options::neighbours, "how many nearest codes vote", at_least(1));
  schema.add("l2", &Options::l2, "weight of the penalty on the linear classifier's weights",
             greater_than(0));
}

std::vector<std::uint32_t> ProbeMetric::fitted(const DataSet& data, std::uint64_t seed) const {
  return choose_labelled(data.train().labels(), data.classes, options_.labels, seed);
}

std::string ProbeMetric::fault(Model& model, const DataSet& data) const {
  const std::string split = evaluated_split(data);
  for (const std::string& each : {std::string("train"), split}) {
    if (data.classes == 0 || data.find(each)->labels().labelled(data.classes).empty()) {
      return text("needs samples with classes, and the ", each,
                  " split has none; name a table's column with dataset.label, an array with "
                  "dataset.labels_array, or leave it out");
    }
  }
  const Labels& labels = data.train().labels();
  const std::int64_t there = std::ssize(labels.labelled(data.classes));
  const std::int64_t used = options_.labels.value_or(there);
  if (used > there) {
    return text("asks for labels: ", used, ", but ", there,
                there == 1 ? " training sample carries one" : " training samples carry one");
  }
  Classes classes = classes_of(ChosenSource(data.train(), fitted(data, model.setup().seed)));
  if (std::ranges::min(classes) == std::ranges::max(classes)) {
    return text("needs two classes at least, and the ", used,
                " training labels that it uses are of one; leave it out, or raise labels");
  }
  if (options_.neighbours > used) {
    return text("asks for neighbours: ", options_.neighbours, " of ", used,
                " training samples; ask for fewer");
  }
  return "";
}

void ProbeMetric::compile(Model& model, const DataSet& data) const {
  model.compile(Purpose::Encode, std::ssize(fitted(data, model.setup().seed)));
  model.compile(Purpose::Encode,
                std::ssize(data.find(evaluated_split(data))->labels().labelled(data.classes)));
}

void ProbeMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const DataSet& data = evaluation.data;
  const ChosenSource train(data.train(), fitted(data, model.setup().seed));
  const ChosenSource test(evaluation.source(), evaluation.source().labels().labelled(data.classes));
  const Classes train_classes = classes_of(train), test_classes = classes_of(test);

  int stopped_early = 0;
  const auto probe = [&](const std::string& prefix, const std::string& what, Features features) {
    const CommonScale scale(features.train);
    for (Tensor* part : {&features.train, &features.test}) scale.apply(*part);
    const std::string labels =
        text(train.size(),
             options_.labels ? " training labels, evenly over the classes" : " training labels");
    const LogisticRegression linear = fit_logistic_regression(
        features.train, train_classes, class_count(train_classes), options_.l2);
    const std::string name = prefix + evaluation.named("probe/linear_accuracy");
    measures.add(name, part_found(linear.classify(features.test), test_classes));
    measures.explain(
        name, text("part of ", test.size(), " samples; multinomial logistic regression of ", what,
                   " divided by their root mean square, on ", labels, ": mean cross-entropy + ",
                   short_text(options_.l2),
                   "/2 |W|^2, bias free; L-BFGS (history 10) to 1e-5 of the gradient's norm at "
                   "zero, or as far as it gets"));
    stopped_early += !linear.fit.converged;
    const std::string neighbours = prefix + evaluation.named("probe/knn_accuracy");
    measures.add(neighbours, part_found(classify_by_neighbours(features.train, train_classes,
                                                               features.test, options_.neighbours),
                                        test_classes));
    measures.explain(neighbours, text("part of ", test.size(), " samples; ", what,
                                      ", majority of the ", options_.neighbours, " nearest of ",
                                      labels, ", Euclidean, ties to the class of the nearest"));
  };

  probe("", "codes",
        {codes_of(model, train, split_number("train")),
         codes_of(model, test, split_number(evaluation.split()))});
  const Features raw{samples_of(train), samples_of(test)};
  const Pca& pca = evaluation.pca();
  probe("pca/", text(pca.count(), " principal components"),
        {components_of(pca, raw.train), components_of(pca, raw.test)});
  probe("raw/", "raw samples", raw);
  const std::string unfinished = evaluation.named("probe/unfinished_fits");
  measures.add(unfinished, stopped_early);
  measures.explain(unfinished,
                   "how many of the logistic regressions (of codes, principal components and raw "
                   "samples) stopped before the norm of the gradient that they go to");
}

}  // namespace hourglass
