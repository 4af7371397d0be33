#include <hourglass/evaluate/corrupted_source.hpp>
#include <hourglass/evaluate/robustness.hpp>
#include <hourglass/evaluate/squared_errors.hpp>

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

void RobustnessMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const Source& clean = evaluation.source();
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
  }
}

}  // namespace hourglass
