#include <hourglass/core/error.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/plugin/model.hpp>

#include <algorithm>
#include <cstring>

namespace hourglass {

struct Model::BuiltStep {
  std::string name;
  Value objective;  // penalties included
  std::vector<TrainStep::Part> parts;
  std::vector<Variable*> moved;
};

/// A graph with what the variant declared in it.
struct Model::Built {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::unique_ptr<ModelBuilder> builder;
  std::vector<BuiltStep> steps;
};

Model::Model(ModelSetup setup) : setup_(std::move(setup)) {}
Model::~Model() = default;

bool names_part(std::string_view name, std::string_view path) {
  return path.starts_with(name) &&
         (path.size() == name.size() || path[name.size()] == '.' || name.ends_with('.'));
}

std::vector<Variable*> Model::moved(const std::vector<std::string>& prefixes) {
  const auto named = [](const std::string& path, const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [&](const auto& name) { return names_part(name, path); });
  };
  std::vector<Variable*> result;
  for (const auto& variable : store_.all()) {
    if (variable->kind() != Variable::Kind::Parameter) continue;
    if (!prefixes.empty() && !named(variable->path(), prefixes)) continue;
    if (!named(variable->path(), setup_.frozen)) result.push_back(variable.get());
  }
  return result;
}

Model::Built Model::build(Purpose purpose, std::int64_t batch) {
  Built built;
  built.builder = std::make_unique<ModelBuilder>(
      *built.graph, store_, setup_.options.architecture, setup_.data,
      ModelBuilder::Setting{purpose, batch, setup_.seed, setup_.steps_per_epoch});
  ModelBuilder& builder = *built.builder;
  setup_.options.variant->build(builder);
  if (!builder.code()) throw Error("the variant has no code: its build never calls model.latent");
  if (!builder.reconstruction()) {
    throw Error("the variant has no reconstruction: its build never calls model.reconstruction");
  }
  code_shape_ = builder.code().shape().without(0);
  for (const auto& step : builder.train_steps()) {
    if (!step->objective())
      throw Error(text("train step \"", step->name(), "\" minimises nothing"));
    BuiltStep each{step->name(), step->objective(), step->parts(), moved(step->prefixes())};
    if (const Value extra = penalty(*built.graph, each.moved, setup_.optimizer)) {
      each.objective = each.objective + extra;
      each.parts.push_back({"penalty", extra});
    }
    built.steps.push_back(std::move(each));
  }
  if (built.steps.empty()) throw Error("the variant has no train step");
  return built;
}

std::vector<TrainProgram>& Model::train(std::int64_t batch) {
  const auto found = train_.find(batch);
  if (found != train_.end()) return found->second;
  Built built = build(Purpose::Train, batch);
  std::vector<TrainProgram> programs;
  for (const BuiltStep& step : built.steps) {
    std::vector<Value> fetches{step.objective};
    std::vector<std::string> names;
    for (const TrainStep::Part& part : step.parts) {
      fetches.push_back(part.value);
      names.push_back(part.name);
    }
    programs.push_back(
        {step.name, std::move(names),
         Program(*built.graph, fetches, updates_of(step), arena_, {.guard = step.objective})});
  }
  if (train_.empty()) first_trained_ = batch;
  return train_.emplace(batch, std::move(programs)).first->second;
}

std::span<const TrainProgram> Model::trained() const {
  const auto found = train_.find(first_trained_);
  if (found == train_.end()) return {};
  return found->second;
}

std::string Model::find_nonfinite(std::size_t step, std::int64_t batch, const float* samples,
                                  const RunState& state) {
  Built built = build(Purpose::Train, batch);
  const BuiltStep& which = built.steps[step];
  const auto trace = [&](std::span<const Value> updates) {
    Program program(*built.graph, std::span(&which.objective, 1), updates, arena_, {.trace = true});
    program.feed("input", samples);
    return program.find_nonfinite(state);
  };
  const std::string found = trace({});
  // Backward only when forward is well: a trace keeps every value.
  return found.empty() ? trace(updates_of(which)) : found;
}

std::vector<Value> Model::updates_of(const BuiltStep& step) {
  return write_updates(step.objective, step.moved, store_,
                       {step.name, setup_.optimizer, setup_.clip, setup_.steps_per_epoch});
}

Program& Model::program(Purpose purpose, std::int64_t batch) {
  auto& program = programs_[{purpose, batch}];
  if (program != nullptr) return *program;
  Built built = build(purpose, batch);
  std::vector<Value> fetches;
  if (purpose == Purpose::Evaluate) {
    evaluated_names_.clear();
    for (std::size_t i = 0; i < built.steps.size(); ++i) {
      fetches.push_back(built.steps[i].objective);
      evaluated_names_.push_back(i == 0 ? "loss" : built.steps[i].name);
      for (const TrainStep::Part& part : built.steps[i].parts) {
        fetches.push_back(part.value);
        evaluated_names_.push_back(part.name);
      }
    }
  } else if (purpose == Purpose::Encode) {
    fetches.push_back(built.builder->code());
  } else {
    fetches.push_back(built.builder->reconstruction());
  }
  program = std::make_unique<Program>(*built.graph, fetches, std::span<const Value>(), arena_);
  return *program;
}

std::unique_ptr<Graph> Model::graph(Purpose purpose, std::int64_t batch) {
  Built built = build(purpose, batch);
  built.builder.reset();
  return std::move(built.graph);
}

void Model::run_over(Purpose purpose, const Source& source, std::uint32_t split,
                     const BatchResult& result) {
  SequentialReader reader(source, kEvaluationBatch);
  while (const Batch* batch = reader.next()) {
    Program& program = this->program(purpose, batch->size);
    program.feed("input", batch->samples);
    RunState state{.seed = setup_.seed, .training = false, .split = split};
    state.samples = batch->indices;
    program.run(state);
    result(batch->indices, batch->samples, program.fetched(0).data());
  }
}

NamedNumbers Model::evaluate(const Source& source, std::uint32_t split) {
  std::vector<double> sums;
  std::int64_t samples = 0;
  run_over(Purpose::Evaluate, source, split,
           [&](std::span<const std::uint32_t> indices, const float*, const float*) {
             const auto count = static_cast<std::int64_t>(indices.size());
             Program& program = this->program(Purpose::Evaluate, count);
             sums.resize(evaluated_names_.size(), 0.0);
             for (std::size_t i = 0; i < sums.size(); ++i) {
               sums[i] += static_cast<double>(program.fetched(static_cast<int>(i))[0]) *
                          static_cast<double>(count);
             }
             samples += count;
           });
  NamedNumbers result;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    result.emplace_back(evaluated_names_[i], sums[i] / static_cast<double>(samples));
  }
  return result;
}

void Model::encode(const Source& source, std::uint32_t split, const BatchResult& result) {
  run_over(Purpose::Encode, source, split, result);
}

void Model::reconstruct(const Source& source, std::uint32_t split, const BatchResult& result) {
  run_over(Purpose::Reconstruct, source, split, result);
}

Tensor Model::decode(const Tensor& codes) {
  const std::int64_t count = codes.shape()[0];
  Shape shape{count};
  for (std::int64_t extent : setup_.data.sample_shape) shape = shape.appended(extent);
  Tensor samples(shape);
  const std::int64_t code_size = code_shape().size(), sample_size = setup_.data.sample_shape.size();
  for (std::int64_t first = 0; first < count; first += kEvaluationBatch) {
    const std::int64_t batch = std::min(kEvaluationBatch, count - first);
    Program& program = this->program(Purpose::Decode, batch);
    program.feed("code", codes.floats().data() + first * code_size);
    program.run({.seed = setup_.seed, .training = false});
    const auto result = program.fetched(0);
    std::copy(result.begin(), result.end(), samples.floats().begin() + first * sample_size);
  }
  return samples;
}

const Shape& Model::code_shape() {
  if (!code_shape_) build(Purpose::Encode, 1);
  return *code_shape_;
}

std::int64_t Model::parameter_count() {
  code_shape();  // writes the graph once, and so makes every parameter
  std::int64_t count = 0;
  for (const auto& variable : store_.all()) {
    if (variable->kind() == Variable::Kind::Parameter) count += variable->shape().size();
  }
  return count;
}

std::vector<std::string> Model::warnings() const {
  std::vector<std::string> all;
  const auto take = [&](const Program& program) {
    for (std::string& warning : program.warnings()) {
      if (std::ranges::find(all, warning) == all.end()) all.push_back(std::move(warning));
    }
  };
  visit_programs(take);
  return all;
}

ModelMemory Model::memory() const {
  ModelMemory memory;
  memory.variables = store_.bytes();
  memory.arena = arena_.bytes() == 0 ? 0 : allocated_bytes(arena_.bytes());
  visit_programs([&](const Program& program) {
    const MemoryReport report = program.memory();
    memory.constants += report.constants;
    memory.code += report.code;
    memory.kernels += report.kernels;
  });
  return memory;
}

void Model::visit_programs(const std::function<void(const Program&)>& visit) const {
  for (const auto& [batch, programs] : train_) {
    for (const TrainProgram& each : programs) visit(each.program);
  }
  for (const auto& [key, program] : programs_) {
    if (program != nullptr) visit(*program);
  }
}

}  // namespace hourglass
