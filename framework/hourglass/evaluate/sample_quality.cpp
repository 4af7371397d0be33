#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/feature_classifier.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/evaluate/sample_quality.hpp>
#include <hourglass/statistics/frechet_distance.hpp>
#include <hourglass/statistics/manifold.hpp>

#include <algorithm>

namespace hourglass {
namespace {

constexpr std::int64_t kNeighbours = 3;
constexpr std::int64_t kComponents = 10;

// What generated samples are held to.
class Judge {
 public:
  Judge(const Evaluation& evaluation, FeatureClassifier& classifier, std::int64_t count,
        Measures& measures)
      : evaluation_(evaluation),
        count_(count),
        measures_(measures),
        classifier_(classifier),
        real_(features_of_some(evaluation.source())),
        manifold_(real_, kNeighbours) {}

  Tensor features_of_some(const Source& source) const {
    return classifier_.features(ChosenSource(source, spread(source.size(), count_)));
  }

  // A batch at a time: many samples of a large image would fill the memory.
  Tensor features_of_decoded(const Tensor& codes) const {
    Tensor features(Shape{count_, FeatureClassifier::kFeatures});
    float* out = features.floats().data();
    evaluation_.model.decode(codes, [&](const float* samples, std::int64_t count) {
      out = classifier_.features(samples, count, out);
    });
    return features;
  }

  // `made` completes "y: ".
  void report(const std::string& prefix, const Tensor& features, const std::string& made) {
    const std::string measure = prefix + evaluation_.named("sample_quality");
    const auto add = [&](const char* quantity, double value, const std::string& how) {
      measures_.add(text(measure, "/", quantity), value);
      measures_.explain(text(measure, "/", quantity), how);
    };
    add("frechet_distance", frechet_distance(real_, features),
        "squared distance between normal distributions with the means and covariances (n - 1) of "
        "the features of x and y");
    static_assert(kNeighbours == 3);
    const std::string balls =
        "whose features lie in a ball about one of the others that reaches to its third nearest "
        "among these";
    add("precision", manifold_.part_within(features), "part of y " + balls);
    add("recall", Manifold(features, kNeighbours).part_within(real_), "part of x " + balls);
    measures_.explain(measure, text("x: ", count_, " samples of the split ", evaluation_.split(),
                                    "; y: ", count_, " ", made, "; ", classifier_.description()));
  }

 private:
  const Evaluation& evaluation_;
  std::int64_t count_;
  Measures& measures_;
  FeatureClassifier& classifier_;
  Tensor real_;
  Manifold manifold_;
};

bool has_mixture(Model& model) {
  return model.code_shape().size() <= longest_code(CodeSource::Mixture);
}

}  // namespace

void SampleQualityMetric::Options::describe(Schema<Options>& schema) {
  schema.add("samples", &Options::samples,
             "how many samples are compared, at most, of those that both splits have",
             at_least(kNeighbours + 1));
  schema.add("features", &Options::features,
             "the file of the classifier in whose features is measured, as another run kept it; "
             "empty: the one of these data, which is trained if it is not there");
}

std::int64_t SampleQualityMetric::compared(const DataSet& data) const {
  return std::min(
      {options_.samples, data.train().size(), data.find(evaluated_split(data))->size()});
}

std::string SampleQualityMetric::fault(Model& model, const DataSet& data) const {
  if (model.decoder_reads_labels()) {
    return "decodes drawn codes, and this variant decodes a code together with labels; leave it "
           "out";
  }
  const std::int64_t size = model.code_shape().size();
  const std::int64_t longest = longest_code(CodeSource::Gaussian);
  if (model.traits().prior.empty() && size > longest) {
    return text(
        "fits a normal distribution to codes where the variant has no prior, which takes "
        "codes of at most ",
        longest, " numbers, and these have ", size, "; lower model.latent, or leave it out");
  }
  if (compared(data) <= kNeighbours) {
    return text("needs ", kNeighbours + 1, " samples in both splits, and there are ",
                compared(data), "; leave it out");
  }
  if (options_.features.empty()) return fault_of_labels(data);
  FeatureClassifier::read(options_.features, data.sample_shape);  // throws for another file
  return "";
}

void SampleQualityMetric::compile(Model& model, const DataSet& data) const {
  const std::int64_t count = compared(data);
  if (!model.traits().prior.empty()) model.compile(Purpose::Draw, count);
  if (model.traits().prior.empty() || has_mixture(model)) {
    model.compile(Purpose::Encode, data.train().size());
  }
  model.compile(Purpose::Decode, count);
}

void SampleQualityMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const DataSet& data = evaluation.data;
  const std::int64_t count = compared(data);
  const auto classifier = options_.features.empty()
                              ? feature_classifier_of(data, evaluation.kept)
                              : FeatureClassifier::read(options_.features, data.sample_shape);
  Judge judge(evaluation, *classifier, count, measures);
  const CodeSource source = default_code_source(model);
  Tensor codes;
  if (source != CodeSource::Prior || has_mixture(model)) {
    codes = codes_of(model, data.train(), split_number("train"));
  }
  const auto drawn = [&](const char* prefix, CodeSource from) {
    const DrawnCodes draws = draw_codes(model, {from, kComponents, evaluation.seed}, codes, count);
    judge.report(prefix, judge.features_of_decoded(draws.codes),
                 text("samples decoded from ", draws.drawn_from,
                      from == CodeSource::Prior ? ", the prior" : " of the training split"));
  };
  drawn("", source);
  if (has_mixture(model)) drawn("mixture/", CodeSource::Mixture);
  if (evaluation.split() != "train") {
    judge.report("data/", judge.features_of_some(data.train()), "samples of the training split");
  }
}

}  // namespace hourglass
