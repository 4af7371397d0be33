#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/leaves.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/plugin/model.hpp>

#include <algorithm>
#include <new>
#include <numeric>
#include <set>

namespace hourglass {

/// A batch that serves where its size does not matter: one sample alone cannot be normalised by
/// what the batch has.
static constexpr std::int64_t kAnyBatch = 2;

struct Model::BuiltStep {
  const TrainStep* declared;
  Value objective;  // penalties included
  std::vector<TrainStep::Part> parts;
  std::vector<Variable*> moved;
  OptimizerOptions optimizer;
  std::vector<TrainStep::Assignment> assignments;  // the variant's, and those of its layers
};

/// A graph with what the variant declared in it.
struct Model::Built {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::unique_ptr<ModelBuilder> builder;
  std::vector<BuiltStep> steps;
};

namespace {

/// Whether any of `values` is computed with a node of which `is_meant` holds.
template <class Predicate>
bool are_made_with(const Graph& graph, const std::vector<Value>& values, Predicate&& is_meant) {
  std::vector<bool> needed(graph.nodes().size(), false);
  for (const Value& value : values) needed[graph.node_index(value.id())] = true;
  for (std::size_t i = needed.size(); i-- > 0;) {
    if (!needed[i]) continue;
    if (is_meant(i)) return true;
    for (const int id : graph.nodes()[i].inputs) needed[graph.node_index(id)] = true;
  }
  return false;
}

/// Whether any of `values` is computed from the input `name`.
bool reads_input(const Graph& graph, const std::vector<Value>& values, std::string_view name) {
  return are_made_with(graph, values, [&](std::size_t node) {
    const auto* input = as<InputLeaf>(*graph.nodes()[node].operation);
    return input != nullptr && input->label() == name;
  });
}

template <class Hook>
void check_hooks(const ModelBuilder::Hooks<Hook>& hooks, const VariableStore& store,
                 const char* what) {
  for (const auto& [path, hook] : hooks) {
    const Variable* variable = store.find(path);
    if (variable == nullptr || variable->kind() != Variable::Kind::Parameter) {
      throw Error(text(what, " names \"", path, "\", which is no parameter of the model"));
    }
  }
}

/// What a hook has made of a parameter's value or gradient.
Value same_shape(Value value, const Variable& parameter, const char* what) {
  if (value.shape() == parameter.shape()) return value;
  throw ShapeError(text(what, " gave \"", parameter.path(), "\" the shape ",
                        value.shape().to_text(), "; it has ", parameter.shape().to_text()));
}

void check_prefixes(const TrainStep& step, const VariableStore& store) {
  for (const std::string& prefix : step.prefixes()) {
    const bool any = std::ranges::any_of(store.all(), [&](const auto& variable) {
      return variable->kind() == Variable::Kind::Parameter && names_part(prefix, variable->path());
    });
    // What an experiment's lists of layers name may be without any parameter.
    if (!any && prefix != "encoder" && prefix != "decoder") {
      throw Error(text("train step \"", step.name(), "\" moves \"", prefix,
                       "\", which is no parameter of the model"));
    }
  }
}

/// Each state moves once: in one train step, by one assignment.
void check_assignments(const ModelBuilder& builder) {
  std::map<const Variable*, std::string> owners;
  for (const auto& step : builder.train_steps()) {
    for (const TrainStep::Assignment& each : step->assignments()) {
      const auto [owner, fresh] = owners.emplace(each.state, step->name());
      if (fresh) continue;
      throw Error(text("the state \"", each.state->path(), "\" is assigned twice, by train step \"",
                       owner->second, "\" and by \"", step->name(), "\"; it moves once a batch"));
    }
  }
}

/// What metrics are told apart by.
void check_names(const std::vector<TrainStepTraits>& steps) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::vector<std::string> own = steps[i].parts;
    own.push_back(i == 0 ? "loss" : steps[i].name);
    for (const std::string& name : own) {
      if (names.insert(name).second) continue;
      throw Error(text("the train steps have two numbers called \"", name,
                       "\": their names and those of their parts must differ, and \"loss\" is the "
                       "first step's objective"));
    }
  }
}

/// That a train step has the parts that it was first declared with.
void check_parts(const std::vector<TrainStep::Part>& parts, const TrainStepTraits& step) {
  std::vector<std::string> names;
  for (const TrainStep::Part& part : parts) names.push_back(part.name);
  if (names == step.parts) return;
  throw Error(text("the variant's build is not pure: the train step \"", step.name,
                   "\" has had the parts (", config::joined(step.parts), "), and now (",
                   config::joined(names),
                   "); training and evaluation need the same, in the same order"));
}

/// What the penalty of the experiment's optimiser is called among the parts of a train step: a name
/// that the variant has not given to anything of its own.
std::string penalty_name(const ModelBuilder& builder) {
  std::set<std::string> taken;
  for (const auto& step : builder.train_steps()) {
    taken.insert(step->name());
    for (const TrainStep::Part& part : step->parts()) taken.insert(part.name);
  }
  const auto is_taken = [&](const std::string& name) {
    return taken.contains(name) ||
           std::ranges::any_of(builder.train_steps(), [&](const auto& step) {
             return taken.contains(step->name() + "_" + name);
           });
  };
  std::string name = "penalty";
  while (is_taken(name)) name = "weight_" + name;
  return name;
}

}  // namespace

Model::Model(ModelSetup setup) : setup_(std::move(setup)) {}
Model::~Model() = default;

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

namespace {

const char* words_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::Train: return "training";
    case Purpose::Evaluate: return "evaluation";
    case Purpose::Reconstruct: return "reconstruction";
    case Purpose::Denoise: return "denoising";
    case Purpose::Encode: return "encoding";
    case Purpose::Decode: return "decoding";
    case Purpose::Generate: return "generation";
    case Purpose::Draw: return "draws from the prior";
    case Purpose::Elbo: return "the evidence lower bound";
    case Purpose::LogWeight: return "importance weights";
  }
  return "";
}

/// Calls the variant's build. Of what goes wrong there, it is told what was being built.
void build_variant(BoundVariant& variant, ModelBuilder& builder, Purpose purpose,
                   std::int64_t batch) {
  const auto where = [&] {
    return text("in the variant's build for ", words_for(purpose), ", with a batch of ", batch);
  };
  try {
    variant.build(builder);
  } catch (const ShapeError& error) {
    throw ShapeError(text(where(), ": ", error.what()));
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(text(where(), ": ", error.what()));
  }
}

}  // namespace

Model::Built Model::build(Purpose purpose, std::int64_t batch, std::size_t number) {
  Built built;
  ModelBuilder::Setting setting{purpose, batch, setup_.seed, 1, setup_.corruption};
  if (purpose == Purpose::LogWeight) setting.draws = static_cast<std::int64_t>(number);
  setting.steps_per_epoch = steps_per_epoch(purpose == Purpose::LogWeight ? 0 : number);
  built.builder = std::make_unique<ModelBuilder>(*built.graph, store_, setup_.options.architecture,
                                                 setup_.data, setting);
  ModelBuilder& builder = *built.builder;
  build_variant(*setup_.options.variant, builder, purpose, batch);
  if (!builder.code()) throw Error("the variant has no code: its build never calls model.latent");
  if (!builder.reconstruction()) {
    throw Error("the variant has no reconstruction: its build never calls model.reconstruction");
  }
  code_shape_ = builder.code().shape().without(0);
  traits_ = {static_cast<bool>(builder.elbo().kl),
             static_cast<bool>(builder.log_weight()),
             builder.prior() ? builder.prior()->name() : "",
             builder.has_likelihood() ? builder.likelihood().name() : "",
             builder.has_likelihood() && builder.likelihood().is_proper(),
             builder.has_sparse_code(),
             builder.classes_of_code(),
             builder.best_by()};
  if (traits_.likelihood.empty() &&
      !std::holds_alternative<AutoLikelihood>(setup_.options.architecture.likelihood)) {
    throw OptionError("model.likelihood",
                      "is not for this variant, which models no likelihood: leave it out");
  }
  const std::string extra_name = penalty_name(builder);
  for (const auto& step : builder.train_steps()) {
    if (!step->objective())
      throw Error(text("train step \"", step->name(), "\" minimises nothing"));
    check_prefixes(*step, store_);
    BuiltStep each{step.get(),
                   step->objective(),
                   step->parts(),
                   moved(step->prefixes()),
                   step->optimizer().value_or(setup_.optimizer),
                   step->assignments()};
    if (const Value extra = penalty(*built.graph, each.moved, each.optimizer)) {
      each.objective = each.objective + extra;
      each.parts.push_back(
          {built.steps.empty() ? extra_name : step->name() + "_" + extra_name, extra});
    }
    built.steps.push_back(std::move(each));
  }
  if (built.steps.empty()) throw Error("the variant has no train step");
  check_assignments(builder);
  share_moves(built);
  check_hooks(builder.update_hooks(), store_, "after_update");
  check_hooks(builder.gradient_hooks(), store_, "project_gradient");
  check_hooks(builder.initialisers(), store_, "initialise");
  if (steps_.empty()) note_steps(built);
  if (built.steps.size() != steps_.size()) {
    throw Error(text("the variant's build is not pure: it has declared ", steps_.size(),
                     " train steps, and now ", built.steps.size()));
  }
  // Evaluations are given their names by training.
  if (purpose == Purpose::Train || purpose == Purpose::Evaluate) {
    for (std::size_t i = 0; i < steps_.size(); ++i) check_parts(built.steps[i].parts, steps_[i]);
  }
  return built;
}

/// A state of a layer moves once a batch: in the first train step that runs the layer, and where a
/// step runs it several times, by the first of these.
void Model::share_moves(Built& built) {
  const Graph& graph = *built.graph;
  std::set<const Variable*> moved;
  for (const BuiltStep& step : built.steps) {
    for (const TrainStep::Assignment& each : step.assignments) moved.insert(each.state);
  }
  for (BuiltStep& step : built.steps) {
    for (const StateMove& move : built.builder->state_moves()) {
      const auto source = static_cast<std::size_t>(graph.node_index(move.source.id()));
      const auto is_source = [&](std::size_t node) { return node == source; };
      if (moved.contains(move.state) || !are_made_with(graph, {step.objective}, is_source)) {
        continue;
      }
      moved.insert(move.state);
      step.assignments.push_back({move.state, move.value});
    }
  }
}

double Model::steps_per_epoch(std::size_t number) const {
  // A step that runs on each n-th batch comes to an epoch's end in fewer of its own steps.
  const std::int64_t every = steps_.empty() ? 1 : steps_[number].every;
  return static_cast<double>(setup_.steps_per_epoch) / static_cast<double>(every);
}

void Model::note_steps(const Built& built) {
  std::vector<TrainStepTraits> steps;
  std::map<Stream, const TrainStep*> sizes;  // who has given a stream its batch size
  for (const BuiltStep& step : built.steps) {
    const TrainStep& declared = *step.declared;
    std::vector<Value> values{step.objective};
    TrainStepTraits traits{
        declared.name(), {}, declared.stream(), declared.batch(), declared.every()};
    for (const TrainStep::Part& part : step.parts) {
      traits.parts.push_back(part.name);
      values.push_back(part.value);
    }
    for (const TrainStep::Assignment& each : declared.assignments()) values.push_back(each.value);
    traits.reads_labels = reads_input(*built.graph, values, ModelBuilder::kLabels);
    const TrainStep& first = *sizes.emplace(traits.stream, &declared).first->second;
    if (first.batch() != traits.batch) {
      throw Error(text("the train steps \"", first.name(), "\" and \"", traits.name,
                       "\" read the stream ", name_of(traits.stream), " in batches of ",
                       first.batch(), " and ", traits.batch, "; a stream has one size (0: train.",
                       "batch)"));
    }
    steps.push_back(std::move(traits));
  }
  check_names(steps);
  steps_ = std::move(steps);
}

const std::vector<TrainStepTraits>& Model::steps() {
  if (steps_.empty()) build(Purpose::Train, kAnyBatch);
  return steps_;
}

void Model::set_counts(std::span<const std::int64_t> counts) {
  counts_.assign(counts.begin(), counts.end());
}

/// The updates of a train step, written into its graph, hooks and assignments included.
std::vector<Value> Model::updates_of(const Built& built, std::size_t number) {
  const BuiltStep& step = built.steps[number];
  const ModelBuilder& builder = *built.builder;
  Graph& graph = *built.graph;
  UpdateOptions options{step.declared->name(), step.optimizer, setup_.clip,
                        steps_per_epoch(number)};
  if (!builder.gradient_hooks().empty()) {
    options.on_gradient = [&](Variable& parameter, Value gradient) {
      for (const auto& [path, hook] : builder.gradient_hooks()) {
        if (path == parameter.path()) {
          gradient =
              same_shape(hook(graph.variable(parameter), gradient), parameter, "project_gradient");
        }
      }
      return gradient;
    };
  }
  if (!builder.update_hooks().empty()) {
    options.on_update = [&](Variable& parameter, Value value) {
      for (const auto& [path, hook] : builder.update_hooks()) {
        if (path == parameter.path()) value = same_shape(hook(value), parameter, "after_update");
      }
      return value;
    };
  }
  std::vector<Value> updates = write_updates(step.objective, step.moved, store_, options);
  for (const TrainStep::Assignment& each : step.assignments) {
    updates.push_back(graph.assign(*each.state, each.value));
  }
  return updates;
}

TrainProgram Model::compile_step(std::size_t number, std::int64_t batch) {
  const Built built = build(Purpose::Train, batch, number);
  const BuiltStep& step = built.steps[number];
  std::vector<Value> fetches{step.objective};
  for (const TrainStep::Part& part : step.parts) fetches.push_back(part.value);
  return {
      number, batch, step.declared->name(), steps_[number].parts,
      Program(*built.graph, fetches, updates_of(built, number), arena_, {.guard = step.objective})};
}

std::vector<TrainProgram>& Model::train(std::int64_t batch, Stream stream) {
  const auto found = train_.find({stream, batch});
  if (found != train_.end()) return found->second;
  std::vector<TrainProgram> programs;
  for (std::size_t i = 0; i < steps().size(); ++i) {
    if (steps_[i].stream == stream) programs.push_back(compile_step(i, batch));
  }
  first_trained_.emplace(stream, batch);
  return train_.emplace(std::pair(stream, batch), std::move(programs)).first->second;
}

std::vector<const TrainProgram*> Model::trained() const {
  std::vector<const TrainProgram*> programs;
  for (const auto& [stream, batch] : first_trained_) {
    for (const TrainProgram& each : train_.at({stream, batch})) programs.push_back(&each);
  }
  return programs;
}

std::string Model::find_nonfinite(std::size_t step, std::int64_t batch, const float* samples,
                                  const RunState& state, const float* labels) {
  Built built = build(Purpose::Train, batch, step);
  const Value objective = built.steps[step].objective;
  const auto trace = [&](std::span<const Value> updates) {
    Program program(*built.graph, std::span(&objective, 1), updates, arena_, {.trace = true});
    program.feed("input", samples);
    if (labels != nullptr) program.feed(ModelBuilder::kLabels, labels);
    return program.find_nonfinite(state);
  };
  const std::string found = trace({});
  // Backward only when forward is well: a trace keeps every value.
  return found.empty() ? trace(updates_of(built, step)) : found;
}

void Model::initialise(const Source& train) {
  const Built built = build(Purpose::Train, kAnyBatch);
  const StartingPoint start(train, store_, setup_.seed);
  for (const auto& [path, initialiser] : built.builder->initialisers()) {
    Variable& parameter = *store_.find(path);
    const Tensor value = initialiser(start);
    if (value.dtype() != DType::F32 || value.shape().size() != parameter.shape().size()) {
      throw ShapeError(text("the initial value of \"", path, "\" has shape ",
                            value.shape().to_text(), ", the parameter has ",
                            parameter.shape().to_text()));
    }
    parameter.write(value.reshaped(parameter.shape()));
  }
}

Program& Model::program(Purpose purpose, std::int64_t batch, std::size_t step) {
  auto& program = programs_[{purpose, batch, step}];
  if (program != nullptr) return *program;
  steps();  // what the graph depends on
  Built built = build(purpose, batch, step);
  std::vector<Value> fetches;
  if (purpose == Purpose::Evaluate) {
    fetches.push_back(built.steps[step].objective);
    for (const TrainStep::Part& part : built.steps[step].parts) fetches.push_back(part.value);
  } else if (purpose == Purpose::Encode) {
    fetches.push_back(built.builder->code());
  } else if (purpose == Purpose::Elbo) {
    if (!traits_.has_elbo) throw Error("this variant declares no evidence lower bound");
    fetches.push_back(built.builder->elbo().negative_log_likelihood);
    fetches.push_back(built.builder->elbo().kl);
  } else if (purpose == Purpose::LogWeight) {
    if (!traits_.has_log_weight) throw Error("this variant declares no importance weights");
    fetches.push_back(built.builder->log_weight());
  } else {
    if (purpose != Purpose::Draw) fetches.push_back(built.builder->reconstruction());
    if (purpose == Purpose::Generate || purpose == Purpose::Draw) {
      if (traits_.prior.empty()) throw Error("this variant has no prior to draw codes from");
      fetches.push_back(built.builder->code());
    }
    if (purpose == Purpose::Denoise) fetches.push_back(built.builder->input());
  }
  program = std::make_unique<Program>(*built.graph, fetches, std::span<const Value>(), arena_);
  return *program;
}

void Model::compile(Purpose purpose, std::int64_t samples, std::size_t step) {
  if (samples >= kEvaluationBatch) program(purpose, kEvaluationBatch, step);
  if (samples % kEvaluationBatch > 0) program(purpose, samples % kEvaluationBatch, step);
}

/// Whether every single sample has the label that a train step reads, if it reads any.
bool Model::can_evaluate(const TrainStepTraits& step, const Source& source) const {
  return !step.reads_labels ||
         std::ssize(source.labels().labelled(setup_.data.classes)) == source.size();
}

void Model::compile_evaluation(const Source& source) {
  for (std::size_t i = 0; i < steps().size(); ++i) {
    if (can_evaluate(steps_[i], source)) compile(Purpose::Evaluate, source.size(), i);
  }
}

std::unique_ptr<Graph> Model::graph(Purpose purpose, std::int64_t batch) {
  Built built = build(purpose, batch);
  built.builder.reset();
  return std::move(built.graph);
}

void Model::run_over(
    Purpose purpose, std::size_t step, const Source& source, std::uint32_t split,
    const std::function<void(const Batch& batch, const Program& program)>& result) {
  if (source.size() == 0) return;
  const std::int64_t most = std::min(kEvaluationBatch, source.size());
  const bool labels = program(purpose, most, step).needs(ModelBuilder::kLabels);
  RunState state{.seed = setup_.seed, .training = false, .split = split};
  if (step < counts_.size()) state.step = counts_[step];
  SequentialReader reader(source, kEvaluationBatch, labels ? setup_.data.classes : 0);
  std::vector<std::uint32_t> numbers;
  while (const Batch* batch = reader.next()) {
    Program& program = this->program(purpose, batch->size, step);
    program.feed("input", batch->samples);
    if (labels) program.feed(ModelBuilder::kLabels, batch->labels);
    numbers.resize(batch->indices.size());
    std::ranges::transform(batch->indices, numbers.begin(),
                           [&](std::uint32_t index) { return source.number(index); });
    state.samples = numbers;
    program.run(state);
    result(*batch, program);
  }
}

NamedNumbers Model::evaluate(const Source& source, std::uint32_t split) {
  NamedNumbers result;
  for (std::size_t i = 0; i < steps().size() && source.size() > 0; ++i) {
    const TrainStepTraits& step = steps_[i];
    if (!can_evaluate(step, source)) continue;
    std::vector<double> sums(step.parts.size() + 1, 0.0);
    run_over(Purpose::Evaluate, i, source, split, [&](const Batch& batch, const Program& program) {
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sums[k] += static_cast<double>(program.fetched(static_cast<int>(k))[0]) *
                   static_cast<double>(batch.size);
      }
    });
    const auto samples = static_cast<double>(source.size());
    result.emplace_back(i == 0 ? "loss" : step.name, sums[0] / samples);
    for (std::size_t k = 1; k < sums.size(); ++k) {
      result.emplace_back(step.parts[k - 1], sums[k] / samples);
    }
  }
  return result;
}

void Model::encode(const Source& source, std::uint32_t split, const BatchResult& result) {
  give(Purpose::Encode, source, split, result);
}

void Model::reconstruct(const Source& source, std::uint32_t split, const BatchResult& result) {
  give(Purpose::Reconstruct, source, split, result);
}

void Model::give(Purpose purpose, const Source& source, std::uint32_t split,
                 const BatchResult& result) {
  run_over(purpose, 0, source, split, [&](const Batch& batch, const Program& program) {
    result(batch.indices, batch.samples, program.fetched(0).data());
  });
}

void Model::denoise(const Source& source, std::uint32_t split, const DenoisedBatch& result) {
  run_over(Purpose::Denoise, 0, source, split, [&](const Batch& batch, const Program& program) {
    result(batch.indices, batch.samples, program.fetched(1).data(), program.fetched(0).data());
  });
}

void Model::elbo(const Source& source, std::uint32_t split, const ElboBatch& result) {
  run_over(Purpose::Elbo, 0, source, split, [&](const Batch& batch, const Program& program) {
    result(batch.indices, program.fetched(0).data(), program.fetched(1).data());
  });
}

namespace {

/// How `draws` codes of each sample are gone through: as many rows at a time as other programs
/// take.
struct DrawPlan {
  explicit DrawPlan(std::int64_t draws)
      : draws(draws),
        at_a_time(std::min<std::int64_t>(draws, 50)),
        samples(Model::kEvaluationBatch / at_a_time) {}
  std::int64_t draws;
  std::int64_t at_a_time;
  std::int64_t samples;  // in a batch

  void visit(const std::function<void(std::int64_t first, std::int64_t count)>& visit) const {
    for (std::int64_t first = 0; first < draws; first += at_a_time) {
      visit(first, std::min(at_a_time, draws - first));
    }
  }
};

}  // namespace

void Model::compile_log_weights(std::int64_t samples, std::int64_t draws) {
  const DrawPlan plan(draws);
  for (const std::int64_t batch : {std::min(plan.samples, samples), samples % plan.samples}) {
    if (batch == 0) continue;
    plan.visit([&](std::int64_t, std::int64_t count) {
      program(Purpose::LogWeight, batch, static_cast<std::size_t>(count));
    });
  }
}

void Model::log_weights(const Source& source, std::uint32_t split, std::int64_t draws,
                        const WeightBatch& result) {
  if (source.size() == 0 || draws == 0) return;
  const DrawPlan plan(draws);
  const std::int64_t most = std::min(plan.samples, source.size());
  const bool labels = program(Purpose::LogWeight, most, static_cast<std::size_t>(plan.at_a_time))
                          .needs(ModelBuilder::kLabels);
  RunState state{.seed = setup_.seed, .training = false, .split = split};
  if (!counts_.empty()) state.step = counts_.front();
  SequentialReader reader(source, plan.samples, labels ? setup_.data.classes : 0);
  std::vector<std::uint32_t> numbers;
  while (const Batch* batch = reader.next()) {
    numbers.resize(batch->indices.size());
    std::ranges::transform(batch->indices, numbers.begin(),
                           [&](std::uint32_t index) { return source.number(index); });
    state.samples = numbers;
    plan.visit([&](std::int64_t first, std::int64_t count) {
      Program& program =
          this->program(Purpose::LogWeight, batch->size, static_cast<std::size_t>(count));
      program.feed("input", batch->samples);
      if (labels) program.feed(ModelBuilder::kLabels, batch->labels);
      state.draw = static_cast<std::uint32_t>(first);
      program.run(state);
      result(batch->indices, program.fetched(0));
    });
  }
}

void Model::run_numbered(
    Purpose purpose, std::size_t step, std::int64_t count,
    const std::function<void(Program& program, std::int64_t first)>& feed,
    const std::function<void(const Program& program, std::int64_t first)>& result) {
  // Each code is a sample of its own: its noise goes by its number, not by its place in a batch.
  std::vector<std::uint32_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0u);
  RunState state{.seed = setup_.seed, .training = false};
  if (!counts_.empty()) state.step = counts_.front();
  for (std::int64_t first = 0; first < count; first += kEvaluationBatch) {
    const std::int64_t batch = std::min(kEvaluationBatch, count - first);
    Program& program = this->program(purpose, batch, step);
    if (program.needs(ModelBuilder::kLabels)) {
      throw Error("this variant decodes a code together with labels, so codes alone cannot be");
    }
    feed(program, first);
    state.samples = std::span(numbers).subspan(static_cast<std::size_t>(first),
                                               static_cast<std::size_t>(batch));
    program.run(state);
    result(program, first);
  }
}

Tensor Model::decode(const Tensor& codes) {
  Tensor samples(setup_.data.sample_shape.prepended(codes.shape()[0]));
  const std::int64_t size = setup_.data.sample_shape.size();
  float* out = samples.floats().data();
  decode(codes, [&](const float* batch, std::int64_t count) {
    out = std::copy_n(batch, count * size, out);
  });
  return samples;
}

void Model::decode(const Tensor& codes, const DecodedBatch& result) {
  const std::int64_t code_size = code_shape().size(), sample_size = setup_.data.sample_shape.size();
  run_numbered(
      Purpose::Decode, 0, codes.shape()[0],
      [&](Program& program, std::int64_t first) {
        program.feed("code", codes.floats().data() + first * code_size);
      },
      [&](const Program& program, std::int64_t) {
        const std::span<const float> samples = program.fetched(0);
        result(samples.data(), std::ssize(samples) / sample_size);
      });
}

Model::Generated Model::generate(std::int64_t count) {
  Generated made{Tensor(code_shape().prepended(count)),
                 Tensor(setup_.data.sample_shape.prepended(count))};
  const std::int64_t code_size = code_shape().size(), sample_size = setup_.data.sample_shape.size();
  run_numbered(
      Purpose::Generate, 0, count, [](Program&, std::int64_t) {},
      [&](const Program& program, std::int64_t first) {
        std::ranges::copy(program.fetched(0), made.samples.floats().begin() + first * sample_size);
        std::ranges::copy(program.fetched(1), made.codes.floats().begin() + first * code_size);
      });
  return made;
}

Tensor Model::draw_codes(std::int64_t count) {
  Tensor codes(code_shape().prepended(count));
  const std::int64_t code_size = code_shape().size();
  run_numbered(
      Purpose::Draw, 0, count, [](Program&, std::int64_t) {},
      [&](const Program& program, std::int64_t first) {
        std::ranges::copy(program.fetched(0), codes.floats().begin() + first * code_size);
      });
  return codes;
}

bool Model::decoder_reads_labels() {
  const Built built = build(Purpose::Decode, kAnyBatch);
  return reads_input(*built.graph, {built.builder->reconstruction()}, ModelBuilder::kLabels);
}

const Model::Traits& Model::traits() {
  steps();
  return traits_;
}

const Shape& Model::code_shape() {
  if (!code_shape_) steps();
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

std::set<std::string> Model::implementations() const {
  std::set<std::string> names;
  for (const TrainProgram* each : trained()) {
    for (const StepReport& step : each->program.steps()) names.insert(step.implementation);
  }
  return names;
}

std::vector<CompiledProgram> Model::compiled() const {
  std::vector<CompiledProgram> all;
  for (const auto& [key, program] : programs_) {
    const auto& [purpose, batch, step] = key;
    if (program != nullptr) all.push_back({purpose, step, batch, *program});
  }
  std::ranges::sort(all, {}, [](const CompiledProgram& each) {
    return std::tuple(each.purpose, each.step, each.batch);
  });
  return all;
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
    if (report.arena > memory.largest.arena) memory.largest = report;
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
