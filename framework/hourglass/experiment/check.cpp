#include <hourglass/config/emit.hpp>
#include <hourglass/evaluate/code_size.hpp>
#include <hourglass/experiment/check.hpp>
#include <hourglass/experiment/prepare.hpp>
#include <hourglass/experiment/resume_point.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <algorithm>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

std::string summary(const Prepared& prepared, std::int64_t batch) {
  const std::int64_t epochs = prepared.resolved.experiment.train.epochs;
  const std::int64_t samples = prepared.data.train().size();
  const std::int64_t steps = (samples + batch - 1) / batch;
  Model& model = *prepared.model;
  return text("\n# summary: no errors\n  parameters  ", model.parameter_count(), "\n  code        ",
              code_size(model), code_size(model) == 1 ? " number, " : " numbers, ",
              compression_text(compression_ratio(model)), "\n  steps       ", steps,
              " an epoch, of ", batch, " samples each; ", epochs * steps, " in all",
              "\n  memory      ", memory_summary(model), "\n");
}

// Where the time steps of each split's windows begin and end, counted from 0; there are gaps where
// windows with anomalies are left out.
std::string windows_text(const DataSet& data) {
  if (!data.windows) return "";
  std::string out =
      text("\n# windows of ", data.windows.size, " time steps, one every ", data.windows.stride,
           ", of ", data.columns(), data.columns() == 1 ? " column" : " columns", "; time steps");
  const char* between = " ";
  for (const auto& [split, source] : data.splits) {
    const auto last = static_cast<std::uint32_t>(source->size() - 1);
    out += text(between, source->row(0), " to ", source->row(last) + data.windows.size - 1, " in ",
                split);
    between = ", ";
  }
  return out;
}

std::string memory_text(const ModelMemory& memory) {
  std::string out;
  const auto line = [&](std::size_t bytes, const std::string& what) {
    const std::string number = text((bytes + 1023) / 1024);
    out += text("  ", std::string(number.size() < 9 ? 9 - number.size() : 0, ' '), number, " KiB ",
                what, "\n");
  };
  line(memory.variables, "of variables: parameters and the optimiser's moments");
  line(memory.arena, text("of arena, as large as the largest program and shared by all: ",
                          sharing_text(memory.largest)));
  line(memory.constants, "of constants");
  line(memory.code, "of generated code");
  line(memory.kernels, "of kernels");
  line(memory.total(), "in all, known before the first step");
  return out;
}

/// What runs over most samples: smaller batches run the same code.
std::vector<CompiledProgram> largest_of_each(const std::vector<CompiledProgram>& all) {
  std::vector<CompiledProgram> largest;
  for (const CompiledProgram& each : all) {  // by growing batches
    const bool known = !largest.empty() && largest.back().purpose == each.purpose &&
                       largest.back().step == each.step;
    if (known) largest.pop_back();
    largest.push_back(each);
  }
  return largest;
}

std::string title_of(const CompiledProgram& each, Model& model) {
  switch (each.purpose) {
    case Purpose::Encode: return "encoding";
    case Purpose::Reconstruct: return "reconstruction";
    case Purpose::Denoise: return "reconstruction of corrupted samples";
    case Purpose::Decode: return "decoding";
    case Purpose::Generate: return "generation";
    case Purpose::Draw: return "draws of codes";
    case Purpose::Elbo: return "evidence lower bound";
    case Purpose::LogWeight:
      return text("importance weights, ", each.step, " draws of each sample");
    case Purpose::Train:
    case Purpose::Evaluate: break;
  }
  if (each.step == 0) return "evaluation";
  return text("evaluation of \"", model.steps()[each.step].name, "\"");
}

}  // namespace

std::string check_experiment(const fs::path& experiment, const std::vector<std::string>& overrides,
                             const Surroundings& surroundings) {
  Prepared prepared = prepare(experiment, overrides, surroundings);
  Model& model = *prepared.model;
  const std::int64_t batch = std::min<std::int64_t>(prepared.resolved.experiment.train.batch,
                                                    prepared.data.train().size());
  compile_programs(prepared.resolved.experiment, model, prepared.data);
  const std::string& start = prepared.resolved.experiment.init_from;
  if (!start.empty())
    initialise_from(chosen_checkpoint(start).path, model);  // throws where it does not fit
  std::string out = config::emit(prepared.resolved.node);
  out += text("\n# data: ", prepared.data.name, ", samples ", prepared.data.sample_shape.to_text());
  for (const auto& [split, source] : prepared.data.splits) {
    out += text(", ", source->size(), " in ", split);
  }
  out += windows_text(prepared.data);
  for (const std::string& each : prepared.data.warnings) out += "\n# warning: " + each;
  out += text("\n\n# graph of training, batch ", batch, ", before its gradients\n",
              model.graph(Purpose::Train, batch)->to_text());
  out += text("\n# parameters\n");
  std::size_t variables = 0;
  for (const auto& variable : model.variables().all()) {
    variables += variable->bytes();
    if (variable->kind() != Variable::Kind::Parameter) continue;
    out += text("  ", variable->path(), " ", variable->shape().to_text(), ", ",
                variable->home().to_text(), "\n");
  }
  out += text("  ", model.parameter_count(), " parameters, ", variables / 1024,
              " KiB with the optimiser's moments\n");
  for (const TrainProgram* each : model.trained()) {
    out += text("\n# program: train step \"", each->name, "\", batch ", each->batch, "\n",
                each->program.to_text());
  }
  for (const CompiledProgram& each : largest_of_each(model.compiled())) {
    out += text("\n# program: ", title_of(each, model), ", batch ", each.batch, "\n",
                each.program.get().to_text());
  }
  out += "\n# memory\n" + memory_text(model.memory());
  out += summary(prepared, batch);
  return out;
}

}  // namespace hourglass
