#include <hourglass/config/problems.hpp>
#include <hourglass/conformance/checks.hpp>
#include <hourglass/core/error.hpp>

namespace hourglass {

Finding check_loading(const TrialRequest& request) {
  const Trial trial(request);
  const VariantType& variant = trial.variant();
  return passed(text(variant.name(), " ", variant.version(), ": ", variant.description()));
}

Finding check_it_can_be_tried(const TrialRequest& request) {
  const Trial trial(request);
  try {
    const TrialTraining training(trial, "experiment");
    return passed();
  } catch (const ConfigError& error) {
    return failed(
        text(error.what(),
             "\nit is tried on drawn digits, with the options as they are; --set gives it "
             "what it needs, such as --set model.latent=4"));
  }
}

Finding check_options_are_complete(const TrialRequest& request) {
  const Trial trial(request);
  std::string faults;
  for (const OptionRow& row : trial.variant().document()) {
    if (row.meaning.empty()) faults += text("model.", row.name, " has no meaning; describe it\n");
  }
  // Defaults are not checked where they stand in for what is left out, but when they are read back.
  config::Problems missing, problems;
  const ModelOptions standard = read_model_options(trial.variant(), config::Node::map(), missing);
  if (missing.empty()) {
    const ModelOptions again = read_model_options(trial.variant(), standard.resolved, problems);
    for (const std::string& message : problems.messages()) {
      faults += text("a default is refused when it is written out: ", message, "\n");
    }
    if (problems.empty() && !(again.resolved == standard.resolved)) {
      faults += "options that are written out and read again are others\n";
    }
  }
  return faults.empty() ? passed() : failed(faults);
}

}  // namespace hourglass
