#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/corrupted_source.hpp>
#include <hourglass/evaluate/linear_probe.hpp>
#include <hourglass/evaluate/robustness.hpp>
#include <hourglass/statistics/squared_errors.hpp>

#include <memory>
#include <set>

namespace hourglass {
namespace {

// What tells a corruption from others of its kind.
std::string numbers_of(const GaussianCorruption& each) { return text(each.sigma); }
std::string numbers_of(const SpeckleCorruption& each) { return text(each.sigma); }
std::string numbers_of(const SaltPepperCorruption& each) { return text(each.rate); }
std::string numbers_of(const MaskingCorruption& each) { return text(each.rate); }
std::string numbers_of(const BlockCorruption& each) {
  return each.count == 1 ? text(each.size) : text(each.size, "x", each.count);
}

std::string name_of(const CorruptionOptions& corruption) {
  return std::visit(
      [](const auto& each) -> std::string { return text(each.kName, "_", numbers_of(each)); },
      corruption.kind);
}

// How far the model's output for the samples of `given` is from those of `clean`.
SquaredErrors errors_of(const Evaluation& evaluation, const Source& clean, const Source& given) {
  SquaredErrors errors(clean.sample_shape().size());
  std::vector<float> samples;
  evaluation.model.reconstruct(
      given, split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float*, const float* result) {
        samples.resize(indices.size() * static_cast<std::size_t>(clean.sample_shape().size()));
        clean.read(indices, samples.data());
        errors.add(samples.data(), result, indices.size());
      });
  return errors;
}

// The samples of either split that carry a label; none where a probe could not tell classes apart.
struct Labelled {
  std::vector<std::uint32_t> train, test;
};

Labelled labelled_samples(const DataSet& data) {
  const Labels& labels = data.train().labels();
  Labelled there{labels.labelled(data.classes),
                 data.find(evaluated_split(data))->labels().labelled(data.classes)};
  std::set<std::int64_t> classes;
  for (const std::uint32_t i : there.train)
    classes.insert(labels.classes.values<std::int64_t>()[i]);
  return classes.size() < 2 || there.test.empty() ? Labelled{} : there;
}

// Tells how well classes are read off the codes of corrupted samples.
class CorruptedProbe {
 public:
  CorruptedProbe(const Evaluation& evaluation, const Labelled& labelled)
      : evaluation_(evaluation),
        train_(evaluation.data.train(), labelled.train),
        clean_(evaluation.source(), labelled.test),
        classes_(classes_of(clean_)),
        probe_(codes_of(evaluation.model, train_, split_number("train")), classes_of(train_)) {}

  double accuracy(const CorruptionOptions& corruption) const {
    const ModelSetup& setup = evaluation_.model.setup();
    const std::uint32_t split = split_number(evaluation_.split());
    const CorruptedSource corrupted(clean_, {corruption}, setup.data.range, setup.seed, split);
    return probe_.accuracy(codes_of(evaluation_.model, corrupted, split), classes_);
  }
  std::string protocol() const {
    return text("part of ", clean_.size(),
                " corrupted samples whose class is the most probable one by multinomial logistic "
                "regression (L2 1e-4) fitted to the codes of ",
                train_.size(), " clean training samples");
  }

 private:
  const Evaluation& evaluation_;
  ChosenSource train_, clean_;
  std::vector<std::int32_t> classes_;
  LinearProbe probe_;
};

}  // namespace

void RobustnessMetric::Options::describe(Schema<Options>& schema) {
  schema.add("corruptions", &Options::corruptions, "under each of which the model is measured");
  schema.check([](const Options& options) -> std::string {
    std::set<std::string> names;
    for (const CorruptionOptions& each : options.corruptions) {
      if (!names.insert(name_of(each)).second) {
        return text("has the corruption ", name_of(each), " twice; keep one");
      }
    }
    return names.empty() ? "needs a corruption, such as {gaussian: 0.5}" : "";
  });
}

std::string RobustnessMetric::fault(Model&, const DataSet& data) const {
  for (std::size_t i = 0; i < options_.corruptions.size(); ++i) {
    const std::string fault = fault_of(options_.corruptions[i], data.sample_shape);
    if (!fault.empty()) return text("cannot have corruptions.", i, ": ", fault);
  }
  return "";
}

void RobustnessMetric::compile(Model& model, const DataSet& data) const {
  Metric::compile(model, data);
  const Labelled labelled = labelled_samples(data);
  model.compile(Purpose::Encode, std::ssize(labelled.train));
  model.compile(Purpose::Encode, std::ssize(labelled.test));
}

void RobustnessMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const Source& clean = evaluation.source();
  const Labelled labelled = labelled_samples(evaluation.data);
  std::unique_ptr<CorruptedProbe> probe;
  if (!labelled.train.empty()) probe = std::make_unique<CorruptedProbe>(evaluation, labelled);
  const ModelSetup& setup = evaluation.model.setup();
  for (const CorruptionOptions& each : options_.corruptions) {
    const CorruptedSource corrupted(clean, {each}, setup.data.range, setup.seed,
                                    split_number(evaluation.split()));
    const SquaredErrors errors = errors_of(evaluation, clean, corrupted);
    const bool image = evaluation.data.has_images() && errors.within_unit();
    const std::string name = evaluation.named(
        text("robustness/", image ? "psnr_" : "squared_error_per_feature_", name_of(each)));
    measures.add(name, image ? errors.psnr() : errors.per_feature());
    const char* how = image ? "dB; mean over images of 10 log10(1 / mean of (x - y)^2), data in "
                              "[0, 1], no clipping"
                            : "mean of (x - y)^2 over samples and features, model's scale";
    measures.explain(name, text(how, "; x clean, y the output for the corrupted sample"));
    if (probe == nullptr) continue;
    const std::string read = evaluation.named(text("robustness/linear_accuracy_", name_of(each)));
    measures.add(read, probe->accuracy(each));
    measures.explain(read, probe->protocol());
  }
}

}  // namespace hourglass
